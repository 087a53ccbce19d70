/** Where a local system keeps what it makes: certificates, keys and the note that it runs. Never committed. */
import path from 'node:path';

/** `.data` of this checkout, or the folder that `STAMPWELL_DATA_DIRECTORY` names. */
export function dataDirectory(): string {
  const given = process.env['STAMPWELL_DATA_DIRECTORY'];
  return given === undefined || given === ''
    ? path.join(import.meta.dirname, '..', '..', '.data')
    : path.resolve(given);
}
