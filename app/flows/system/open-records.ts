/** Opening the database alone: for commands that only read, and must work where no secret of the product is at hand. */
import { closeDatabase, openDatabase } from '#app/data/database.ts';
import { readTestClockOffsetMs } from '#app/data/system/system-facts.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';

const connectionsMax = 2;

/** Opens the database for reading records back. `close` ends it. */
export function openRecords({ databaseUrl }: { databaseUrl: string }): { close: () => Promise<void> } {
  openDatabase({ url: databaseUrl, role: 'stampwell_worker', connectionsMax });
  return { close: closeDatabase };
}

/**
 * Takes over the test clock of the system whose records are open, and answers by how many milliseconds it runs ahead. What such
 * a system did by its clock would look as if somebody had done it before its time.
 */
export async function followTestClock(): Promise<number> {
  const offsetMs = await readTestClockOffsetMs();
  setClockOffsetMs(offsetMs);
  return offsetMs;
}
