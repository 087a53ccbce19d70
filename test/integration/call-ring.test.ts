import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { finishCall, restRing, takeCall } from '#app/data/system/call-ring.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { mostWithin } from '#test/support/google-cards.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web', 12);
});
afterAll(() => system.close());

const perSecond = 20;

/** A timer may be early by a moment, which a slot must not be. */
async function waitUntil(at: number): Promise<void> {
  while (performance.now() < at) await delay(Math.ceil(at - performance.now()));
}

/** Makes so many calls by so many hands; a call is on its way for `transitMs()`. Answers when each arrived. */
async function callFor(
  ring: string,
  { hands, calls, transitMs }: { hands: number; calls: number; transitMs: () => number },
): Promise<number[]> {
  const arrivals: number[] = [];
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (arrivals.length < calls) {
        const askedAt = performance.now();
        const { call, waitMs } = await takeCall({ ring, perSecond, aheadMs: 300 });
        if (call === null) {
          await delay(20);
          continue;
        }
        await waitUntil(performance.now() + waitMs);
        await delay(transitMs());
        arrivals.push(performance.now());
        await finishCall({ ring, call, lateMs: performance.now() - askedAt - waitMs });
      }
    }),
  );
  return arrivals;
}

describe('a ring of calls', () => {
  it('G3: lets at most 20 calls arrive in any second, although each is late by up to 250 ms on its way', async () => {
    const arrivals = await callFor('late', { hands: 12, calls: 60, transitMs: () => Math.random() ** 4 * 250 });
    expect(mostWithin(1_000, arrivals)).toBeLessThanOrEqual(20);
  });

  it('counts a call that was never answered until it must be over', async () => {
    const ring = 'dead';
    for (let taken = 1; taken <= 20; taken += 1)
      expect((await takeCall({ ring, perSecond, aheadMs: 5_000 })).call).toBe(taken);
    const blocked = await takeCall({ ring, perSecond, aheadMs: 5_000 });
    expect(blocked.call).toBeNull();
    expect(blocked.waitMs).toBeGreaterThan(10_000);
    await finishCall({ ring, call: 1, lateMs: 10 });
    const next = await takeCall({ ring, perSecond, aheadMs: 5_000 });
    expect(next.call).toBe(21);
    expect(next.waitMs).toBeLessThan(1_100);
    // A word about a call whose place was given away already changes nothing.
    await finishCall({ ring, call: 1, lateMs: 10 });
    expect((await takeCall({ ring, perSecond, aheadMs: 5_000 })).call).toBeNull();
  });

  it('lets one who may wait go before one who may not', async () => {
    const ring = 'lanes';
    for (let taken = 0; taken < 5; taken += 1) await takeCall({ ring, perSecond, aheadMs: 2_000 });
    // As if a hundred more had been taken.
    await system.sql(`update call_ring set begins_at = begins_at + interval '5 seconds' where ring = $1`, [ring]);
    expect((await takeCall({ ring, perSecond, aheadMs: 100 })).call).toBeNull();
    expect((await takeCall({ ring, perSecond, aheadMs: 10_000 })).call).toBe(6);
  });

  it('gives no slot while it rests, and a longer rest is not shortened', async () => {
    const ring = { ring: 'resting', perSecond };
    await restRing(ring, 60_000);
    await restRing(ring, 10);
    const { call, waitMs } = await takeCall({ ...ring, aheadMs: 100 });
    expect(call).toBeNull();
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThan(60_100);
  });

  it('recovers from a clock that was set back', async () => {
    const ring = { ring: 'lost', perSecond };
    await takeCall({ ...ring, aheadMs: 0 });
    await system.sql(`update call_ring set begins_at = now() + interval '3 days' where ring = 'lost'`);
    expect(await takeCall({ ...ring, aheadMs: 0 })).toEqual({ call: 2, waitMs: 0 });
  });
});
