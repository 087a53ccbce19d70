/** Orders of the benches: whole Shopify bodies of about 11 KB, as a busy coffee shop would send them. */
import { projectDelivery } from '#app/contracts/shopify-delivery.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import { buildOrder, createIds } from '#test/platform/orders.ts';

const nextId = createIds();
let number = 1000;

const bag = [
  {
    title: 'Espresso Blend 250 g',
    unitPriceMinor: 1290,
    quantity: 1,
    productId: 8_012_345_678_901,
    variantId: 44_012_345_678_901,
  },
  {
    title: 'Paper filters, 100 pieces',
    unitPriceMinor: 450,
    quantity: 2,
    productId: 8_012_345_678_902,
    variantId: 44_012_345_678_902,
  },
  {
    title: 'Oat drink, 1 l',
    unitPriceMinor: 320,
    quantity: 3,
    productId: 8_012_345_678_904,
    variantId: 44_012_345_678_904,
  },
  {
    title: 'Enamel mug',
    unitPriceMinor: 1600,
    quantity: 1,
    productId: 8_012_345_678_903,
    variantId: 44_012_345_678_903,
  },
];

/** A paid order of a customer; no two are equal. */
export function coffeeOrder(customerId: number): OrderBody {
  number += 1;
  return buildOrder(
    {
      number,
      at: new Date(),
      currency: 'USD',
      channel: 'online',
      lines: bag,
      taxPerMille: 80,
      shippingMinor: 490,
      customer: { id: customerId, email: `shopper-${customerId}@example.com`, firstName: 'Sam', lastName: 'Sample' },
    },
    nextId,
  );
}

/** What the inbox keeps of an order. */
export function thinText(body: OrderBody): string {
  const projected = projectDelivery('orders/paid', JSON.parse(JSON.stringify(body)), new Date());
  if (!projected.ok) throw new Error(`a sample order does not fit: ${projected.problem}`);
  return JSON.stringify(projected.thin);
}

/** One unit, one rule: a point for each dollar. */
export const pointsProgram: ProgramDocument = {
  ...plainProgram,
  name: 'Coffee Club',
  units: [{ kind: 'point', id: 'points', label: 'Points' }],
  earnRules: [
    {
      kind: 'spend',
      id: 'spend',
      unit: 'points',
      rates: [{ currency: 'USD', amount: 1, perMinor: 100 }],
      rounding: 'floor',
      conditions: {},
    },
  ],
  rewards: [],
  settings: { ...plainProgram.settings, debtPolicy: 'carry', expiry: { mode: 'none' } },
};

/** Everything a rule can ask of a sale and of the member's other sales, in one unit. */
export const fullRulesProgram: ProgramDocument = {
  ...pointsProgram,
  earnRules: [
    ...pointsProgram.earnRules.map((rule) => ({
      ...rule,
      caps: { perOrder: 5_000, perDay: 20_000, perMember: 1_000_000 },
    })),
    {
      kind: 'visit',
      id: 'visit',
      unit: 'points',
      amount: 2,
      conditions: { channels: ['online', 'pos'] },
      coolDownHours: 4,
    },
    { kind: 'visit', id: 'first', unit: 'points', amount: 50, conditions: { firstOrder: true } },
    {
      kind: 'item',
      id: 'item',
      unit: 'points',
      amount: 1,
      conditions: { excludedVendors: ['Nobody'] },
      caps: { perDay: 500 },
    },
    {
      kind: 'visit',
      id: 'mornings',
      unit: 'points',
      amount: 3,
      conditions: { hours: [{ from: '06:00', to: '11:00' }], weekdays: [1, 2, 3, 4, 5] },
    },
    { kind: 'visit', id: 'gold', unit: 'points', amount: 5, conditions: { tierIds: ['gold'], minimumMinor: 500 } },
  ],
  campaigns: [
    {
      id: 'year',
      name: 'All year',
      from: '2020-01-01T00:00',
      to: '2040-01-01T00:00',
      multiplier: { times: 3, over: 2 },
    },
  ],
  tiers: {
    qualifiesBy: { kind: 'spend' },
    window: { kind: 'rolling', months: 12 },
    graceDays: 30,
    levels: [
      { id: 'silver', name: 'Silver', threshold: 2_000, multiplier: { times: 5, over: 4 } },
      { id: 'gold', name: 'Gold', threshold: 5_000, multiplier: { times: 2, over: 1 } },
    ],
  },
};
