import { describe, expect, test } from 'vitest';

import { settle } from '#app/domain/earning/earning.ts';
import { type MemberStanding, newcomer, type OrderFacts, plainFacts } from '#app/domain/earning/facts.ts';
import type { OrderSnapshot } from '#app/domain/orders/order.ts';
import type { Conditions } from '#app/domain/programs/earn-rules.ts';
import {
  itemRule,
  makeLine,
  makeProgram,
  makeSnapshot,
  snapshotNews,
  spendRule,
  stateOf,
} from '#test/support/orders.ts';

const tiers = {
  qualifiesBy: { kind: 'orders' as const },
  window: { kind: 'lifetime' as const },
  graceDays: 0,
  levels: [
    { id: 'silver', name: 'Silver', threshold: 2 },
    { id: 'gold', name: 'Gold', threshold: 5 },
  ],
};

/** Lines of 1.00, 2.00, 4.00 and 8.00, so that the points say which of them counted. */
const order = makeSnapshot({
  channel: 'pos',
  locationId: '5',
  lines: [
    makeLine({ id: '1', productId: '10', variantId: '100', vendor: 'Acme', grossMinor: 100 }),
    makeLine({ id: '2', productId: '11', variantId: '110', vendor: 'ACME', grossMinor: 200 }),
    makeLine({ id: '3', productId: '12', variantId: '120', vendor: 'Other', grossMinor: 400 }),
    makeLine({ id: '4', productId: null, variantId: null, vendor: null, grossMinor: 800 }),
  ],
});
const facts: OrderFacts = {
  ...plainFacts('Europe/Paris'),
  products: {
    '10': { collectionIds: ['70', '71'], tags: ['Sale', 'summer'], productType: 'Coffee' },
    '11': { collectionIds: ['71'], tags: ['SALE'], productType: 'coffee' },
  },
  memberTags: ['VIP', 'staff'],
  segmentIds: ['900'],
  marketId: '40',
};

type Changes = { snapshot?: Partial<OrderSnapshot>; facts?: Partial<OrderFacts>; standing?: Partial<MemberStanding> };

function points(conditions: Conditions, changes: Changes = {}): number | undefined {
  const document = makeProgram([spendRule({ conditions })], {}, { tiers });
  return settle({
    order: stateOf(snapshotNews({ ...order, ...changes.snapshot })),
    document,
    facts: { ...facts, ...changes.facts },
    standing: { ...newcomer, ...changes.standing },
  }).targets[0]?.amount;
}

describe('lines', () => {
  test.each<[Conditions, number]>([
    [{ productIds: ['10', '12'] }, 5],
    [{ excludedProductIds: ['10'] }, 14],
    [{ variantIds: ['110'] }, 2],
    [{ excludedVariantIds: ['110', '120'] }, 9],
    [{ collectionIds: ['70'] }, 1],
    [{ collectionIds: ['70', '71'] }, 3],
    [{ excludedCollectionIds: ['71'] }, 12],
    [{ productTags: ['sale'] }, 3],
    [{ productTags: ['Summer', 'winter'] }, 1],
    [{ excludedProductTags: ['SUMMER'] }, 14],
    [{ vendors: ['acme'] }, 3],
    [{ excludedVendors: ['acme'] }, 12],
    [{ productTypes: ['COFFEE'] }, 3],
    [{ excludedProductTypes: ['Coffee'] }, 12],
    // All kinds must hold.
    [{ collectionIds: ['71'], excludedProductTags: ['summer'] }, 2],
    [{ productIds: ['10'], vendors: ['other'] }, 0],
  ])('%j earn %i', (conditions, expected) => expect(points(conditions)).toBe(expected));
});

describe('the order', () => {
  test.each<[Conditions, boolean, Changes]>([
    [{ channels: ['pos', 'online'] }, true, {}],
    [{ channels: ['online'] }, false, {}],
    [{ locationIds: ['5'] }, true, {}],
    [{ locationIds: ['5'] }, false, { snapshot: { locationId: null } }],
    [{ marketIds: ['40', '41'] }, true, {}],
    [{ marketIds: ['41'] }, false, {}],
    [{ marketIds: ['40'] }, false, { facts: { marketId: null } }],
    [{ currencies: ['EUR'] }, true, {}],
    [{ currencies: ['CHF'] }, false, {}],
    [{ firstOrder: true }, true, {}],
    [{ firstOrder: true }, false, { standing: { isFirstOrder: false } }],
  ])('of %j is right: %s with %j', (conditions, isFor, changes) => {
    expect(points(conditions, changes)).toBe(isFor ? 15 : 0);
  });

  test('is in the shopper’s currency, not the shop’s', () => {
    const presentment = {
      currency: 'CHF',
      lines: Object.fromEntries(order.lines.map((line) => [line.id, { grossMinor: 1, discountMinor: 0, taxMinor: 0 }])),
      shippingMinor: 0,
      shippingTaxMinor: 0,
      tipMinor: 0,
    };
    expect(points({ currencies: ['CHF'] }, { snapshot: { presentment } })).toBe(15);
    expect(points({ currencies: ['EUR'] }, { snapshot: { presentment } })).toBe(0);
  });
});

