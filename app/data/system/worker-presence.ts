/**
 * Who is alive among the workers. A worker holds a session lock for each name under which it may lock jobs; PostgreSQL
 * lets go of it the moment the worker's session ends, however it ends. Jobs locked under a name that nobody holds belong
 * to a dead worker and are freed.
 */
import pg from 'pg';

import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { log } from '#app/lib/log.ts';

/** A lock this young may be held by a worker that is just starting. */
const graceSeconds = 3;
const reconnectMs = 500;
const keepAliveMs = 1_000;
const connectTimeoutMs = 5_000;

export type Presence = {
  announce: (name: string) => void;
  /** Gives a name up: whatever is still locked under it belongs to a dead worker. */
  withdraw: (name: string) => void;
  close: () => Promise<void>;
};

/** Opens the connection that holds this process's names. It is opened again when it breaks, and the names taken again. */
export function openPresence(url: string): Presence {
  const names = new Set<string>();
  /** What was asked for on the connection at hand: session locks count, and would have to be given back as often. */
  let asked = new Set<string>();
  let client: pg.Client | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  // One statement at a time on the one connection.
  let last: Promise<unknown> = Promise.resolve();
  const say = (statement: string, name: string): void => {
    const speaker = client;
    last = last.then(() => speaker?.query(statement, [name]).catch(() => undefined));
  };
  // Waits where the reaper is just probing the name: not to get it would be to count as dead for good.
  const take = (name: string): void => {
    if (asked.has(name)) return;
    asked.add(name);
    say('select pg_advisory_lock(hashtextextended($1, 1))', name);
  };
  const reconnect = (): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, reconnectMs);
  };
  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'stampwell_presence',
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    client = next;
    asked = new Set();
    // Only the connection at hand speaks: the last words of an older one must not end a good one.
    const lose = (): void => {
      if (client !== next) return;
      client = undefined;
      void next.end().catch(() => undefined);
      reconnect();
    };
    next.on('error', lose);
    next.on('end', lose);
    try {
      await next.connect();
      for (const name of names) take(name);
    } catch {
      lose();
    }
  };

  void connect();
  return {
    announce: (name) => {
      names.add(name);
      take(name);
    },
    withdraw: (name) => {
      names.delete(name);
      if (asked.delete(name)) say('select pg_advisory_unlock(hashtextextended($1, 1))', name);
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}

/**
 * Frees the jobs of dead workers. The probe takes each name's lock for an instant: who is alive keeps it. Answers how
 * many names were dead. Safe to repeat, and to run in several workers at once.
 */
export async function freeJobsOfDeadWorkers(): Promise<number> {
  try {
    const { rows } = await pool().query<{ name: string }>(
      prepared(
        `select distinct locked_by as name from graphile_worker._private_jobs
         where locked_by is not null and locked_at < now() - make_interval(secs => $1)`,
        [graceSeconds],
      ),
    );
    let dead = 0;
    for (const { name } of rows) if (await freeIfDead(name)) dead += 1;
    await pool().query(prepared(dropSuperseded, []));
    return dead;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/**
 * A job that is asked for again while it runs gives its key to the new one and is not to be tried again. When it then
 * fails or its worker dies, it would lie there for good, looking like a failure; the new one has done its work. Every
 * job of ours has a key, so one without is always such a leftover.
 */
const dropSuperseded =
  'delete from graphile_worker._private_jobs where key is null and locked_at is null and attempts >= max_attempts';

async function freeIfDead(name: string): Promise<boolean> {
  const client = await pool().connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_xact_lock(hashtextextended($1, 1)) as free',
      [name],
    );
    const isDead = rows[0]?.free === true;
    if (isDead) {
      await client.query('select graphile_worker.force_unlock_workers(array[$1])', [name]);
      log.warn('jobs of a dead worker were freed', { code: 'worker-reaped' });
    }
    await client.query('commit');
    return isDead;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
