/**
 * Which devices are to be told of which version of a pass, and what came of it. The truth is in the registrations: a device
 * that was told less than the pass has come to is due, unless Apple asked to wait.
 */
import { bigints, texts, uuids } from '#app/data/binary-arrays.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { openPushToken } from '#app/data/cards/devices.ts';
import type { PushConsequence } from '#app/domain/cards/push-outcome.ts';
import type { PassId } from '#app/lib/ids.ts';

export type PushTarget = {
  passId: PassId;
  device: string;
  pushToken: string;
  /** When the device told us its token. */
  tokenAt: Date;
  /** The pass's version now: what the device will have been told of. */
  version: number;
  /** Whose certificate tells it; null is the platform's. */
  passTypeIdentifier: string | null;
  tries: number;
};

const targetsMax = 5_000;

/** The devices of these passes that are due, with their push tokens opened. */
export async function listPushTargets(tx: Tx, passIds: readonly string[], at: Date): Promise<PushTarget[]> {
  const rows = await tx.query<{
    pass_id: PassId;
    device: string;
    push_token: Buffer;
    token_at: Date;
    version: number;
    pass_type_identifier: string | null;
    push_tries: number;
  }>(
    `select r.pass_id, r.device_library_identifier as device, r.push_token, r.token_at, p.version,
       p.pass_type_identifier, r.push_tries
     from device_registration r join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
     where r.shop_id = $1 and r.pass_id = any($2::uuid[]) and (r.last_pushed_version < p.version or r.remind_at is not null)
       and (r.next_push_at is null or r.next_push_at <= $3)
     order by r.pass_id, r.device_library_identifier limit ${targetsMax}`,
    [tx.shopId, uuids(passIds), at],
  );
  if (rows.length === 0) return [];
  const keys = await readShopKeys(tx);
  return rows.map((row) => ({
    passId: row.pass_id,
    device: row.device,
    pushToken: openPushToken(keys, { passId: row.pass_id, device: row.device, sealed: row.push_token }),
    tokenAt: row.token_at,
    version: row.version,
    passTypeIdentifier: row.pass_type_identifier,
    tries: row.push_tries,
  }));
}

export type PushResult = { target: PushTarget; consequence: PushConsequence };

/** Writes down what came of pushes, three statements at most for any number of them. Safe to repeat. */
export async function recordPushes(tx: Tx, results: readonly PushResult[], at: Date): Promise<void> {
  const over = results.filter(({ consequence: { kind } }) => kind === 'told' || kind === 'given-up');
  if (over.length > 0)
    await tx.query(
      `update device_registration r set last_pushed_version = greatest(r.last_pushed_version, u.version),
         last_pushed_at = $5, push_tries = 0, next_push_at = null, remind_at = null,
         reminders = case when r.last_pushed_version < u.version then 0 else r.reminders + 1 end
       from unnest($2::uuid[], $3::text[], $4::bigint[]) as u (pass_id, device, version)
       where r.shop_id = $1 and r.pass_id = u.pass_id and r.device_library_identifier = u.device`,
      [tx.shopId, ...namesOf(over), bigints(over.map(({ target }) => target.version)), at],
    );
  const dropped = results.flatMap(({ target, consequence }) =>
    consequence.kind === 'dropped' ? [{ target, tokenAt: consequence.tokenAt }] : [],
  );
  if (dropped.length > 0)
    await tx.query(
      `delete from device_registration r using unnest($2::uuid[], $3::text[], $4::timestamptz[]) as u (pass_id, device, token_at)
       where r.shop_id = $1 and r.pass_id = u.pass_id and r.device_library_identifier = u.device and r.token_at <= u.token_at`,
      [tx.shopId, ...namesOf(dropped), dropped.map(({ tokenAt }) => tokenAt)],
    );
  const later = results.flatMap(({ target, consequence }) =>
    consequence.kind === 'later' ? [{ target, ...consequence }] : [],
  );
  if (later.length > 0)
    await tx.query(
      `update device_registration r set next_push_at = u.at, push_tries = r.push_tries + u.tries
       from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::int[]) as u (pass_id, device, at, tries)
       where r.shop_id = $1 and r.pass_id = u.pass_id and r.device_library_identifier = u.device`,
      [tx.shopId, ...namesOf(later), later.map((each) => each.at), later.map(({ isCounted }) => (isCounted ? 1 : 0))],
    );
}

function namesOf(results: readonly { target: PushTarget }[]): [Buffer, Buffer] {
  return [uuids(results.map(({ target }) => target.passId)), texts(results.map(({ target }) => target.device))];
}

/** When a device of the pass that Apple put off is to be tried again; null when none is. */
export async function nextPushAt(tx: Tx, passId: string): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    `select min(r.next_push_at) as at
     from device_registration r join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
     where r.shop_id = $1 and r.pass_id = $2 and (r.last_pushed_version < p.version or r.remind_at is not null)`,
    [tx.shopId, passId],
  );
  return row?.at ?? null;
}

/** When a device of the pass was last pushed; null: never, or nobody carries it. */
export async function lastPushedAt(tx: Tx, passId: string): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    'select max(last_pushed_at) as at from device_registration where shop_id = $1 and pass_id = $2',
    [tx.shopId, passId],
  );
  return row?.at ?? null;
}

/**
 * Marks devices that were pushed and whose pass nobody fetched since, as long ago as their number of reminders asks for.
 * Answers their passes, at most `limit`. Safe to repeat: who is marked is not found again.
 */
export async function markReminders(
  tx: Tx,
  due: { waitsMs: readonly number[]; at: Date; limit: number },
): Promise<PassId[]> {
  const rows = await tx.query<{ pass_id: PassId }>(
    `with silent as materialized (
       select r.pass_id, r.device_library_identifier as device
       from device_registration r join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
       where r.shop_id = $1 and r.reminders < 3 and r.reminders < cardinality($2::float8[]) and r.remind_at is null
         and p.seen_version < p.announced_version and r.last_pushed_version > p.seen_version
         and r.last_pushed_at <= $3::timestamptz - make_interval(secs => ($2::float8[])[r.reminders + 1] / 1000)
       order by r.last_pushed_at limit $4
     )
     update device_registration r set remind_at = $3 from silent
     where r.shop_id = $1 and r.pass_id = silent.pass_id and r.device_library_identifier = silent.device
     returning r.pass_id`,
    [tx.shopId, due.waitsMs, due.at, due.limit],
  );
  return [...new Set(rows.map((row) => row.pass_id))];
}
