/**
 * `npm run restore [-- --directory D] [--at <time> | --backup <id>] [--force]`: fills an empty database from the newest
 * backup, from the newest taken at or before a time, or from a named one. Whoever was erased since stays erased. A database
 * that holds shops is refused, unless forced: then all it held is lost.
 *
 * `npm run restore -- --recovered-to <time>`: after the database itself was brought back to that time by other means.
 */
import { parseArgs } from 'node:util';

import { backupDirectory } from '#app/lib/data-directory.ts';
import { findBackup } from '#prisma/continuity/manifest.ts';
import { runCommand } from '#workers/command.ts';
import { reconcile, recover } from '#workers/recover.ts';

const options = {
  directory: { type: 'string' },
  at: { type: 'string' },
  backup: { type: 'string' },
  force: { type: 'boolean', default: false },
  'recovered-to': { type: 'string' },
} as const;

function timeOf(given: string | undefined): Date {
  const at = given === undefined ? new Date() : new Date(given);
  if (Number.isNaN(at.getTime())) throw new Error(`"${given}" is no time like 2026-01-31T12:00:00Z`);
  return at;
}

await runCommand(async (url) => {
  const { values } = parseArgs({ options });
  const directory = values.directory ?? backupDirectory();
  const at = timeOf(values['recovered-to'] ?? values.at);
  if (values['recovered-to'] !== undefined) {
    const { erasedAgain, erasures } = await reconcile(url, directory, at);
    return { recoveredTo: at.toISOString(), erasedAgain, erasuresKept: erasures.checked };
  }
  const startedAt = performance.now();
  const manifest = await findBackup(directory, values.backup === undefined ? { at } : { id: values.backup });
  if (manifest === null) throw new Error(`There is no such backup in ${directory}`);
  const { erasedAgain, erasures } = await recover({ url, directory, manifest, isForced: values.force });
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0);
  const durationMs = Math.round(performance.now() - startedAt);
  const { backupId, takenAt, ledger } = manifest;
  return { backupId, takenAt, rows, ledger, erasedAgain, erasuresKept: erasures.checked, durationMs };
});
