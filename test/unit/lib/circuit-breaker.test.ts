import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Breaker, createBreaker, createBreakers } from '#app/lib/circuit-breaker.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';

const down = () => Promise.reject(new Unavailable('down', 'down'));
const up = () => Promise.resolve('up');
const openMs = 5_000;

// The clock of a breaker stands still unless it is set forward: no pause of the machine closes a circuit.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Unavailable || error instanceof Rejected ? error.code : String(error)),
  );
}
const failTimes = async (breaker: Breaker, times: number) => {
  for (let n = 0; n < times; n += 1) await codeOf(breaker.run(down));
};

describe('F14 a circuit breaker', () => {
  it('opens after so many failures in a row, and then calls nobody', async () => {
    const breaker = createBreaker({ failuresMax: 3, openMs });
    await failTimes(breaker, 2);
    expect(await breaker.run(up)).toBe('up');
    await failTimes(breaker, 3);
    let calls = 0;
    const counted = () => Promise.resolve((calls += 1));
    const refused = await breaker.run(counted).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'circuit-open', retryAfterMs: openMs });
    vi.advanceTimersByTime(openMs - 1);
    expect(await codeOf(breaker.run(counted))).toBe('circuit-open');
    expect(calls).toBe(0);
  });

  it('lets one call look whether the other side is back, and closes by itself when it is', async () => {
    const breaker = createBreaker({ failuresMax: 1, openMs });
    await failTimes(breaker, 1);
    vi.advanceTimersByTime(openMs);
    let finish = () => undefined as void;
    const trial = breaker.run(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(await codeOf(breaker.run(up))).toBe('circuit-open');
    finish();
    await trial;
    expect(await breaker.run(up)).toBe('up');
  });

  it('stays open when it is not', async () => {
    const breaker = createBreaker({ failuresMax: 5, openMs });
    await failTimes(breaker, 5);
    vi.advanceTimersByTime(openMs);
    expect(await codeOf(breaker.run(down))).toBe('down');
    expect(await codeOf(breaker.run(up))).toBe('circuit-open');
  });

  it('takes a refusal for an answer, and does not count what speaks of something else', async () => {
    const breaker = createBreaker({ failuresMax: 1, openMs, counts: (code) => code === 'down' });
    expect(await codeOf(breaker.run(() => Promise.reject(new Rejected('no', 'no'))))).toBe('no');
    expect(await codeOf(breaker.run(() => Promise.reject(new Unavailable('no-turn', 'ours'))))).toBe('no-turn');
    expect(await breaker.run(up)).toBe('up');
    await failTimes(breaker, 1);
    expect(await codeOf(breaker.run(up))).toBe('circuit-open');
  });

  it('is one of each name, and forgets the one used longest ago', async () => {
    const breakerOf = createBreakers({ failuresMax: 1, openMs: 60_000, namesMax: 2 });
    await failTimes(breakerOf('one'), 1);
    expect(await breakerOf('two').run(up)).toBe('up');
    expect(await codeOf(breakerOf('one').run(up))).toBe('circuit-open');
    await breakerOf('three').run(up);
    await breakerOf('four').run(up);
    expect(await breakerOf('one').run(up)).toBe('up');
  });
});
