/** What the whole system keeps for a while, without a word about any shop: failed jobs, and buckets nobody draws from. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

const batchMax = 5_000;

/** In hours. Failed jobs hold ids only; somebody may still want to see why they failed. */
export const systemRetention = { 'failed jobs': 30 * 24, 'parked jobs': 90 * 24, 'used-up quotas': 48 } as const;

const texts = {
  'failed jobs': `select count(*)::int as removed from graphile_worker.complete_jobs(array(
    select id from graphile_worker.jobs where attempts >= max_attempts and locked_at is null and updated_at < $1 limit $2))`,
  // What was put into the queue by somebody who may not: kept for as long as an investigation takes.
  'parked jobs': `with old as (
      delete from parked_job where id in (select id from parked_job where parked_at < $1 order by id limit $2) returning 1
    ) select count(*)::int as removed from old`,
  'used-up quotas': `with idle as (
      delete from token_bucket where bucket in (select bucket from token_bucket where next_at < $1 limit $2) returning 1
    ), still as (
      delete from call_ring where ring in (
        select ring from call_ring where begins_at < $1 and coalesce((select max(at) from unnest(over_at) at), begins_at) < $1 limit $2)
      returning 1
    )
    select ((select count(*) from idle) + (select count(*) from still))::int as removed`,
} as const satisfies Record<keyof typeof systemRetention, string>;

/** Removes what is older than its period, a batch of each at a time. Answers how many went. Only the worker may. Safe to repeat. */
export async function purgeSystemRows(at: Date): Promise<Record<keyof typeof systemRetention, number>> {
  const removed = { 'failed jobs': 0, 'parked jobs': 0, 'used-up quotas': 0 };
  try {
    for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
      const before = new Date(at.getTime() - systemRetention[name] * 3_600_000);
      const { rows } = await pool().query<{ removed: number }>(prepared(texts[name], [before, batchMax]));
      removed[name] = rows[0]?.removed ?? 0;
    }
  } catch (error) {
    throw describeDatabaseError(error);
  }
  return removed;
}
