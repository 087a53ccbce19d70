/** What the database says, read past the product: for tests that compare it with what was really sent. */
import { Client } from 'pg';

import { ask, until } from '#test/support/local-postgres.ts';

export type Amounts = { points: number; stamps: number };

function amountsBy(rows: Record<string, unknown>[]): Map<string, Amounts> {
  const amounts = new Map<string, Amounts>();
  for (const { key, unit, amount } of rows) {
    const entry = amounts.get(String(key)) ?? { points: 0, stamps: 0 };
    amounts.set(String(key), entry);
    if (unit === 'points' || unit === 'stamps') entry[unit] = Number(amount);
  }
  return amounts;
}

/** What every order brought its member, summed over the entries; orders that brought nothing are left out. */
export async function bookedByOrder(url: string): Promise<Map<string, Amounts>> {
  const rows = await ask(
    url,
    `select order_id as key, unit, sum(amount) as amount from ledger_entry where order_id is not null
     group by 1, 2 having sum(amount) <> 0`,
  );
  return amountsBy(rows);
}

/** The balance behind each Apple pass, by serial. */
export async function balancesBySerial(url: string): Promise<Map<string, Amounts>> {
  const rows = await ask(
    url,
    `select p.serial as key, b.unit, b.amount from pass p
     join balance b on b.shop_id = p.shop_id and b.member_id = p.member_id where p.wallet = 'apple'`,
  );
  return amountsBy(rows);
}

/** Balances that differ from the sum of their entries or of what is left in their lots. */
export async function brokenBalances(url: string): Promise<Record<string, unknown>[]> {
  return ask(
    url,
    `select b.*, e.total as entries, l.remaining as lots from balance b
     left join lateral (select coalesce(sum(amount), 0) as total from ledger_entry x
       where x.shop_id = b.shop_id and x.member_id = b.member_id and x.unit = b.unit) e on true
     left join lateral (select coalesce(sum(remaining), 0) as remaining from lot x
       where x.shop_id = b.shop_id and x.member_id = b.member_id and x.unit = b.unit) l on true
     where b.amount <> b.opening + e.total or greatest(b.amount, 0) <> l.remaining`,
  );
}

/** The webhook ids that were stored, with how many times. */
export async function storedDeliveries(url: string): Promise<Map<string, { count: number; state: string }>> {
  const rows = await ask(
    url,
    `select webhook_id, count(*) as count, min(state) as state from inbox group by webhook_id`,
  );
  return new Map(
    rows.map((row) => [String(row['webhook_id']), { count: Number(row['count']), state: String(row['state']) }]),
  );
}

export type Unfinished = { deliveries: number; outbox: number; jobs: number; stalePasses: number };

/** What is still on its way. The clock's own jobs do not count: they come by themselves, every minute. */
export async function unfinished(url: string): Promise<Unfinished> {
  const [row = {}] = await ask(
    url,
    `select (select count(*) from inbox where state = 'pending') as deliveries,
       (select count(*) from outbox) as outbox,
       (select count(*) from graphile_worker.jobs where task_identifier in
         ('regenerate-pass', 'push-apple', 'sync-google', 'refetch-order', 'process-case', 'release-discount')) as jobs,
       (select count(*) from pass p where p.version > 1 and p.announced_version < p.version) as "stalePasses"`,
  );
  const figure = (name: string): number => Number(row[name]);
  return {
    deliveries: figure('deliveries'),
    outbox: figure('outbox'),
    jobs: figure('jobs'),
    stalePasses: figure('stalePasses'),
  };
}

export const nothingUnfinished: Unfinished = { deliveries: 0, outbox: 0, jobs: 0, stalePasses: 0 };

/** Waits until nothing is on its way any more; how long that took, in milliseconds. */
export async function untilFinished(url: string, timeoutMs: number): Promise<number> {
  let last: Unfinished | null = null;
  const isFinished = async (): Promise<boolean> => {
    last = await unfinished(url).catch(() => null);
    return last !== null && Object.values(last).every((count) => count === 0);
  };
  return until(isFinished, timeoutMs).catch(async (error: unknown) => {
    const jobs = await ask(
      url,
      'select task_identifier, attempts, max_attempts, locked_at, run_at, last_error from graphile_worker.jobs',
    );
    throw new Error(`still on its way: ${JSON.stringify({ last, jobs: jobs.slice(0, 10) })}`, { cause: error });
  });
}

/** How many jobs of a kind a worker has taken. */
export async function takenJobs(url: string, task: string): Promise<number> {
  const rows = await ask(
    url,
    `select 1 as one from graphile_worker.jobs where task_identifier = '${task}' and locked_at is not null`,
  );
  return rows.length;
}

export type HeldTable = {
  /** Resolves when somebody waits for the table. */
  waited: (timeoutMs: number) => Promise<number>;
  release: () => Promise<void>;
};

/**
 * Holds a table, so that whoever needs it stops right there, in the middle of whatever they do: `share` stops those who
 * write, `exclusive` also those who lock rows, `access exclusive` also those who read.
 */
export async function holdTable(
  url: string,
  table: string,
  mode: 'share' | 'exclusive' | 'access exclusive',
): Promise<HeldTable> {
  const client = new Client({ connectionString: url, application_name: 'stampwell_test_hold' });
  client.on('error', () => undefined); // The server may be killed while we hold on to it.
  await client.connect();
  await client.query(`begin; lock table ${table} in ${mode} mode`);
  const isWaitedFor = async (): Promise<boolean> => {
    const { rows } = await client.query(
      `select 1 from pg_locks where relation = '${table}'::regclass and not granted limit 1`,
    );
    return rows.length > 0;
  };
  return {
    waited: (timeoutMs) => until(isWaitedFor, timeoutMs),
    release: () => client.end().catch(() => undefined),
  };
}

/** The connections by which workers say that they are there; the database may keep those of a killed one a while. */
export async function presentWorkers(url: string): Promise<unknown[]> {
  const present = `select pid from pg_stat_activity where application_name = 'stampwell_presence'`;
  return (await ask(url, present)).map((row) => row['pid']);
}
