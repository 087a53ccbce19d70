/** Bringing a database back from a backup, with everybody erased since taken out again before anything else may start. */
import { checkErasures, summarizeErasures } from '#app/flows/continuity/check-erasures.ts';
import { reapplyErasures } from '#app/flows/continuity/reapply-erasures.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { openRecords } from '#app/flows/system/open-records.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';
import { listBackups, type Manifest } from '#prisma/continuity/manifest.ts';
import { markRecovered } from '#prisma/continuity/mark-recovered.ts';
import { finishRestore, holdRestoreLock, restoreBackup, RestoreRefused } from '#prisma/continuity/restore-backup.ts';
import { type Verdict, verifyShops } from '#workers/shops.ts';

const connectionsMax = 2;

export type Recovery = { url: string; directory: string; manifest: Manifest; isForced: boolean };
export type Erased = { erasedAgain: number; erasures: Verdict; eraseMs: number };
export type Recovered = Erased & { restoreMs: number };

/**
 * Restores, erases again, and gives the database free. Killed at any moment it leaves a database that nothing starts on;
 * repeating it begins anew. Throws `RestoreRefused` and `BrokenFile` as `restoreBackup` does.
 */
export async function recover({ url, directory, manifest, isForced }: Recovery): Promise<Recovered> {
  await checkKeptErasures(directory, manifest);
  const release = await holdRestoreLock(url);
  try {
    const startedAt = performance.now();
    await restoreBackup(url, directory, { manifest, isForced });
    const restoreMs = Math.round(performance.now() - startedAt);
    return { ...(await eraseAgain(url, new Date(manifest.takenAt))), restoreMs };
  } finally {
    await release();
  }
}

/**
 * For a database that was brought back to `takenAt` by other means, such as a provider's point-in-time restore: erases again
 * whoever was erased since, and has every phone fetch its cards. Safe to repeat.
 */
export async function reconcile(url: string, directory: string, takenAt: Date): Promise<Erased> {
  const [newest] = (await listBackups(directory)).backups;
  if (newest !== undefined) await checkKeptErasures(directory, newest);
  const release = await holdRestoreLock(url);
  try {
    await markRecovered(url);
    return await eraseAgain(url, takenAt);
  } finally {
    await release();
  }
}

async function eraseAgain(url: string, takenAt: Date): Promise<Erased> {
  const startedAt = performance.now();
  // Opened as a process would be: what was signed with earlier keys counts by the word the database kept for them.
  const system = await openSystem({ databaseUrl: url, role: 'stampwell_worker', connectionsMax });
  try {
    const reopened = await reapplyErasures({ takenAt });
    for (const { shopId, caseId } of reopened) await processCase({ shopId, caseId, reach: 'own-records' });
    const erasures = await checkErasures();
    if (erasures.firstBad !== null)
      throw new RestoreRefused(
        `Somebody erased by case ${erasures.firstBad.caseId} is still there; the database stays closed`,
      );
    await finishRestore(url);
    return { erasedAgain: reopened.length, erasures, eraseMs: Math.round(performance.now() - startedAt) };
  } finally {
    await system.close();
  }
}

/** What the newest backup saw kept must still be kept: whoever is missing there would come back. */
async function checkKeptErasures(directory: string, manifest: Manifest): Promise<void> {
  const newest = (await listBackups(directory)).backups[0] ?? manifest;
  const kept = await summarizeErasures();
  const isSame = kept.count > newest.erasures.count || kept.fingerprint === newest.erasures.fingerprint;
  if (kept.count < newest.erasures.count || !isSame)
    throw new RestoreRefused(
      `Of ${newest.erasures.count} erasures kept outside the database ${kept.count} are at hand. Bring ERASURE_DIRECTORY back first`,
    );
}

/** Everything that must add up in a database that was brought back. */
export async function verifyRecovered(url: string): Promise<Record<'ledger' | 'audit' | 'consent', Verdict>> {
  const records = openRecords({ databaseUrl: url });
  const publicKeys = evidencePublicKeys();
  try {
    return {
      ledger: await verifyShops(async (shopId) => {
        const { checked, imbalances } = await verifyBalances({ shopId });
        return { checked, firstBad: imbalances[0] ?? null };
      }, null),
      audit: await verifyShops((shopId) => verifyChain({ shopId, chain: 'audit', publicKeys }), null),
      consent: await verifyShops((shopId) => verifyChain({ shopId, chain: 'consent', publicKeys }), null),
    };
  } finally {
    await records.close();
  }
}
