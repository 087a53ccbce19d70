/** Opening the database alone: for commands that only read, and must work where no secret of the product is at hand. */
import { closeDatabase, openDatabase } from '#app/data/database.ts';

const connectionsMax = 2;

/** Opens the database for reading records back. `close` ends it. */
export function openRecords({ databaseUrl }: { databaseUrl: string }): { close: () => Promise<void> } {
  openDatabase({ url: databaseUrl, role: 'stampwell_worker', connectionsMax });
  return { close: closeDatabase };
}
