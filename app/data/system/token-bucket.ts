/**
 * How often the whole fleet may do something. A bucket is a line of slots in PostgreSQL, `1 / perSecond` apart by the
 * database's clock; every slot is given out once. Nothing is saved up while nobody asks, so no second ever holds more
 * than `perSecond` slots. Buckets belong to no shop.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

export type TokensWanted = {
  bucket: string;
  perSecond: number;
  /** How many slots ahead of now may be taken: 1 takes only what is free at this moment. */
  burst: number;
  wanted: number;
};

export type TokensTaken = {
  /** How many slots were taken, 0 to `wanted`; they follow each other. */
  granted: number;
  /** Until the first taken slot begins or, with none, until asking again is worth it. */
  waitMs: number;
};

/** Takes slots, at once and for good: a slot that is not used is lost. Throws `Unavailable`. */
export async function takeTokens({ bucket, perSecond, burst, wanted }: TokensWanted): Promise<TokensTaken> {
  try {
    const { rows } = await pool().query<{ granted: number; wait_ms: number }>(
      prepared('select * from take_tokens($1, $2, $3, $4)', [bucket, perSecond, burst, wanted]),
    );
    return { granted: rows[0]?.granted ?? 0, waitMs: rows[0]?.wait_ms ?? 1_000 };
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
