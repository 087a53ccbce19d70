/**
 * `npm run drill [-- --directory D]`: makes a backup, restores it into a PostgreSQL of its own, checks ledger, chains and
 * erasures there, and writes a signed report of how much would have been lost (RPO) and how long it took (RTO).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { backupDirectory, dataDirectory } from '#app/lib/data-directory.ts';
import { writeSigned } from '#app/lib/signed-file.ts';
import { listBackups, type Manifest } from '#prisma/continuity/manifest.ts';
import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { settleHome } from '#prisma/postgres-home.ts';
import { runCommand } from '#workers/command.ts';
import { makeBackup } from '#workers/make-backup.ts';
import { recover, verifyRecovered } from '#workers/recover.ts';

const bytesPerGigabyte = 1e9;

/** Restores into a PostgreSQL that is gone afterwards. */
async function rehearse(directory: string, manifest: Manifest) {
  const parent = path.join(dataDirectory(), 'drills');
  await mkdir(parent, { recursive: true });
  const home = await mkdtemp(path.join(parent, 'drill-'));
  const startedAt = performance.now();
  const postgres = await openLocalPostgres({ directory: home });
  const startMs = Math.round(performance.now() - startedAt);
  try {
    const recovered = await recover({ url: postgres.url, directory, manifest, isForced: false });
    const verifyingAt = performance.now();
    const chains = await verifyRecovered(postgres.url);
    const verifyMs = Math.round(performance.now() - verifyingAt);
    return { ...recovered, chains, startMs, verifyMs, rtoSeconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await postgres.close();
    await rm(settleHome(home).directory, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  }
}

await runCommand(async (url) => {
  const { values } = parseArgs({ options: { directory: { type: 'string' } } });
  const directory = values.directory ?? backupDirectory();
  const drilledAt = new Date();
  const previous = (await listBackups(directory)).backups[0];
  const { manifest } = await makeBackup(url, directory);
  // Had the database been lost just before the drill, this much would have been missing.
  const lostFrom = new Date(previous?.takenAt ?? manifest.takenAt);
  const lostTo = previous === undefined ? new Date(manifest.finishedAt) : drilledAt;
  const { chains, erasures, erasedAgain, rtoSeconds, ...steps } = await rehearse(directory, manifest);
  const verified = { ...chains, erasures };
  const report = {
    kind: 'drill-report',
    drilledAt: drilledAt.toISOString(),
    backupId: manifest.backupId,
    databaseBytes: manifest.databaseBytes,
    rows: Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0),
    ledgerFingerprint: manifest.ledger.fingerprint,
    rpoSeconds: Math.max(0, (lostTo.getTime() - lostFrom.getTime()) / 1000),
    rtoSeconds,
    rtoSecondsPerGigabyte: rtoSeconds / (manifest.databaseBytes / bytesPerGigabyte),
    steps,
    erasedAgain,
    verified,
    ok: Object.values(verified).every(({ firstBad }) => firstBad === null),
  };
  const folder = path.join(directory, 'drills');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${manifest.backupId}.drill.json`);
  await writeSigned(file, report);
  return { ...report, report: file };
});
