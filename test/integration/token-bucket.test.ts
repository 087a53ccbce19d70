import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { takeTokens } from '#app/data/system/token-bucket.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web', 12);
});
afterAll(() => system.close());

/** Twelve takers of one bucket: the most slots that surely lie in one second, and how many there are a second in all. */
async function takeBusily(bucket: string): Promise<{ most: number; perSecond: number }> {
  // The bucket counts from somewhere between the question and its answer.
  const slots: { from: number; until: number }[] = [];
  const endsAt = performance.now() + 2_500;
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      while (performance.now() < endsAt) {
        const askedAt = performance.now();
        const { granted, waitMs } = await takeTokens({ bucket, perSecond: 20, burst: 10, wanted: 1 });
        if (granted === 1) slots.push({ from: askedAt + waitMs, until: performance.now() + waitMs });
        await delay(waitMs);
      }
    }),
  );
  const most = slots.map(({ from }) => slots.filter((slot) => slot.from >= from && slot.until < from + 995).length);
  const seconds = (Math.max(...slots.map(({ from }) => from)) - Math.min(...slots.map(({ until }) => until))) / 1_000;
  return { most: Math.max(...most), perSecond: (slots.length - 1) / seconds };
}

describe('a token bucket', () => {
  it('never gives twelve takers more than 20 in any second, wastes none, and begins without a burst', async () => {
    // While the machine does something else for half a second nobody asks: some slots are wasted once, not each time.
    let taken = await takeBusily('busy');
    for (let round = 1; round < 4 && taken.most <= 20 && taken.perSecond <= 19; round += 1)
      taken = await takeBusily(`busy${round}`);
    expect(taken.most).toBeLessThanOrEqual(20);
    expect(taken.perSecond).toBeGreaterThan(19);
  });

  it('gives slots that follow each other, as many as lie within reach', async () => {
    const wanted = { bucket: 'row', perSecond: 1, burst: 50, wanted: 30 };
    expect(await takeTokens(wanted)).toEqual({ granted: 30, waitMs: 0 });
    const second = await takeTokens(wanted);
    expect(second.granted).toBe(20);
    expect(second.waitMs).toBeGreaterThan(20_000);
    const none = await takeTokens(wanted);
    expect(none.granted).toBe(0);
    // Until thirty lie within reach again.
    expect(none.waitMs).toBeGreaterThan(20_000);
    expect(none.waitMs).toBeLessThanOrEqual(30_000);
  });

  it('lets one who may wait go before one who may not', async () => {
    const bucket = 'lanes';
    for (let taken = 0; taken < 4; taken += 1) await takeTokens({ bucket, perSecond: 1, burst: 10, wanted: 1 });
    expect((await takeTokens({ bucket, perSecond: 1, burst: 2, wanted: 1 })).granted).toBe(0);
    expect((await takeTokens({ bucket, perSecond: 1, burst: 10, wanted: 1 })).granted).toBe(1);
  });

  it('saves nothing up while nobody asks', async () => {
    const wanted = { bucket: 'rested', perSecond: 1, burst: 1, wanted: 5 };
    expect((await takeTokens(wanted)).granted).toBe(1);
    await system.sql(`update token_bucket set next_at = now() - interval '1 hour' where bucket = 'rested'`);
    expect((await takeTokens(wanted)).granted).toBe(1);
    expect((await takeTokens(wanted)).granted).toBe(0);
  });

  it('recovers from a clock that was set back', async () => {
    await system.sql(`insert into token_bucket values ('lost', now() + interval '3 days')`);
    expect(await takeTokens({ bucket: 'lost', perSecond: 20, burst: 1, wanted: 1 })).toEqual({ granted: 1, waitMs: 0 });
  });
});
