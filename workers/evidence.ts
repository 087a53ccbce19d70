/**
 * `npm run evidence [-- --shop X] [--output F]`: the archive an auditor takes home, of one shop (domain or id) or of all.
 * Its parts list comes from the lockfile, fresh.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { buildEvidencePack } from '#app/flows/continuity/build-evidence-pack.ts';
import { openRecords } from '#app/flows/system/open-records.ts';
import { dataDirectory } from '#app/lib/data-directory.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { runCommand } from '#workers/command.ts';
import { writePartsList } from '#workers/parts-list.ts';
import { visitShops } from '#workers/shops.ts';

await runCommand(async (url) => {
  const { values } = parseArgs({ options: { shop: { type: 'string' }, output: { type: 'string' } } });
  const { parts } = await writePartsList();
  const at = new Date();
  const records = openRecords({ databaseUrl: url });
  try {
    const shopIds: ShopId[] = [];
    await visitShops(values.shop ?? null, async (shopId) => {
      shopIds.push(shopId);
    });
    const pack = await buildEvidencePack({ shopIds, at });
    const name = `evidence-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.zip`;
    const output = path.resolve(values.output ?? path.join(dataDirectory(), name));
    await mkdir(path.dirname(output), { recursive: true });
    await writeFile(output, pack, { mode: 0o600 });
    return { output, bytes: pack.length, shops: shopIds.length, parts };
  } finally {
    await records.close();
  }
});
