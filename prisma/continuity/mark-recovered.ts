/** For a database that came back by other means: a provider's point-in-time restore, or a standby that took over late. */
import { Client } from 'pg';

import { renewCards } from '#prisma/continuity/renew-cards.ts';
import { migrate, restoreMark } from '#prisma/migrate.ts';

/**
 * Marks the database as being restored, brings it to the newest migration and has every phone fetch its cards once more.
 * Nothing starts on it until `finishRestore`. Safe to repeat.
 */
export async function markRecovered(url: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'stampwell-restore' });
  client.on('error', () => undefined); // Also rejects the statement under way.
  await client.connect();
  try {
    await client.query(`create schema if not exists ${restoreMark}`);
    await migrate(url, { isRestoring: true });
    await client.query('begin');
    await renewCards(client);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
