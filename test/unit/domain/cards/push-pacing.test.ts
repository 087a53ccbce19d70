import { describe, expect, it } from 'vitest';

import { isOverloaded, paceAt, pushDelayMs, reminderWaitsMs, slowerThan } from '#app/domain/cards/push-pacing.ts';

const at = new Date('2026-11-22T12:00:00Z');
const before = (ms: number) => new Date(at.getTime() - ms);

describe('a card that changes', () => {
  it('is pushed almost at once when it was quiet', () => {
    for (const lastPushedAt of [null, before(60_000), before(2_000)])
      expect(pushDelayMs({ lastPushedAt, at })).toBe(150);
  });

  it('is pushed at most every second and a half when it changes again and again', () => {
    expect(pushDelayMs({ lastPushedAt: before(0), at })).toBe(1_500);
    expect(pushDelayMs({ lastPushedAt: before(500), at })).toBe(1_000);
    expect(pushDelayMs({ lastPushedAt: before(1_499), at })).toBe(150);
  });

  it('waits no longer for a push that a moved clock puts into the future', () => {
    expect(pushDelayMs({ lastPushedAt: before(-86_400_000), at })).toBe(1_500);
  });
});

describe('the pace of bulk', () => {
  const now = { perSecondMax: 300, at };

  it('is what fetches can stand while nothing is wrong', () => {
    expect(paceAt(null, now)).toBe(300);
  });

  it('halves when fetches go badly, and is back after a minute', () => {
    const perSecond = slowerThan(300);
    expect(perSecond).toBe(150);
    expect(paceAt({ perSecond, loweredAt: at }, now)).toBe(150);
    expect(paceAt({ perSecond, loweredAt: before(10_000) }, now)).toBe(200);
    expect(paceAt({ perSecond, loweredAt: before(60_000) }, now)).toBe(300);
  });

  it('never stops altogether, and never rises above what fetches can stand', () => {
    let pace = 300;
    for (let n = 0; n < 20; n += 1) pace = slowerThan(pace);
    expect(pace).toBe(5);
    expect(paceAt({ perSecond: 1, loweredAt: before(-5_000) }, now)).toBe(5);
    expect(paceAt({ perSecond: 900, loweredAt: at }, now)).toBe(300);
  });
});

describe('fetches', () => {
  it.each([
    [{ count: 0, failed: 0, slow: 0 }, false],
    [{ count: 1, failed: 1, slow: 0 }, true],
    [{ count: 100, failed: 0, slow: 10 }, false],
    [{ count: 100, failed: 0, slow: 11 }, true],
    // A single slow one says nothing.
    [{ count: 4, failed: 0, slow: 4 }, false],
  ])('of a second that went like %j go badly: %s', (figures, expected) => {
    expect(isOverloaded(figures)).toBe(expected);
  });
});

it('a silent device is reminded 1, 6 and 24 hours after it was pushed', () => {
  let hours = 0;
  const after = reminderWaitsMs.map((waitMs) => (hours += waitMs / 3_600_000));
  expect(after).toEqual([1, 6, 24]);
});
