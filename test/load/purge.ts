/** Removing a month of audit records: its partition dropped, against the same rows deleted in batches. */
import { type Bench, type BenchDatabase, median, medianRatio, openBenchDatabase, rounded } from '#test/load/support.ts';

const shops = 20;
const batchRows = 5_000;

/** A month of records of all shops, with their signed heads, as it lies after a year. */
async function fill(database: BenchDatabase, month: string, rows: number): Promise<void> {
  const { sql } = database;
  await sql(`select ensure_record_partition('audit_record', $1::date)`, [month]);
  await sql(
    `insert into audit_record (shop_id, sequence, actor, action, object, occurred_at, previous_hash, hash, recorded_at, after_hash)
     select s.id, n, 'staff:1', 'member.stamp', 'member:' || gen_random_uuid(), $1::date, sha256(int8send(n)), sha256(int8send(n + 1)),
       $1::date + n * interval '1 second', sha256(int8send(n + 2))
     from (select id from shop order by id) s, generate_series(1, $2::bigint) n`,
    [month, Math.floor(rows / shops)],
  );
  await sql(
    `insert into audit_segment (shop_id, month, first_sequence, last_sequence, previous_hash, hash, signed, closed_at)
     select id, $1::date, 1, $2, '\\x00', '\\x00', '{}', now() from shop`,
    [month, Math.floor(rows / shops)],
  );
  await sql('analyze audit_record');
  await sql('checkpoint');
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function deleteInBatches({ sql }: BenchDatabase, month: string): Promise<void> {
  for (const { id } of await sql<{ id: string }>('select id from shop'))
    for (;;) {
      const gone = await sql(
        `delete from audit_record where shop_id = $1 and recorded_at >= $2::date and recorded_at < $2::date + interval '1 month'
           and sequence in (select sequence from audit_record where shop_id = $1 and recorded_at >= $2::date
             and recorded_at < $2::date + interval '1 month' limit ${batchRows}) returning 1 as one`,
        [id, month],
      );
      if (gone.length < batchRows) break;
    }
  await sql('delete from audit_segment where month = $1', [month]);
}

/** Answers how long locks were held, in milliseconds: files are removed after they were let go, at the commit. */
async function dropMonth({ sql }: BenchDatabase, month: string): Promise<number> {
  await sql('begin');
  const startedAt = performance.now();
  const [answer] = await sql<{ is_dropped: boolean }>(
    `select drop_record_partition('audit_record', $1::date) as is_dropped`,
    [month],
  );
  if (answer?.is_dropped !== true) throw new Error('the month was not dropped');
  const lockedMs = performance.now() - startedAt;
  await sql('commit');
  return lockedMs;
}

/** The ratio is how many times as many rows a second go with their partition. */
export const benchPurge: Bench = async ({ isQuick }) => {
  const rows = isQuick ? 1_000_000 : 2_000_000;
  const rounds = isQuick ? 1 : 3;
  const database = await openBenchDatabase();
  const [drops, deletes, vacuumed, locks]: [number[], number[], number[], number[]] = [[], [], [], []];
  try {
    await database.sql(
      `insert into shop (id, domain, state) select gen_random_uuid(), 'bench-' || n || '.myshopify.com', 'installed' from generate_series(1, $1::int) n`,
      [shops],
    );
    await database.sql(
      `insert into chain_head (shop_id, chain, sequence, hash) select id, 'audit', $1, '\\x00' from shop`,
      [Math.floor(rows / shops)],
    );
    for (let round = 0; round < rounds; round += 1) {
      const [dropped, deleted] = [`2020-0${round + 1}-01`, `2021-0${round + 1}-01`];
      await fill(database, dropped, rows);
      // One month has its heads' unique first records: the other one's are made after it went.
      const dropMs = await timeMs(async () => locks.push(await dropMonth(database, dropped)));
      drops.push(rows / dropMs);
      await database.sql('delete from audit_segment');
      await fill(database, deleted, rows);
      const deleteMs = await timeMs(() => deleteInBatches(database, deleted));
      // Deleted rows give their room back only now; a dropped partition has done so already.
      const vacuumMs = await timeMs(() => database.sql('vacuum audit_record'));
      deletes.push(rows / deleteMs);
      vacuumed.push(rows / (deleteMs + vacuumMs));
    }
  } finally {
    await database.close();
  }
  const ratio = medianRatio(drops, deletes);
  return {
    bench: 'purge',
    ratio,
    ratios: {
      'rows a second, partition to batched DELETE': ratio,
      'rows a second, partition to batched DELETE and VACUUM': medianRatio(drops, vacuumed),
    },
    rounds,
    rows,
    dropMs: rounded(rows / median(drops), 1),
    lockedMs: rounded(median(locks), 1),
    deleteMs: rounded(rows / median(deletes), 1),
  };
};
