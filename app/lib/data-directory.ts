/** Where this installation keeps files of its own, unless the environment names other places. */
import path from 'node:path';

import { env } from '#app/lib/env.ts';

/** `.data` of this checkout, or the folder that `STAMPWELL_DATA_DIRECTORY` names. */
export function dataDirectory(): string {
  const given = process.env['STAMPWELL_DATA_DIRECTORY'];
  return given === undefined || given === ''
    ? path.join(import.meta.dirname, '..', '..', '.data')
    : path.resolve(given);
}

/** Where backups and the reports of drills are written and looked for. */
export function backupDirectory(): string {
  return path.resolve(env().BACKUP_DIRECTORY ?? path.join(dataDirectory(), 'backups'));
}

/** Where erasures are remembered outside the database and its backups. All workers must see the same folder. */
export function erasureDirectory(): string {
  return path.resolve(env().ERASURE_DIRECTORY ?? path.join(dataDirectory(), 'erasures'));
}
