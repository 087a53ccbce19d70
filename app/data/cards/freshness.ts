/**
 * Freshness of passes: since when a wallet is behind, why, and how long it took to catch up. Durations are of the real
 * clock, which no test moves: what is measured is phones.
 */
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import {
  freshnessBoundsS,
  type FreshnessCounts,
  freshWithinS,
  noFreshness,
  type StaleFacts,
} from '#app/domain/cards/freshness.ts';
import type { Wallet } from '#app/data/cards/passes.ts';
import { isId, type MemberId, type PassId } from '#app/lib/ids.ts';

/** Writers of one hour at the same time: connections of a process are told apart by their server process. */
const shards = 32;

/**
 * Remembers the newest version a wallet is known to hold, never going back, and counts how long the wallet was behind. One
 * statement; when the version was seen already, nothing is written. Safe to repeat: a version counts once.
 */
export async function markSeen(tx: Tx, passId: PassId, seen: { version: number; at: Date }): Promise<void> {
  await tx.query(
    `with held as (
       select id, wallet, version, changed_at, stale_since, extract(epoch from clock_timestamp() - stale_since) as behind_s
       from pass where shop_id = $1 and id = $2 and seen_version < $3 for no key update
     ), marked as (
       update pass p set seen_version = $3, seen_at = $4, problem = null, problem_at = null,
         stale_since = case when held.version > $3 then held.changed_at end
       from held where p.shop_id = $1 and p.id = held.id
     ), counted as (
       select date_trunc('hour', clock_timestamp()) as hour, wallet, width_bucket(behind_s::float8, $5::float8[]) as bucket,
         pg_backend_pid() % $6::int as shard, (behind_s * 1000)::bigint as behind_ms
       from held where stale_since is not null
     ), by_hour as (
       insert into freshness_hour as f (shop_id, hour, wallet, bucket, shard, passes)
       select $1, hour, wallet, bucket, shard, 1 from counted
       on conflict (shop_id, hour, wallet, bucket, shard) do update set passes = f.passes + 1
     )
     insert into freshness_total as f (hour, wallet, bucket, shard, passes, total_ms)
     select hour, wallet, bucket, shard, 1, behind_ms from counted
     on conflict (hour, wallet, bucket, shard) do update
       set passes = f.passes + 1, total_ms = f.total_ms + excluded.total_ms`,
    [tx.shopId, passId, seen.version, seen.at, freshnessBoundsS, shards],
  );
}

/**
 * A new version that looks like the one that was announced last: a wallet that holds that one shows the newest. Nothing is
 * counted, because nothing had to arrive. Safe to repeat.
 */
export async function markUnchanged(
  tx: Tx,
  passId: PassId,
  unchanged: { version: number; announcedVersion: number },
): Promise<void> {
  await tx.query(
    `update pass set seen_version = $3, problem = null, problem_at = null,
       stale_since = case when version > $3 then changed_at end
     where shop_id = $1 and id = $2 and seen_version = $4 and $4 > 0`,
    [tx.shopId, passId, unchanged.version, unchanged.announcedVersion],
  );
}

/** Notes why the newest version did not reach the wallet, if it did not. Safe to repeat. */
export async function noteProblem(tx: Tx, passId: string, code: string): Promise<void> {
  if (!isId(passId)) return;
  await tx.query(
    `update pass set problem = $3, problem_at = clock_timestamp()
     where shop_id = $1 and id = $2 and stale_since is not null`,
    [tx.shopId, passId, code],
  );
}

/** The same for many passes at once. Safe to repeat. */
export async function noteProblems(tx: Tx, passIds: readonly PassId[], code: string): Promise<void> {
  await tx.query(
    `update pass set problem = $3, problem_at = clock_timestamp()
     where shop_id = $1 and id = any($2) and stale_since is not null`,
    [tx.shopId, passIds, code],
  );
}

