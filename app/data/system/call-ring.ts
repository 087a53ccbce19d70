/**
 * How often the whole fleet may call a system that counts calls as they arrive. A call gets its slot only once the call
 * `perSecond` before it can no longer have arrived within the same second, which is known when that one is answered: so
 * no second ever holds more, however late a call is on its way. Rings belong to no shop.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

/** A call that is never finished, because its process died, counts for so long. Longer than any call may take. */
const underWayMs = 15_000;

async function ask<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
  try {
    return (await pool().query<Row>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

export type Slot = {
  /** The call's number, for `finishCall`; null when no slot is as near as wished. */
  call: number | null;
  /** Until the slot begins, or would begin as far as is known. */
  waitMs: number;
};

/** Takes the next slot if it begins within `aheadMs`. A slot that is not used must be finished all the same. Throws `Unavailable`. */
export async function takeCall(wanted: { ring: string; perSecond: number; aheadMs: number }): Promise<Slot> {
  const [row] = await ask<{ call: number | null; wait_ms: number }>('select * from take_call($1, $2, $3, $4, $5)', [
    wanted.ring,
    wanted.perSecond,
    1_000 / wanted.perSecond,
    wanted.aheadMs,
    underWayMs,
  ]);
  return { call: row?.call ?? null, waitMs: row?.wait_ms ?? 1_000 };
}

/** Tells that a call was answered, and so arrived at most `lateMs` after its slot began. Once per call. */
export async function finishCall(finished: { ring: string; call: number; lateMs: number }): Promise<void> {
  await ask('select finish_call($1, $2, $3, $4)', [
    finished.ring,
    finished.call,
    Math.min(Math.max(0, finished.lateMs), underWayMs),
    underWayMs,
  ]);
}

const restMaxMs = 10 * 60_000;

/** Gives out no slot for a while (at most ten minutes), because the other side asked for rest. Safe to repeat. */
export async function restRing({ ring, perSecond }: { ring: string; perSecond: number }, forMs: number): Promise<void> {
  await ask(
    `insert into call_ring (ring, taken, begins_at, over_at)
     values ($1, 0, clock_timestamp() + make_interval(secs => $2), array_fill('-infinity'::timestamptz, array[$3::int]))
     on conflict (ring) do update set begins_at = greatest(call_ring.begins_at, excluded.begins_at)`,
    [ring, Math.min(forMs, restMaxMs) / 1_000, perSecond],
  );
}
