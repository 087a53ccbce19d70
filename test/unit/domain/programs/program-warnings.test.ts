import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { areApart, hasMoment } from '#app/domain/programs/condition-clashes.ts';
import type { Campaign, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { programWarnings, reviewProgram } from '#app/domain/programs/program-warnings.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';
import { itemRule, makeProgram, spendRule, visitRule } from '#test/support/orders.ts';

const reviewing = { at: new Date('2026-06-01T12:00:00Z'), timeZone: 'Europe/Paris', currency: 'EUR' };

const reward = (benefit: Benefit, changes: Partial<Reward> = {}): Reward => ({
  id: 'five',
  name: 'Five off',
  unit: 'point',
  cost: 100,
  benefit,
  ...changes,
});
const off = (amountMinor: number): Benefit => ({ kind: 'amount-off', amountMinor, currency: 'EUR' });
const credit = (amountMinor: number): Benefit => ({ kind: 'store-credit', amountMinor, currency: 'EUR' });
const campaign = (changes: Partial<Campaign> = {}): Campaign => ({
  id: 'double',
  name: 'Double week',
  from: '2026-06-01T00:00',
  to: '2026-06-08T00:00',
  multiplier: { times: 2, over: 1 },
  ...changes,
});

/** What is found beside units that nothing earns or spends. */
function found(rules: EarnRule[], rest: Partial<ProgramDocument> = {}) {
  const document = { ...makeProgram([spendRule()]), earnRules: rules, ...rest };
  return reviewProgram(document, reviewing).filter(({ code }) => !code.startsWith('unit-'));
}
const codes = (rules: EarnRule[], rest: Partial<ProgramDocument> = {}) =>
  found(rules, rest).map(({ severity, code }) => `${severity} ${code}`);

test('a plain program gives nothing to say', () => {
  expect(found([spendRule(), itemRule()], { rewards: [reward(off(500))] })).toEqual([]);
});

describe('rules that can never match', () => {
  test.each<Conditions>([
    { productIds: ['1', '2'], excludedProductIds: ['2', '1', '3'] },
    { variantIds: ['1'], excludedVariantIds: ['1'] },
    { collectionIds: ['1'], excludedCollectionIds: ['1'] },
    { productTags: ['Sale'], excludedProductTags: ['sale'] },
    { vendors: ['ACME'], excludedVendors: ['Acme'] },
    { productTypes: ['a'], excludedProductTypes: ['a'] },
    { memberTags: ['vip'], excludedMemberTags: ['VIP'] },
  ])('%j is refused', (conditions) => {
    expect(codes([spendRule({ conditions })])).toEqual(['refused never-matches']);
  });

  test('one that leaves out only a part is not', () => {
    expect(codes([spendRule({ conditions: { productIds: ['1', '2'], excludedProductIds: ['2'] } })])).toEqual([]);
  });

  test('are named with the place to look at, in the merchant’s words', () => {
    const rule = spendRule({ name: 'Coffee club', conditions: { productIds: ['1'], excludedProductIds: ['1'] } });
    expect(found([rule])).toEqual([
      {
        severity: 'refused',
        code: 'never-matches',
        message: '“Coffee club” can never earn: every product it asks for is also left out.',
        path: ['earnRules', 0, 'conditions', 'excludedProductIds'],
      },
    ]);
  });

  test('nor one without a rate for its currencies or the shop’s', () => {
    const rates = [{ currency: 'CHF', amount: 1, perMinor: 100 }];
    expect(codes([spendRule({ rates, conditions: { currencies: ['USD'] } })])).toEqual(['refused never-matches']);
    expect(codes([spendRule({ rates, conditions: { currencies: ['USD', 'CHF'] } })])).toEqual([]);
    expect(codes([spendRule({ conditions: { currencies: ['USD'] } })])).toEqual([]);
    expect(codes([spendRule({ rates })])).toEqual(['warning no-rate']);
  });

  test('are told apart from those that hardly match', () => {
    expect(codes([spendRule({ conditions: { locationIds: ['5'], channels: ['online'] } })])).toEqual([
      'warning hardly-matches',
    ]);
    expect(codes([spendRule({ conditions: { locationIds: ['5'], channels: ['online', 'pos'] } })])).toEqual([]);
    expect(codes([spendRule({ conditions: { firstOrder: true, tierIds: ['gold'] } })])).toEqual([
      'warning hardly-matches',
    ]);
  });
});

test('what an occasion without an order cannot look at is said', () => {
  const rule: EarnRule = {
    kind: 'event', id: 'birthday', unit: 'point', event: 'birthday', amount: 50,
    conditions: { memberTags: ['vip'], weekdays: [1], channels: ['pos'], minimumMinor: 5 },
  }; // prettier-ignore
  expect(found([rule]).map(({ path }) => path.at(-1))).toEqual(['channels', 'minimumMinor']);
});

describe('campaigns', () => {
  test('that are over are told', () => {
    const over = campaign({ from: '2026-05-01T00:00', to: '2026-06-01T14:00' });
    expect(codes([spendRule()], { campaigns: [over] })).toEqual(['warning campaign-over']);
    // Two in the afternoon in Paris is noon in Greenwich.
    expect(codes([spendRule()], { campaigns: [{ ...over, to: '2026-06-01T14:01' }] })).toEqual([]);
  });

  test('in whose time no rule applies are told', () => {
    // 6 and 7 June 2026 are a Saturday and a Sunday.
    const weekend = campaign({ from: '2026-06-06T00:00', to: '2026-06-08T00:00' });
    const onWeekdays = spendRule({ conditions: { weekdays: [1, 2, 3, 4, 5] } });
    expect(codes([onWeekdays], { campaigns: [weekend] })).toEqual(['warning campaign-without-effect']);
    expect(codes([onWeekdays, visitRule()], { campaigns: [weekend] })).toEqual([]);
    expect(codes([onWeekdays, visitRule()], { campaigns: [{ ...weekend, ruleIds: ['spend'] }] })).toEqual([
      'warning campaign-without-effect',
    ]);
  });

  test.each<[string, string, Conditions, boolean]>([
    ['2026-06-01T08:00', '2026-06-01T09:00', { hours: [{ from: '09:00', to: '17:00' }] }, false],
    ['2026-06-01T08:00', '2026-06-01T09:01', { hours: [{ from: '09:00', to: '17:00' }] }, true],
    ['2026-06-01T17:00', '2026-06-02T09:00', { hours: [{ from: '09:00', to: '17:00' }] }, false],
    ['2026-06-01T17:00', '2026-06-02T09:01', { hours: [{ from: '09:00', to: '17:00' }] }, true],
    ['2026-06-01T00:00', '2026-06-08T00:00', { weekdays: [7] }, true],
    ['2026-06-01T00:00', '2026-06-07T00:00', { weekdays: [7] }, false],
    ['2026-06-03T12:00', '2026-06-10T11:00', { weekdays: [3], hours: [{ from: '11:00', to: '12:00' }] }, false],
    ['2026-06-03T12:00', '2026-06-10T11:01', { weekdays: [3], hours: [{ from: '11:00', to: '12:00' }] }, true],
    ['2026-01-01T00:00', '2027-01-01T00:00', { weekdays: [3], hours: [{ from: '23:00', to: '24:00' }] }, true],
  ])('from %s to %s there is a moment of %j: %s', (from, to, conditions, isThere) => {
    expect(hasMoment({ from, to }, conditions)).toBe(isThere);
  });
});

describe('overlap', () => {
  test.each<[string, EarnRule[], boolean]>([
    ['money twice', [spendRule({ id: 'a' }), spendRule({ id: 'b' })], true],
    ['a visit and its items', [visitRule(), itemRule()], true],
    ['money and items, which is a bonus', [spendRule(), itemRule({ unit: 'point' })], false],
    ['different units', [spendRule({ id: 'a' }), spendRule({ id: 'b', unit: 'coffee' })], false],
  ])('of %s: %s', (_, rules, isThere) => {
    expect(codes(rules)).toEqual(isThere ? ['warning overlap'] : []);
  });

  test.each<[Conditions, Conditions, boolean]>([
    [{ channels: ['pos'] }, { channels: ['online'] }, true],
    [{ channels: ['pos'] }, { channels: ['online', 'pos'] }, false],
    [{ weekdays: [1] }, { weekdays: [2, 3] }, true],
    [{ hours: [{ from: '08:00', to: '09:00' }] }, { hours: [{ from: '09:00', to: '10:00' }] }, true],
    [{ hours: [{ from: '08:00', to: '09:01' }] }, { hours: [{ from: '09:00', to: '10:00' }] }, false],
    [{ tierIds: ['gold'] }, { tierIds: ['silver'] }, true],
    [{ memberTags: ['vip'] }, { excludedMemberTags: ['VIP'] }, true],
    [{ memberTags: ['vip'] }, { memberTags: ['staff'] }, false],
    [{ productIds: ['1'] }, { productIds: ['2'] }, true],
    [{ productIds: ['1', '2'] }, { productIds: ['2'] }, false],
    [{ productIds: ['1'] }, { excludedProductIds: ['1', '2'] }, true],
    [{ vendors: ['Acme'] }, { vendors: ['ACME'] }, false],
    [{ minimumMinor: 5 }, {}, false],
  ])('%j and %j have nothing in common: %s', (first, second, isApart) => {
    expect(areApart(first, second)).toBe(isApart);
    expect(areApart(second, first)).toBe(isApart);
  });
});

describe('programs that pay more than is paid', () => {
  const perEuro = (amount: number, changes: Partial<EarnRule & { kind: 'spend' }> = {}) =>
    spendRule({ rates: [{ currency: 'EUR', amount, perMinor: 100 }], ...changes });

  test.each<[string, number, Benefit, string[]]>([
    ['a fair discount', 1, off(500), []],
    ['a discount of exactly what was paid', 20, off(500), []],
    ['a discount of more than was paid', 21, off(500), ['refused pays-more-than-value']],
    ['store credit just below what was paid', 19, credit(500), []],
    ['store credit that earns itself again', 20, credit(500), ['refused loop']],
    ['a gift card that earns itself again', 20, { ...credit(500), kind: 'gift-card' } as Benefit, ['refused loop']],
    ['money of another currency', 99, { ...off(500), currency: 'USD' } as Benefit, []],
    ['no money at all', 99, { kind: 'free-shipping' }, []],
  ])('%s: %i points a euro, 100 for it', (_, amount, benefit, expected) => {
    expect(codes([perEuro(amount)], { rewards: [reward(benefit)] })).toEqual(expected);
  });

  test('a gift card earns nothing again where gift cards do not earn', () => {
    const settings = { ...makeProgram([spendRule()]).settings, earnsOnGiftCards: false };
    const giftCard: Benefit = { kind: 'gift-card', amountMinor: 500, currency: 'EUR' };
    expect(codes([perEuro(20)], { rewards: [reward(giftCard)], settings })).toEqual([]);
  });

  test('are warned about when a cap or a first order bounds the loss', () => {
    for (const changes of [{ caps: { perMember: 100 } }, { conditions: { firstOrder: true as const } }])
      expect(codes([perEuro(50, changes)], { rewards: [reward(off(500))] })).toEqual(['warning pays-more-than-value']);
  });

  test('are warned about when only campaigns, tiers and rules together do it', () => {
    const rewards = [reward(off(500))];
    const tiers: ProgramDocument['tiers'] = {
      qualifiesBy: { kind: 'orders' },
      window: { kind: 'lifetime' },
      graceDays: 0,
      levels: [{ id: 'gold', name: 'Gold', threshold: 1, multiplier: { times: 2, over: 1 } }],
    };
    const campaigns = [campaign(), campaign({ id: 'more', from: '2026-06-07T00:00', to: '2026-06-09T00:00' })];
    const warned = ['warning pays-more-than-value'];
    // Twice two for the campaigns, and two for the tier: 2 points a euro become 16, 3 become 24.
    expect(codes([perEuro(2)], { rewards, tiers, campaigns })).toEqual([]);
    expect(codes([perEuro(3)], { rewards, tiers, campaigns })).toEqual(warned);
    expect(codes([perEuro(3)], { rewards, campaigns })).toEqual([]);
    // Campaigns that are never on together do not multiply each other.
    const apart = [campaign(), campaign({ id: 'more', from: '2026-06-08T00:00', to: '2026-06-09T00:00' })];
    expect(codes([perEuro(3)], { rewards, tiers, campaigns: apart })).toEqual([]);
    const two = [perEuro(11, { id: 'a', conditions: { channels: ['pos'] } }), perEuro(11, { id: 'b' })];
    expect(codes(two, { rewards })).toContain('warning pays-more-than-value');
  });

  test('are warned about when an order of the minimum earns more than it costs by a visit', () => {
    const visit = (amount: number) => visitRule({ unit: 'point', amount, conditions: { minimumMinor: 500 } });
    expect(codes([visit(100)], { rewards: [reward(off(500))] })).toEqual([]);
    expect(codes([visit(101)], { rewards: [reward(off(500))] })).toEqual(['warning pays-more-than-value']);
  });

  test('are told in figures', () => {
    expect(found([perEuro(30, { name: 'Beans' })], { rewards: [reward(credit(500))] })[0]?.message).toBe(
      '“Five off” gives €5.00 for 100 Points, and spending that €5.00 earns 150 Points again by “Beans”: nobody would ever have to pay.',
    );
  });

  test('a refused one truly gives everything back, and one that passes does not', () => {
    const small = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(small, small, small, (amount, cost, worth) => {
        const isRefused = codes([perEuro(amount)], { rewards: [reward(off(worth), { cost })] }).length > 0;
        // Paying what the reward is worth, to the cent.
        const earned = Math.floor((worth * amount) / 100);
        expect(isRefused).toBe(earned > cost);
      }),
    );
  });
});

