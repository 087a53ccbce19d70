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
  const projected = projectDelivery('orders/paid', JSON.parse(JSON.stringify(body)));
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
