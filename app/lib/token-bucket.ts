/** Token buckets in memory: each key may spend `capacity` at once and gets `refillPerSecond` back. */

export type BucketSettings = { capacity: number; refillPerSecond: number; keysMax: number };
/** `resetSeconds`: until the bucket is full again; `waitMs`: until one more is allowed. */
type Taken = { isAllowed: boolean; remaining: number; resetSeconds: number; waitMs: number };
export type TokenBuckets = { take: (key: string, nowMs: number) => Taken };

/** A set of buckets, all alike. Past `keysMax` keys the one used longest ago starts afresh. */
export function createTokenBuckets({ capacity, refillPerSecond, keysMax }: BucketSettings): TokenBuckets {
  const buckets = new Map<string, { level: number; atMs: number }>();
  return {
    take: (key, nowMs) => {
      const known = buckets.get(key) ?? { level: capacity, atMs: nowMs };
      const grown = known.level + (Math.max(0, nowMs - known.atMs) / 1000) * refillPerSecond;
      const before = Math.min(capacity, grown);
      const isAllowed = before >= 1;
      const level = isAllowed ? before - 1 : before;
      // Put back at the end: the map's order is the order of last use.
      buckets.delete(key);
      buckets.set(key, { level, atMs: nowMs });
      const [oldest] = buckets.size > keysMax ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      return {
        isAllowed,
        remaining: Math.floor(level),
        resetSeconds: Math.ceil((capacity - level) / refillPerSecond),
        waitMs: isAllowed ? 0 : Math.ceil(((1 - level) / refillPerSecond) * 1000),
      };
    },
  };
}
