import { describe, expect, it } from 'vitest';

import { campaignExample, rewardExample, ruleExamples, soundParts, tierExample } from '#app/domain/earning/examples.ts';
import { documentProblems } from '#app/domain/programs/document-problems.ts';
import type { EarnRule, OrderRule } from '#app/domain/programs/earn-rules.ts';
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { conditionKeys, addCondition, possibleConditions } from '#app/domain/programs/rule-conditions.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const scene = { currency: 'EUR', today: '2026-11-21' };

function programOf(...earnRules: EarnRule[]): ProgramDocument {
  return {
    ...plainProgram,
    name: 'Examples',
    units: [
      { kind: 'point', id: 'point', label: 'Points' },
      { kind: 'stamp', id: 'stamp', label: 'Stamps', stampsNeeded: 10 },
    ],
    earnRules,
  };
}

function spend(part: Partial<Extract<OrderRule, { kind: 'spend' }>> = {}): OrderRule {
  const rates = [{ currency: 'EUR', amount: 1, perMinor: 100 }];
  return { kind: 'spend', id: 'spend', unit: 'point', rates, rounding: 'floor', conditions: {}, ...part };
}

const say = (rule: EarnRule, document = programOf(rule)) => ruleExamples(rule, document, scene);

describe('the example of a rule', () => {
  it('says what an order gives, rounding included', () => {
    expect(say(spend())).toEqual(['An order of €59.90 gives 59 points.']);
    expect(say(spend({ rounding: 'ceil' }))).toEqual(['An order of €59.90 gives 60 points.']);
  });

  it('takes a larger order where the rule only begins above the usual one', () => {
    expect(say(spend({ rates: [{ currency: 'EUR', amount: 5, perMinor: 10_000 }] }))).toEqual([
      'An order of €599.00 gives 29 points.',
    ]);
  });

  it.each([
    ['JPY', 100, 'An order of ¥5,990 gives 59 points.'],
    ['KWD', 1_000, 'An order of KWD 59.900 gives 59 points.'],
  ])('counts in %s', (currency, perMinor, sentence) => {
    const rule = spend({ rates: [{ currency, amount: 1, perMinor }] });
    expect(
      ruleExamples(rule, programOf(rule), { ...scene, currency }).map((text) => text.replace('\u00A0', ' ')),
    ).toEqual([sentence]);
  });

  it('counts items and orders', () => {
    const item: EarnRule = { kind: 'item', id: 'item', unit: 'stamp', amount: 2, conditions: {} };
    const visit: EarnRule = { kind: 'visit', id: 'visit', unit: 'stamp', amount: 1, conditions: {} };
    const birthday: EarnRule = { kind: 'event', id: 'b', unit: 'point', event: 'birthday', amount: 50, conditions: {} };
    expect(say(item)).toEqual(['An order of 3 items gives 6 stamps.']);
    expect(say(visit)).toEqual(['An order of €59.90 gives 1 stamp.']);
    expect(say(birthday)).toEqual(['The occasion gives 50 points.']);
  });

  it('shows each limit at work', () => {
    const rule = spend({
      conditions: { minimumMinor: 1_000 },
      caps: { perOrder: 100, perDay: 200, perMember: 1_000 },
      coolDownHours: 24,
    });
    expect(say(rule)).toEqual([
      'An order of €59.90 that meets this gives 59 points.',
      'One of €9.99 gives nothing.',
      'One of €599.00 gives 100 points, the most for an order.',
      'After 200 points on one day, the next order that day gives nothing.',
      'After 1,000 points in all, it gives nothing.',
      'Bought again after 12 hours it gives nothing, after 24 hours 59 points.',
    ]);
    expect(say(spend({ caps: { perOrder: 200, perDay: 100 } }))).toContain(
      'One of €599.00 gives 100 points, the most for a day.',
    );
  });

  it('is of an order that meets every condition there is', () => {
    for (const key of conditionKeys) {
      const kinds = ['spend', 'item', 'visit', 'event'] as const;
      for (const rule of everythingProgram.earnRules.filter(({ kind }) => kinds.some((one) => one === kind))) {
        if (!possibleConditions(rule.kind, everythingProgram).includes(key)) continue;
        const plain = { ...rule, conditions: {} };
        const filled = fill(addCondition(plain, key, { document: everythingProgram, currency: 'EUR' }));
        const [sentence = ''] = say(filled, { ...everythingProgram, earnRules: [filled] });
        expect(`${key}: ${sentence}`).not.toContain('nothing');
      }
    }
  });
});

/** Lists begin empty, for the merchant to fill in. */
function fill(rule: EarnRule): EarnRule {
  const values: Record<string, unknown> = { weekdays: [6], currencies: ['EUR'] };
  const conditions = Object.fromEntries(
    Object.entries(rule.conditions).map(([key, value]) => [
      key,
      Array.isArray(value) && value.length === 0 ? (values[key] ?? ['77']) : value,
    ]),
  );
  return { ...rule, conditions };
}

describe('other examples', () => {
  const rule = spend();
  const tiers: ProgramDocument['tiers'] = {
    qualifiesBy: { kind: 'orders' },
    window: { kind: 'lifetime' },
    graceDays: 0,
    levels: [
      { id: 'silver', name: 'Silver', threshold: 5 },
      { id: 'gold', name: 'Gold', threshold: 20, multiplier: { times: 3, over: 2 } },
    ],
  };

  it('compare a campaign with the time before it', () => {
    const campaign = {
      id: 'double',
      name: 'Double',
      from: '2026-12-01T00:00',
      to: '2026-12-02T00:00',
      multiplier: { times: 2, over: 1 },
    };
    expect(campaignExample(campaign, programOf(rule), scene)).toBe(
      'An order of €59.90 during it gives 119 points instead of 59 points.',
    );
    expect(campaignExample({ ...campaign, ruleIds: ['another'] }, programOf(rule), scene)).toBeNull();
  });

  it('go through the tiers', () => {
    expect(tierExample({ ...programOf(rule), tiers }, scene)).toBe(
      'An order of €59.90 gives 59 points without a tier, 59 points with Silver, 89 points with Gold.',
    );
    expect(tierExample(programOf(rule), scene)).toBeNull();
  });

  it('say how far a reward is', () => {
    const reward = { id: 'r', name: 'R', unit: 'point', cost: 100, benefit: { kind: 'free-shipping' as const } };
    const far = (part: object) => rewardExample({ ...reward, ...part }, programOf(rule), scene);
    expect(far({})).toBe('2 orders of €59.90 earn it.');
    expect(far({ cost: 59 })).toBe('One order of €59.90 earns it.');
    expect(far({ unit: 'stamp' })).toBeNull();
    expect(far({ unit: 'stamp', cost: 0, atStamp: 5 })).toBe(
      'Whoever has collected 15 stamps got it twice: once on each card.',
    );
    expect(far({ cost: 0, collectionId: 'c' })).toBe('It comes each time the collection is complete.');
  });

  it('leave out what has to be mended first', () => {
    const broken: ProgramDocument = {
      ...programOf(rule, { ...spend({ id: 'broken' }), caps: { perOrder: Number.NaN } }),
      tiers: { ...tiers, graceDays: Number.NaN },
    };
    const sound = soundParts(broken, documentProblems(broken));
    expect(sound.earnRules.map(({ id }) => id)).toEqual(['spend']);
    expect(sound.tiers).toBeNull();
    expect(documentProblems(sound)).toEqual({});
  });
});
