/**
 * `npm run backup [-- --directory D] [--every minutes] [--list]`: an encrypted, signed backup of the whole database. With
 * `--every` it goes on making one until it is told to stop. `--list` shows the restore points there are.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { backupDirectory } from '#app/lib/data-directory.ts';
import { listBackups } from '#prisma/continuity/manifest.ts';
import { runCommand } from '#workers/command.ts';
import { makeBackup } from '#workers/make-backup.ts';

const options = {
  directory: { type: 'string' },
  every: { type: 'string' },
  list: { type: 'boolean', default: false },
} as const;

async function backUp(url: string, directory: string): Promise<Record<string, unknown>> {
  const startedAt = performance.now();
  const { manifest, deleted } = await makeBackup(url, directory);
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0);
  const { backupId, takenAt, keyId, file, ledger } = manifest;
  const durationMs = Math.round(performance.now() - startedAt);
  return { backupId, takenAt, keyId, bytes: file.bytes, rows, ledgerEntries: ledger.entries, deleted, durationMs };
}

async function backUpForever(url: string, directory: string, everyMinutes: number): Promise<Record<string, unknown>> {
  const stopped = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.abort());
  let count = 0;
  for (;;) {
    process.stdout.write(`${JSON.stringify(await backUp(url, directory))}\n`);
    count += 1;
    await delay(everyMinutes * 60_000, undefined, { signal: stopped.signal }).catch(() => undefined);
    if (stopped.signal.aborted) return { backups: count };
  }
}

await runCommand(async (url) => {
  const { values } = parseArgs({ options });
  const directory = values.directory ?? backupDirectory();
  if (values.list) {
    const { backups, broken } = await listBackups(directory);
    for (const { backupId, takenAt, keyId, file } of backups)
      process.stdout.write(`${takenAt}  ${backupId}  key ${keyId}  ${file.bytes} bytes\n`);
    return { backups: backups.length, broken, ok: broken.length === 0 };
  }
  if (values.every === undefined) return backUp(url, directory);
  const everyMinutes = Number(values.every);
  if (!(everyMinutes >= 1)) throw new Error('--every takes a number of minutes, at least 1');
  return backUpForever(url, directory, everyMinutes);
});
