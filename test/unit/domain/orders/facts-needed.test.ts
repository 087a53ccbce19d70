import { expect, test } from 'vitest';

import { eventFactsNeeded, factsNeeded } from '#app/domain/orders/facts-needed.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import { itemRule, makeProgram, spendRule } from '#test/support/orders.ts';

const nothing = { products: false, memberTags: false, segmentIds: [], market: false, tenders: false, timeZone: false };
const needsOf = (conditions: Conditions) => factsNeeded(makeProgram([spendRule(), itemRule({ conditions })]));

test('a program whose rules look at the order alone needs nothing', () => {
  const conditions: Conditions = {
    productIds: ['1'],
    vendors: ['Bluebird'],
    channels: ['pos'],
    locationIds: ['5'],
    currencies: ['EUR'],
    minimumMinor: 500,
    firstOrder: true,
  };
  expect(needsOf(conditions)).toEqual(nothing);
});

test.each<[Conditions, object]>([
  [{ collectionIds: ['1'] }, { products: true }],
  [{ excludedCollectionIds: ['1'] }, { products: true }],
  [{ productTags: ['vegan'] }, { products: true }],
  [{ excludedProductTags: ['sale'] }, { products: true }],
  [{ productTypes: ['Coffee'] }, { products: true }],
  [{ excludedProductTypes: ['Coffee'] }, { products: true }],
  [{ memberTags: ['vip'] }, { memberTags: true }],
  [{ excludedMemberTags: ['staff'] }, { memberTags: true }],
  [{ segmentIds: ['4', '5'] }, { segmentIds: ['4', '5'] }],
  [{ marketIds: ['9'] }, { market: true }],
  [{ weekdays: [1] }, { timeZone: true }],
  [{ hours: [{ from: '08:00', to: '10:00' }] }, { timeZone: true }],
])('a rule with %j needs that and no more', (conditions, needs) => {
  expect(needsOf(conditions)).toEqual({ ...nothing, ...needs });
});

test('gift cards that do not earn, campaigns and daily caps need their own', () => {
  expect(factsNeeded(makeProgram([spendRule()], { earnsOnGiftCards: false }))).toEqual({ ...nothing, tenders: true });
  const capped = factsNeeded(makeProgram([spendRule({ caps: { perDay: 5 } })]));
  expect(capped).toEqual({ ...nothing, timeZone: true });
  const campaign = {
    id: 'double', name: 'Double', from: '2026-12-01T00:00', to: '2026-12-02T00:00', multiplier: { times: 2, over: 1 },
  }; // prettier-ignore
  expect(factsNeeded({ ...makeProgram([spendRule()]), campaigns: [campaign] })).toEqual({ ...nothing, timeZone: true });
});

test('what occasions need is asked for occasions only', () => {
  const welcome: EarnRule = {
    kind: 'event',
    id: 'welcome',
    unit: 'point',
    event: 'sign-up',
    amount: 10,
    conditions: { memberTags: ['vip'], segmentIds: ['4'] },
  };
  const program = makeProgram([spendRule({ conditions: { segmentIds: ['5'] } }), welcome]);
  expect(factsNeeded(program)).toEqual({ ...nothing, segmentIds: ['5'] });
  expect(eventFactsNeeded(program)).toEqual({ memberTags: true, segmentIds: ['4'] });
});
