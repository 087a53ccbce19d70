/** How often an API client may call, and what every answer tells of it. */
import { takeApiSlot } from '#app/flows/api/take-api-slot.ts';
import { RateLimited } from '#app/lib/errors.ts';
import { createTokenBuckets } from '#app/lib/token-bucket.ts';
import type { ApiCaller } from '#app/web/authenticate-api.ts';

/** Whom no merchant set a pace: per client and web process a burst of 1,000, and 100 a second in the long run. */
const everybody = { capacity: 1_000, refillPerSecond: 100, keysMax: 10_000 };
const buckets = createTokenBuckets(everybody);

/**
 * Takes one call of the caller's and writes what is left into `headers`, also when it is refused. A pace set by the merchant
 * holds for all web processes together. Throws `RateLimited`, `Unavailable`.
 */
export async function limitApiRate(caller: ApiCaller, headers: Record<string, string | number>): Promise<void> {
  const { clientId, requestsPerSecond } = caller;
  // The process's own bucket comes first: a flood never reaches the database.
  const own = buckets.take(clientId, performance.now());
  const taken = requestsPerSecond === null || !own.isAllowed ? own : await takeApiSlot(clientId, requestsPerSecond);
  headers['ratelimit-limit'] = requestsPerSecond ?? everybody.capacity;
  headers['ratelimit-remaining'] = taken.remaining;
  headers['ratelimit-reset'] = taken.resetSeconds;
  if (!taken.isAllowed)
    throw new RateLimited('rate-limited', 'An API client asks too often', {
      retryAfterMs: taken.waitMs,
      publicMessage: 'Too many requests. Please slow down.',
    });
}
