import { describe, expect, test } from 'vitest';

import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import type { Collection, Reward } from '#app/domain/programs/rewards.ts';
import { itemRule, makeProgram, spendRule } from '#test/support/orders.ts';

const plain = makeProgram([spendRule(), itemRule()]);
const custom: EarnRule = { kind: 'event', id: 'quiz', unit: 'point', event: 'custom', amount: 5, conditions: {} };
const reward: Reward = {
  id: 'five',
  name: 'Five off',
  unit: 'coffee',
  cost: 10,
  benefit: { kind: 'free-shipping' },
};
const set: Collection = { kind: 'any', id: 'set', name: 'Set', units: ['coffee'], needed: 1 };

function issues(changes: Partial<ProgramDocument>): string[] {
  const parsed = programDocumentSchema.safeParse({ ...plain, ...changes });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
}

test('a sound document has none', () => {
  const tiers: ProgramDocument['tiers'] = {
    qualifiesBy: { kind: 'unit', unit: 'point' },
    window: { kind: 'lifetime' },
    graceDays: 0,
    levels: [{ id: 'gold', name: 'Gold', threshold: 1 }],
  };
  const mid = { ...reward, id: 'mid', cost: 0, atStamp: 5, tierIds: ['gold'] };
  const ofSet = { ...reward, id: 'of-set', cost: 0, collectionId: 'set' };
  expect(issues({ tiers, rewards: [reward, mid, ofSet], collections: [set] })).toEqual([]);
});

describe('a contradiction is named at its place', () => {
  test.each<[string, Partial<ProgramDocument>, string]>([
    ['an id twice', { earnRules: [spendRule(), spendRule()] }, 'earnRules.1 the id "spend" is used twice'],
    [
      'no such unit',
      { earnRules: [spendRule({ unit: 'tea' })] },
      'earnRules.0 earns "tea", which is not a unit of this program',
    ],
    [
      'no such tier',
      { earnRules: [spendRule({ conditions: { tierIds: ['gold'] } })] },
      'earnRules.0 names the tier "gold", which this program does not have',
    ],
    [
      'no event name',
      { earnRules: [custom] },
      'earnRules.0 a custom event needs an eventName, and only a custom event has one',
    ],
    [
      'two rates',
      { earnRules: [spendRule({ rates: [1, 2].map((amount) => ({ currency: 'EUR', amount, perMinor: 100 })) })] },
      'earnRules.0 has two rates for one currency',
    ],
    [
      'no such rule',
      {
        campaigns: [
          {
            id: 'double', name: 'Double', from: '2026-01-01T00:00', to: '2026-01-02T00:00',
            multiplier: { times: 2, over: 1 }, ruleIds: ['spend', 'gone'],
          }, // prettier-ignore
        ],
      },
      'campaigns.0 names the rule "gone", which is not there',
    ],
    [
      'a price of nothing',
      { rewards: [{ ...reward, cost: 0 }] },
      'rewards.0 costs nothing exactly when it is a mid-card reward or the reward of a collection',
    ],
    [
      'a price and a stamp',
      { rewards: [{ ...reward, atStamp: 5 }] },
      'rewards.0 costs nothing exactly when it is a mid-card reward or the reward of a collection',
    ],
    [
      'a full card',
      { rewards: [{ ...reward, cost: 0, atStamp: 10 }] },
      'rewards.0 must come before the card is full; a full card is a reward that costs its stamps',
    ],
    [
      'no such collection',
      { rewards: [{ ...reward, cost: 0, collectionId: 'set' }] },
      'rewards.0 names the collection "set", which is not there',
    ],
    [
      'a time that ends before it begins',
      { rewards: [{ ...reward, validFrom: '2026-02-01T00:00', validTo: '2026-02-01T00:00' }] },
      'rewards.0 must end after it begins',
    ],
    [
      'a gate without a tier',
      { rewards: [{ ...reward, tierIds: ['gold'] }] },
      'rewards.0 names the tier "gold", which this program does not have',
    ],
    [
      'a collection of points',
      { collections: [{ ...set, units: ['point'] }] },
      'collections.0 collects "point", which is not a stamp of this program',
    ],
  ])('%s', (_, changes, issue) => expect(issues(changes)).toEqual([issue]));
});
