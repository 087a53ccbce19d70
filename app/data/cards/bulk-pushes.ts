/**
 * Passes whose devices are told in bulk, when there is room. A row that is taken is held for a while: when whoever took it
 * dies, it is free again by itself. Times are the database's.
 */
import { bigints, uuids } from '#app/data/binary-arrays.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { PassId } from '#app/lib/ids.ts';

export type BulkPush = {
  passId: PassId;
  /** How often it was asked for when it was taken. */
  asks: number;
};

/**
 * Asks for the devices of these passes to be told; those that nobody carries are left out. One that was pushed within
 * `pauseMs` waits until then. Answers when the first is due, or null when there is none. Safe to repeat.
 */
export async function askBulkPushes(tx: Tx, passIds: readonly string[], pauseMs: number): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    `with asked as (
       insert into bulk_push (shop_id, pass_id, free_at)
       select $1, r.pass_id, least(
         clock_timestamp() + make_interval(secs => $3),
         greatest(clock_timestamp(), max(r.last_pushed_at) + make_interval(secs => $3)))
       from device_registration r where r.shop_id = $1 and r.pass_id = any($2::uuid[]) group by r.pass_id order by r.pass_id
       on conflict (shop_id, pass_id) do update set asks = bulk_push.asks + 1
       returning free_at
     )
     select min(free_at) as at from asked`,
    [tx.shopId, uuids(passIds), pauseMs / 1000],
  );
  return row?.at ?? null;
}

/**
 * Takes up to `limit` passes after `after` in line and holds them; those before it were just dealt with, and would only be
 * in the way.
 */
export async function takeBulkPushes(
  tx: Tx,
  wanted: { after: PassId | null; limit: number; holdMs: number },
): Promise<BulkPush[]> {
  const rows = await tx.query<{ pass_id: PassId; asks: number }>(
    // An array: it is asked for once, where a join may ask again and again and take more than the limit, or read the whole table.
    `update bulk_push set free_at = clock_timestamp() + make_interval(secs => $3)
     where shop_id = $1 and ctid = any(array(
       select ctid from bulk_push where shop_id = $1 and free_at <= clock_timestamp() and pass_id > coalesce($4::uuid, ${lowestId})
       order by pass_id limit $2 for update skip locked
     )) returning pass_id, asks`,
    [tx.shopId, wanted.limit, wanted.holdMs / 1000, wanted.after],
  );
  return rows.map((row) => ({ passId: row.pass_id, asks: row.asks }));
}

/**
 * Strikes out passes whose devices were told; those asked for again meanwhile stay, and are free at once. `later` are not
 * done yet and stay until their time.
 */
export async function finishBulkPushes(
  tx: Tx,
  taken: readonly BulkPush[],
  later: ReadonlyMap<PassId, Date>,
): Promise<void> {
  const done = taken.filter(({ passId }) => !later.has(passId));
  const gone = await tx.query(
    `delete from bulk_push b using unnest($2::uuid[], $3::bigint[]) as u (pass_id, asks)
     where b.shop_id = $1 and b.pass_id = u.pass_id and b.asks = u.asks
     returning 1 as one`,
    [tx.shopId, uuids(done.map(({ passId }) => passId)), bigints(done.map(({ asks }) => asks))],
  );
  if (gone.length === taken.length) return;
  await tx.query(
    `update bulk_push b set free_at = coalesce(u.at, clock_timestamp())
     from unnest($2::uuid[], $3::timestamptz[]) as u (pass_id, at) where b.shop_id = $1 and b.pass_id = u.pass_id`,
    [tx.shopId, taken.map(({ passId }) => passId), taken.map(({ passId }) => later.get(passId) ?? null)],
  );
}

/** When the next pass is due; null when none waits. */
export async function nextBulkPushAt(tx: Tx): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>('select min(free_at) as at from bulk_push where shop_id = $1', [
    tx.shopId,
  ]);
  return row?.at ?? null;
}