/** How many passes caught up, by how long they were behind, since a moment. */
export async function readFreshnessCounts(tx: Tx, since: Date): Promise<FreshnessCounts> {
  const rows = await tx.query<{ bucket: number; passes: number }>(
    `select bucket, sum(passes)::bigint as passes from freshness_hour
     where shop_id = $1 and hour >= date_trunc('hour', $2::timestamptz) group by bucket`,
    [tx.shopId, since],
  );
  const counts = noFreshness();
  for (const { bucket, passes } of rows) counts[bucket] = passes;
  return counts;
}

/** A card that some phone or Google holds and that is behind: what no phone carries any more is nobody's wait. */
const waits = `state = 'active' and stale_since is not null
  and (wallet = 'google' or exists (
    select from device_registration r where r.shop_id = pass.shop_id and r.pass_id = pass.id))`;

/** How many passes in a wallet are behind for longer than promised. */
export async function countLate(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ late: number }>(
    `select count(*)::int as late from pass where shop_id = $1 and ${waits}
       and stale_since < clock_timestamp() - make_interval(secs => $2)`,
    [tx.shopId, freshWithinS],
  );
  return row?.late ?? 0;
}

export type StalePass = StaleFacts & {
  passId: PassId;
  memberId: MemberId;
  staleSince: Date;
  seenAt: Date | null;
};

export type StalePosition = { staleSince: Date; passId: string };

/** Passes that are behind, those that wait longest first, after a position. */
export async function listStale(tx: Tx, after: StalePosition | null, limit: number): Promise<StalePass[]> {
  const rows = await tx.query<{
    id: PassId;
    member_id: MemberId;
    wallet: Wallet;
    version: number;
    announced_version: number;
    stale_since: Date;
    seen_at: Date | null;
    problem: string | null;
    devices: number;
    devices_told: number;
  }>(
    // Positions are compared in whole milliseconds, which is what a date here can hold.
    `select p.id, p.member_id, p.wallet, p.version, p.announced_version, p.stale_since, p.seen_at,
       case when p.problem_at >= p.stale_since then p.problem end as problem, d.devices, d.devices_told
     from (
       -- The page first: the devices of its cards are counted, not those of all that are behind.
       select * from pass
       where shop_id = $1 and state = 'active' and stale_since is not null
         and (date_trunc('milliseconds', stale_since), id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, ${lowestId}))
       order by date_trunc('milliseconds', stale_since), id limit $4) p
     cross join lateral (
       select count(*)::int as devices,
         (count(*) filter (where r.last_pushed_version >= p.version))::int as devices_told
       from device_registration r where r.shop_id = p.shop_id and r.pass_id = p.id) d
     order by date_trunc('milliseconds', p.stale_since), p.id`,
    [tx.shopId, after?.staleSince ?? null, after?.passId ?? null, limit],
  );
  return rows.map((row) => ({
    passId: row.id,
    memberId: row.member_id,
    wallet: row.wallet,
    version: row.version,
    announcedVersion: row.announced_version,
    staleSince: row.stale_since,
    seenAt: row.seen_at,
    problem: row.problem,
    devices: row.devices,
    devicesTold: row.devices_told,
  }));
}

/** Forgets what was pushed of this version and what went wrong, so that the next push tells every device again. */
export async function forgetPushes(tx: Tx, passIds: PassId[]): Promise<void> {
  await tx.query(
    `update device_registration r set last_pushed_version = least(r.last_pushed_version, p.seen_version), push_tries = 0,
       next_push_at = null, reminders = 0
     from pass p where p.shop_id = r.shop_id and p.id = r.pass_id and r.shop_id = $1 and r.pass_id = any($2)`,
    [tx.shopId, passIds],
  );
  await tx.query('update pass set problem = null, problem_at = null where shop_id = $1 and id = any($2)', [
    tx.shopId,
    passIds,
  ]);
}

/** Removes counts of hours before a moment. Answers how many rows, at most `limit`. */
export async function purgeFreshnessHours(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from freshness_hour where shop_id = $1 and (hour, wallet, bucket, shard) in (
       select hour, wallet, bucket, shard from freshness_hour where shop_id = $1 and hour < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
