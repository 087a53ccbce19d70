import { describe, expect, it } from 'vitest';

import { createTokenBuckets } from '#app/lib/token-bucket.ts';

const settings = { capacity: 5, refillPerSecond: 2, keysMax: 3 };

describe('token buckets', () => {
  it('allow a burst, refuse the next, and say how long to wait', () => {
    const buckets = createTokenBuckets(settings);
    const taken = Array.from({ length: 6 }, () => buckets.take('a', 1_000));
    expect(taken.map((each) => each.isAllowed)).toEqual([true, true, true, true, true, false]);
    expect(taken.map((each) => each.remaining)).toEqual([4, 3, 2, 1, 0, 0]);
    expect(taken.at(-1)).toMatchObject({ waitMs: 500, resetSeconds: 3 });
    expect(buckets.take('a', 1_500).isAllowed).toBe(true);
    expect(buckets.take('a', 1_500).isAllowed).toBe(false);
  });

  it('keep one key from using up another', () => {
    const buckets = createTokenBuckets(settings);
    for (let count = 0; count < 10; count += 1) buckets.take('a', 0);
    expect(buckets.take('b', 0)).toMatchObject({ isAllowed: true, remaining: 4 });
  });

  it('never hold more than their capacity, nor less when time goes back', () => {
    const buckets = createTokenBuckets(settings);
    buckets.take('a', 0);
    expect(buckets.take('a', 1_000_000).remaining).toBe(4);
    expect(buckets.take('a', 0).remaining).toBe(3);
  });

  it('forget the key used longest ago when there are too many', () => {
    const buckets = createTokenBuckets(settings);
    for (const key of ['a', 'b', 'c', 'b', 'a', 'd']) buckets.take(key, 0);
    expect(buckets.take('c', 0).remaining).toBe(4);
    expect(buckets.take('a', 0).remaining).toBe(2);
  });
});
