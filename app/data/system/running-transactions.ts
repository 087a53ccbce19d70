/** Waiting for everybody who began before: what they read may be older than what was committed just now. */
import { setTimeout as delay } from 'node:timers/promises';

import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { Unavailable } from '#app/lib/errors.ts';

const pollMs = 25;
const waitMaxMs = 5 * 60_000;

/** Every transaction of this database that is under way, by its virtual id; ours is not among them. Needs no privilege. */
async function listRunning(): Promise<string[]> {
  const { rows } = await pool().query<{ id: string }>(
    prepared(
      `select l.virtualtransaction as id from pg_locks l
       join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'virtualxid' and l.pid <> pg_backend_pid() and a.usesysid is not null
         and a.datid = (select oid from pg_database where datname = current_database())`,
      [],
    ),
  );
  return rows.map(({ id }) => id);
}

/**
 * Resolves once every transaction that was under way has ended. New ones are not waited for, and nobody waits for us.
 * Throws `Unavailable` when one does not end for minutes.
 */
export async function awaitRunningTransactions(): Promise<void> {
  try {
    const deadline = Date.now() + waitMaxMs;
    let waitedFor = await listRunning();
    while (waitedFor.length > 0) {
      if (Date.now() > deadline)
        throw new Unavailable('transactions-running', 'A transaction that began before does not end');
      await delay(pollMs);
      const running = new Set(await listRunning());
      waitedFor = waitedFor.filter((id) => running.has(id));
    }
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
