import { describe, expect, it } from 'vitest';

import { writeMultiplier } from '#app/domain/programs/condition-sentences.ts';
import { documentProblems } from '#app/domain/programs/document-problems.ts';
import {
  addCollection,
  addLevel,
  addReward,
  addRule,
  addUnit,
  changeWay,
  moved,
  newCampaign,
  readMultiplier,
  removeCollection,
  removeLevel,
  removeRule,
  removeTiers,
  removeUnit,
  resizeCard,
  starterBenefit,
  starterTiers,
  wayOf,
} from '#app/domain/programs/draft-edits.ts';
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const begin = (document: ProgramDocument) => ({ id: 'fresh', document, currency: 'EUR' });

const pointsOnly: ProgramDocument = {
  ...plainProgram,
  name: 'Points',
  units: [{ kind: 'point', id: 'point', label: 'Points' }],
  earnRules: [{ kind: 'visit', id: 'visit', unit: 'point', amount: 1, conditions: {} }],
};

function expectSound(document: ProgramDocument): void {
  expect(documentProblems(document)).toEqual({});
  expect(programDocumentSchema.safeParse(document).error).toBeUndefined();
}

describe('adding to a draft', () => {
  it.each(['spend', 'item', 'visit', 'event'] as const)('begins with a sound rule of the kind %s', (kind) => {
    for (const document of [everythingProgram, pointsOnly]) {
      const added = addRule(kind, begin(document));
      expect(added.earnRules.at(-1)).toMatchObject({ id: 'fresh', kind });
      expectSound(added);
    }
  });

  it.each(['EUR', 'JPY', 'KWD'])('begins with a round sum of %s', (currency) => {
    expectSound(addRule('spend', { ...begin(pointsOnly), currency }));
    expectSound(addReward({ ...begin(pointsOnly), currency }));
  });

  it('begins with a sound reward, tiers, campaign, card and collection', () => {
    expectSound(addReward(begin(everythingProgram)));
    expectSound(addReward(begin(pointsOnly)));
    let count = 0;
    const tiers = starterTiers(pointsOnly, () => `tier-${(count += 1)}`);
    expectSound({ ...pointsOnly, tiers: addLevel(tiers, 'top') });
    expectSound({ ...pointsOnly, campaigns: [newCampaign('week', '2026-12-28')] });
    expect(newCampaign('week', '2026-12-28').to).toBe('2027-01-04T00:00');
    expectSound(addCollection(addUnit(pointsOnly, { kind: 'stamp', id: 'cups' }), 'fresh'));
    expectSound(addUnit(pointsOnly, { kind: 'point', id: 'more' }));
  });

  it.each(['amount-off', 'percent-off', 'free-shipping', 'store-credit', 'gift-card', 'custom'] as const)(
    'begins with a sound benefit of the kind %s',
    (kind) => {
      const rewards = addReward(begin(pointsOnly)).rewards.map((reward) => ({
        ...reward,
        benefit: starterBenefit(kind, 'EUR'),
      }));
      expectSound({ ...pointsOnly, rewards });
    },
  );

  it('leaves the product of a free product to the merchant', () => {
    expect(starterBenefit('free-product', 'EUR')).toEqual({ kind: 'free-product', productId: '' });
  });
});

describe('removing from a draft', () => {
  it('takes what names a tier with it, and the tiers with the last one', () => {
    const withoutSilver = removeLevel(everythingProgram, 'silver');
    expectSound(withoutSilver);
    const withoutGold = removeLevel(everythingProgram, 'gold');
    expect(documentProblems(withoutGold)).toEqual({
      'earnRules.0.conditions.tierIds': 'Tick at least one tier, or remove this condition.',
      'rewards.1.tierIds': 'Tick at least one tier, or remove this limit.',
    });
    expect(removeTiers(everythingProgram).tiers).toBeNull();
  });

  it('never lets a campaign for one rule count for all of them', () => {
    const without = removeRule(everythingProgram, 'spend');
    expect(without.campaigns.map(({ ruleIds }) => ruleIds)).toEqual([undefined, []]);
    expect(Object.keys(documentProblems(without))).toEqual(['campaigns.1.ruleIds']);
  });

  it('takes a unit out of rules, rewards, collections, tiers and referrals', () => {
    const without = removeUnit(everythingProgram, 'point');
    expect(without.earnRules).toEqual([]);
    expect(without.referral).toMatchObject({ friend: null, referrer: null });
    const byUnit: ProgramDocument = {
      ...everythingProgram,
      tiers: everythingProgram.tiers && { ...everythingProgram.tiers, qualifiesBy: { kind: 'unit', unit: 'point' } },
    };
    expect(removeUnit(byUnit, 'point').tiers?.qualifiesBy).toEqual({ kind: 'orders' });
    const withoutCoffee = removeUnit(everythingProgram, 'coffee');
    expect(withoutCoffee.rewards).toEqual([]);
    expect(withoutCoffee.collections[0]?.units).toEqual(['cake']);
  });

  it('takes the rewards of a collection with it', () => {
    const without = removeCollection(everythingProgram, 'breakfast');
    expect(without.rewards.map(({ id }) => id)).toEqual(['cookie']);
    expectSound(without);
  });
});

describe('changing a draft', () => {
  it('keeps a full card the price of what cost a full card', () => {
    const added = addReward(begin(everythingProgram));
    const resized = resizeCard(added, 'coffee', 12);
    expect(resized.rewards.map(({ cost }) => cost)).toEqual([0, 0, 12]);
    expect(resized.units).toContainEqual({ kind: 'stamp', id: 'coffee', label: 'Coffees', stampsNeeded: 12 });
  });

  it('changes how a reward is come by, and back', () => {
    const added = addReward(begin(everythingProgram));
    const index = added.rewards.length - 1;
    for (const way of ['mid-card', 'collection', 'cost'] as const) {
      const rewards = added.rewards.map((reward, at) => (at === index ? changeWay(reward, way, added) : reward));
      expect(rewards.at(-1) && wayOf(rewards.at(-1) as (typeof rewards)[number])).toBe(way);
      expectSound({ ...added, rewards });
    }
  });

  it('moves an entry by one, and no further than the end', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
  });
});

describe('how many times as many', () => {
  it.each([
    ['2', 2, 1],
    ['1.5', 3, 2],
    ['1,25', 5, 4],
    ['0.5', 1, 2],
    ['4/3', 4, 3],
    [' 1.125 ', 9, 8],
  ])('%s is read exactly', (text, times, over) => {
    expect(readMultiplier(text)).toEqual({ times, over });
  });

  it.each(['', '0', '-1', '1.2345', 'two', '1/0', '1e3'])('%j is not read', (text) => {
    expect(readMultiplier(text)).toBeNull();
  });

  it.each(['2', '1.5', '1.25', '0.1', '100', '4/3'])('%s is written as it was read', (text) => {
    const read = readMultiplier(text);
    expect(read && writeMultiplier(read)).toBe(text);
  });
});
