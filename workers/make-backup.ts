/** One backup as operators want it: erasures kept outside first, too old ones deleted last. */
import { summarizeErasures } from '#app/flows/continuity/check-erasures.ts';
import { keepEarlierErasures } from '#app/flows/continuity/keep-earlier-erasures.ts';
import { openRecords } from '#app/flows/system/open-records.ts';
import { env } from '#app/lib/env.ts';
import { type Manifest, pruneBackups } from '#prisma/continuity/manifest.ts';
import { isBeingRestored } from '#prisma/continuity/restore-backup.ts';
import { writeBackup } from '#prisma/continuity/write-backup.ts';
import { visitShops } from '#workers/shops.ts';

const dayMs = 86_400_000;

/** Makes a backup and answers its manifest and the ids of those that were too old. */
export async function makeBackup(url: string, directory: string): Promise<{ manifest: Manifest; deleted: string[] }> {
  if (await isBeingRestored(url))
    throw new Error('A restore into this database has not ended: there is nothing to back up');
  const records = openRecords({ databaseUrl: url });
  try {
    await visitShops(null, (shopId) => keepEarlierErasures({ shopId }));
  } finally {
    await records.close();
  }
  const manifest = await writeBackup(url, directory, { erasures: await summarizeErasures() });
  const now = new Date();
  const before = new Date(now.getTime() - env().BACKUP_DAYS_MAX * dayMs);
  return { manifest, deleted: await pruneBackups(directory, { before, now }) };
}