describe('the member', () => {
  test.each<[Conditions, boolean, Changes]>([
    [{ memberTags: ['vip'] }, true, {}],
    [{ memberTags: ['press'] }, false, {}],
    [{ excludedMemberTags: ['Staff'] }, false, {}],
    [{ excludedMemberTags: ['press'] }, true, {}],
    [{ segmentIds: ['899', '900'] }, true, {}],
    [{ segmentIds: ['901'] }, false, {}],
    [{ tierIds: ['silver', 'gold'] }, true, { standing: { tierId: 'gold' } }],
    [{ tierIds: ['gold'] }, false, { standing: { tierId: 'silver' } }],
    [{ tierIds: ['gold'] }, false, {}],
  ])('of %j is right: %s with %j', (conditions, isFor, changes) => {
    expect(points(conditions, changes)).toBe(isFor ? 15 : 0);
  });
});

describe('the time on the shop’s wall clock', () => {
  const hours = [
    { from: '22:00', to: '24:00' },
    { from: '00:00', to: '02:00' },
  ];
  test.each<[Conditions, string, boolean]>([
    // Half an hour after midnight in Paris, though it is still Sunday in Greenwich.
    [{ weekdays: [1] }, '2026-03-01T23:30:00.000Z', true],
    [{ weekdays: [7] }, '2026-03-01T23:30:00.000Z', false],
    [{ weekdays: [6, 7] }, '2026-03-01T22:59:59.000Z', true],
    [{ hours }, '2026-03-01T20:59:59.000Z', false],
    [{ hours }, '2026-03-01T21:00:00.000Z', true],
    [{ hours }, '2026-03-01T22:59:59.000Z', true],
    [{ hours }, '2026-03-01T23:00:00.000Z', true],
    [{ hours }, '2026-03-02T00:59:59.000Z', true],
    [{ hours }, '2026-03-02T01:00:00.000Z', false],
    // An hour earlier by the sun when it is summer time.
    [{ hours: [{ from: '08:00', to: '09:00' }] }, '2026-07-01T06:00:00.000Z', true],
    [{ hours: [{ from: '08:00', to: '09:00' }] }, '2026-01-01T06:00:00.000Z', false],
  ])('of %j at %s is right: %s', (conditions, processedAt, isFor) => {
    expect(points(conditions, { snapshot: { processedAt } })).toBe(isFor ? 15 : 0);
  });
});

describe('shipping', () => {
  const shipped = { shippingMinor: 1_600 };
  const settled = (conditions: Conditions) => {
    const state = stateOf(snapshotNews({ ...order, ...shipped }));
    const document = makeProgram([spendRule({ conditions })], { earnsOnShipping: true });
    return settle({ order: state, document, facts, standing: newcomer }).targets[0]?.amount;
  };

  test.each<[Conditions, number]>([
    [{}, 31],
    [{ excludedVendors: ['Acme'] }, 28],
    [{ variantIds: ['100'] }, 1],
    [{ collectionIds: ['71'] }, 3],
    [{ productTags: ['sale'] }, 3],
    [{ vendors: ['Acme'] }, 3],
    [{ productTypes: ['coffee'] }, 3],
  ])('with %j earns %i, as it belongs to no goods', (conditions, expected) =>
    expect(settled(conditions)).toBe(expected),
  );
});

test('the minimum looks at eligible lines only, and at items as well', () => {
  const vendors = ['Acme'];
  const stamps = (minimumMinor: number) =>
    settle({
      order: stateOf(snapshotNews(order)),
      document: makeProgram([itemRule({ conditions: { vendors, minimumMinor } })]),
      facts,
      standing: newcomer,
    }).targets[1]?.amount;
  expect(stamps(300)).toBe(2);
  expect(stamps(301)).toBe(0);
});
