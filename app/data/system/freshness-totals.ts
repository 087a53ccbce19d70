/** How fresh cards are in the whole system, without a word about any shop: what the metrics say. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { type FreshnessCounts, noFreshness } from '#app/domain/cards/freshness.ts';

type Wallet = 'apple' | 'google';
type TotalRow = { wallet: Wallet; bucket: number; passes: string; total_ms: string; recent: string };

async function run<Result extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Result[]> {
  try {
    return (await pool().query<Result>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

export type FreshnessTotals = {
  wallet: Wallet;
  /** Since the beginning; they only rise. */
  counts: FreshnessCounts;
  totalMs: number;
  /** Of the last hours alone. */
  recent: FreshnessCounts;
};

const recentHours = 24;

/** The figures of the whole system, without a word about any shop. */
export async function readFreshnessTotals(): Promise<FreshnessTotals[]> {
  const rows = await run<TotalRow>(
    `select wallet, bucket, sum(passes)::text as passes, sum(total_ms)::text as total_ms,
       coalesce(sum(passes) filter (where hour > clock_timestamp() - make_interval(hours => $1)), 0)::text as recent
     from freshness_total group by wallet, bucket`,
    [recentHours],
  );
  return (['apple', 'google'] as const).map((wallet) => {
    const totals: FreshnessTotals = { wallet, counts: noFreshness(), totalMs: 0, recent: noFreshness() };
    for (const row of rows.filter((candidate) => candidate.wallet === wallet)) {
      totals.counts[row.bucket] = Number(row.passes);
      totals.recent[row.bucket] = Number(row.recent);
      totals.totalMs += Number(row.total_ms);
    }
    return totals;
  });
}

/** Folds hours that are long over into one, so that the totals stay few and never fall. Safe to repeat. */
export async function foldFreshnessTotals(): Promise<void> {
  await run(
    `with old as (
       delete from freshness_total where hour > 'epoch' and hour < clock_timestamp() - make_interval(hours => $1)
       returning wallet, bucket, passes, total_ms
     )
     insert into freshness_total as f (hour, wallet, bucket, shard, passes, total_ms)
     select 'epoch', wallet, bucket, 0, sum(passes), sum(total_ms) from old group by wallet, bucket
     on conflict (hour, wallet, bucket, shard) do update
       set passes = f.passes + excluded.passes, total_ms = f.total_ms + excluded.total_ms`,
    [2 * recentHours],
  );
}
