import { describe, expect, it } from 'vitest';

import {
  isWithinWindow,
  refusalOf,
  type RewardOccasion,
  type RewardUse,
  timesReady,
} from '#app/domain/programs/reward-gates.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';

const coffee: Reward = {
  id: 'coffee',
  name: 'Coffee',
  unit: 'points',
  cost: 100,
  benefit: { kind: 'custom', instructions: 'Any' },
};
const midCard: Reward = { ...coffee, unit: 'stamps', cost: 0, atStamp: 5 };
const rich: RewardUse = { hadByMember: 0, hadInPeriod: 0, hadByAll: 0, available: 1_000, reached: 0, forgiven: 0 };
const atTill: RewardOccasion = {
  channel: 'pos',
  locationId: '7',
  isFrozen: false,
  stop: null,
  isOpen: true,
  tierId: 'gold',
};

const refuse = (reward: Partial<Reward>, occasion: Partial<RewardOccasion> = {}, use: Partial<RewardUse> = {}) =>
  refusalOf({ ...coffee, ...reward }, { ...atTill, ...occasion }, { ...rich, ...use });

describe('what stands against a reward', () => {
  it('is nothing when all gates are open', () => {
    expect(refuse({})).toBeNull();
    expect(refuse({ channels: ['pos'], locationIds: ['7'], tierIds: ['gold'] })).toBeNull();
  });

  it('F20 F21 is a pause of the shop for everybody, and a doubt about the member for whoever could have it', () => {
    expect(refuse({ channels: ['online'] }, { stop: 'paused' }, { available: 0 })).toBe('paused');
    expect(refuse({}, { stop: 'paused', isFrozen: true })).toBe('frozen');
    expect(refuse({}, { stop: 'challenge' })).toBe('challenge');
    expect(refuse({}, { stop: 'challenge' }, { available: 0 })).toBe('not-enough');
  });

  it('is a frozen card before everything else', () => {
    expect(refuse({ channels: ['online'] }, { isFrozen: true }, { available: 0 })).toBe('frozen');
  });

  it('is the channel, or a place that is another or unknown', () => {
    expect(refuse({ channels: ['online', 'api'] })).toBe('channel');
    expect(refuse({ locationIds: ['8'] })).toBe('channel');
    expect(refuse({ locationIds: ['7'] }, { locationId: null })).toBe('channel');
  });

  it('is the time, then the tier', () => {
    expect(refuse({ tierIds: ['platinum'] }, { isOpen: false })).toBe('not-now');
    expect(refuse({ tierIds: ['platinum'] })).toBe('tier');
    expect(refuse({ tierIds: ['gold'] }, { tierId: null })).toBe('tier');
  });

  it('is a limit once it is reached, for ever or within the period', () => {
    expect(refuse({ limits: { perMember: 2 } }, {}, { hadByMember: 1 })).toBeNull();
    expect(refuse({ limits: { perMember: 2 } }, {}, { hadByMember: 2 })).toBe('limit');
    expect(refuse({ limits: { perPeriod: { count: 1, days: 7 } } }, {}, { hadByMember: 9 })).toBeNull();
    expect(refuse({ limits: { perPeriod: { count: 1, days: 7 } } }, {}, { hadInPeriod: 1 })).toBe('limit');
  });

  it('is the stock once all have had it, and at last the balance', () => {
    expect(refuse({ limits: { stock: 3 } }, {}, { hadByAll: 2 })).toBeNull();
    expect(refuse({ limits: { stock: 3 } }, {}, { hadByAll: 3 })).toBe('stock');
    expect(refuse({}, {}, { available: 99 })).toBe('not-enough');
    expect(refuse({}, {}, { available: 100 })).toBeNull();
  });
});

describe('how often a reward is ready', () => {
  it('follows from what can be spent, for one that costs something', () => {
    expect(timesReady(coffee, { ...rich, available: 299 })).toBe(2);
    expect(timesReady(coffee, { ...rich, available: -10 })).toBe(0);
  });

  it('is what was reached less what was had, for one that costs nothing, and may be below 0', () => {
    expect(timesReady(midCard, { ...rich, reached: 3, hadByMember: 1 })).toBe(2);
    expect(timesReady(midCard, { ...rich, reached: 0, hadByMember: 1 })).toBe(-1);
    expect(timesReady(midCard, { ...rich, reached: 1, hadByMember: 1, forgiven: 1 })).toBe(1);
    expect(refusalOf(midCard, atTill, { ...rich, reached: 1, hadByMember: 1 })).toBe('not-enough');
  });
});

describe('the window of a reward', () => {
  const zone = 'Europe/Berlin';
  const open = (window: Partial<Reward>, at: string) => isWithinWindow({ ...coffee, ...window }, new Date(at), zone);

  it('is half-open on the wall clock of the shop', () => {
    const window = { validFrom: '2026-06-01T08:00', validTo: '2026-06-01T12:00' };
    expect(open(window, '2026-06-01T05:59:59Z')).toBe(false);
    expect(open(window, '2026-06-01T06:00:00Z')).toBe(true);
    expect(open(window, '2026-06-01T09:59:59Z')).toBe(true);
    expect(open(window, '2026-06-01T10:00:00Z')).toBe(false);
  });

  it('opens when a gap of the clock ends, and at the first of two like times, once', () => {
    expect(open({ validFrom: '2026-03-29T02:30' }, '2026-03-29T00:59:59Z')).toBe(false);
    expect(open({ validFrom: '2026-03-29T02:30' }, '2026-03-29T01:00:00Z')).toBe(true);
    expect(open({ validFrom: '2026-10-25T02:30' }, '2026-10-25T00:30:00Z')).toBe(true);
    // The clock shows 02:10 once more; the reward stays open.
    expect(open({ validFrom: '2026-10-25T02:30' }, '2026-10-25T01:10:00Z')).toBe(true);
  });
});
