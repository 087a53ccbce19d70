import { describe, expect, it } from 'vitest';

import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { unitPrices, valueOf } from '#app/domain/programs/unit-price.ts';

const withRewards = (rewards: ProgramDocument['rewards']): ProgramDocument => ({
  ...plainProgram,
  name: 'Club',
  units: [{ kind: 'point', id: 'points', label: 'Points' }],
  earnRules: [],
  rewards,
});
const off = (id: string, cost: number, amountMinor: number, currency = 'EUR'): ProgramDocument['rewards'][number] => ({
  id,
  name: id,
  unit: 'points',
  cost,
  benefit: { kind: 'amount-off', amountMinor, currency },
});

describe('the price of a unit', () => {
  it('is what the reward that pays most gives for it, in the shop’s currency', () => {
    const document = withRewards([off('small', 100, 500), off('large', 300, 2_000), off('dollars', 1, 9_000, 'USD')]);
    expect(unitPrices(document, 'EUR').get('points')).toMatchObject({
      rewardId: 'large',
      amountMinor: 2_000,
      cost: 300,
    });
  });

  it('is unknown where rewards are no money, or cost nothing', () => {
    const free = { ...off('free', 0, 500), atStamp: 3 };
    const shipping = { ...off('shipping', 50, 1), benefit: { kind: 'free-shipping' as const } };
    expect(unitPrices(withRewards([free, shipping]), 'EUR').size).toBe(0);
    expect(valueOf(10, undefined)).toBeNull();
  });

  it('makes money exactly, rounded up once, also far beyond what floating point could', () => {
    const price = { rewardId: 'a', rewardName: 'a', amountMinor: 500, cost: 300 };
    expect([valueOf(0, price), valueOf(1, price), valueOf(3, price), valueOf(4, price)]).toEqual([0, 2, 5, 7]);
    expect(valueOf(-4, price)).toBe(-7);
    expect(valueOf(9_007_199_254_740_991, { ...price, amountMinor: 1, cost: 3 })).toBe(3_002_399_751_580_331);
  });
});