describe('units and rewards', () => {
  const sentences = (changes: Partial<ProgramDocument>) =>
    programWarnings({ ...makeProgram([spendRule()]), ...changes });

  test('that nothing earns or spends are told', () => {
    expect(sentences({})).toEqual([
      'Points cannot be spent on anything yet: add a reward.',
      'Nothing earns Coffees yet: add a rule, or remove them from the program.',
      'Coffees cannot be spent on anything yet: add a reward.',
    ]);
  });

  test('count referrals as earning and collections as spending', () => {
    const referral = {
      friend: { unit: 'coffee', amount: 1 },
      referrer: null,
      pendingDays: 0,
      minimumMinor: 0,
      friendsMax: 5,
    };
    const collections: ProgramDocument['collections'] = [
      { kind: 'any', id: 'set', name: 'Set', units: ['coffee'], needed: 1 },
    ];
    const ofSet = reward(off(5), { unit: 'coffee', cost: 0, collectionId: 'set' });
    expect(sentences({ referral, collections, rewards: [ofSet, reward(off(500))] })).toEqual([]);
  });

  test('of which one costs more than a card holds, or is over, are told', () => {
    const dear = reward(off(5), { unit: 'coffee', cost: 11 });
    expect(codes([spendRule(), itemRule()], { rewards: [dear] })).toEqual(['warning reward-beyond-card']);
    const over = reward(off(500), { validTo: '2026-06-01T14:00' });
    expect(codes([spendRule(), itemRule()], { rewards: [over] })).toEqual(['warning reward-over']);
  });

  test('a tier that counts what no rule gives is told', () => {
    const tiers: ProgramDocument['tiers'] = {
      qualifiesBy: { kind: 'unit', unit: 'coffee' },
      window: { kind: 'lifetime' },
      graceDays: 0,
      levels: [{ id: 'gold', name: 'Gold', threshold: 1 }],
    };
    expect(codes([spendRule()], { tiers })).toEqual(['warning tier-out-of-reach']);
    expect(codes([spendRule(), itemRule()], { tiers })).toEqual([]);
  });
});

test('what is refused comes first', () => {
  const rules = [
    spendRule({ id: 'a' }),
    spendRule({ id: 'b', conditions: { productIds: ['1'], excludedProductIds: ['1'] } }),
  ];
  const severities = reviewProgram({ ...makeProgram([spendRule()]), earnRules: rules }, reviewing).map(
    ({ severity }) => severity,
  );
  expect(severities[0]).toBe('refused');
  expect(severities.lastIndexOf('refused')).toBe(severities.indexOf('warning') - 1);
});
