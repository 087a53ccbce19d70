/**
 * Random lives of orders: what happened (for the oracle) and the deliveries Shopify would send about it. A story is
 * bought, paid, perhaps edited, returned in parts, partly paid back, perhaps cancelled.
 */
import * as fc from 'fast-check';

import type { OrderLine, OrderNews, OrderRefund, OrderSnapshot } from '#app/domain/orders/order.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { OracleOrder, OracleRule } from '#test/support/oracle.ts';
import { makeLine, makeRefund, makeSnapshot, orderId } from '#test/support/orders.ts';

export type Story = {
  /** One for each webhook, in the order in which things happened. */
  deliveries: OrderNews[];
  oracle: OracleOrder;
  /** Whether the last delivery alone tells everything that counts. */
  lastTellsAll: boolean;
};

const channels = ['online', 'pos', 'draft', 'api'] as const;
const endings = ['stands', 'cancelled', 'refunded', 'test', 'unpaid'] as const;

type LineSeed = {
  quantity: number;
  unitMinor: number;
  discountShare: number;
  taxMinor: number;
  product: number;
  kind: 'goods' | 'gift-card' | 'tip';
};
type BackSeed = { line: number; quantity: number; extraMinor: number; shippingShare: number };

const lineSeed: fc.Arbitrary<LineSeed> = fc.record({
  quantity: fc.integer({ min: 1, max: 4 }),
  unitMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9_999 })),
  // Above 100 the discount is larger than the line.
  discountShare: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 100 }) }, fc.constant(120)),
  taxMinor: fc.integer({ min: 0, max: 500 }),
  product: fc.integer({ min: 1, max: 3 }),
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('goods' as const) },
    fc.constantFrom('gift-card' as const, 'tip' as const),
  ),
});

const backSeed: fc.Arbitrary<BackSeed> = fc.record({
  line: fc.nat(3),
  quantity: fc.nat(3),
  extraMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 })),
  shippingShare: fc.constantFrom(0, 0, 50, 100),
});

const storySeed = fc.record({
  lines: fc.array(lineSeed, { minLength: 1, maxLength: 4 }),
  backs: fc.array(backSeed, { maxLength: 4 }),
  taxesIncluded: fc.boolean(),
  shippingMinor: fc.constantFrom(0, 500, 799),
  shippingTaxMinor: fc.constantFrom(0, 41),
  looseTipMinor: fc.constantFrom(0, 0, 250),
  edit: fc.constantFrom('none', 'none', 'up-paid', 'up-unpaid', 'down'),
  ending: fc.oneof({ weight: 5, arbitrary: fc.constant('stands' as const) }, fc.constantFrom(...endings)),
  channel: fc.constantFrom(...channels),
});

/** Any story. */
export const storyArbitrary: fc.Arbitrary<Story> = storySeed.map(tellStory);

type Seed = typeof storySeed extends fc.Arbitrary<infer Told> ? Told : never;

/** What an edit adds, or takes away again. */
const extraLine = makeLine({ id: '9', productId: '13', grossMinor: 1_234, taxMinor: 50 });

function tellStory(seed: Seed): Story {
  const bought = seed.lines.map(lineOf);
  const base = baseOf(seed, bought);
  const time = clock();
  const told = (changes: Partial<OrderSnapshot>, refunds: OrderRefund[] = []): OrderNews => ({
    orderId,
    snapshot: { ...base, updatedAt: time(), ...changes },
    refunds,
  });
  const sale = tellSale(seed, bought);
  const deliveries = sale.map((step) => told(step));
  const editedAway = seed.edit === 'down' ? extraLine.grossMinor + (seed.taxesIncluded ? 0 : extraLine.taxMinor) : 0;
  const refunds = refundsOf(seed.backs, { bought, base });
  if (editedAway > 0) refunds.push(makeRefund({ refundId: '90', amountOnlyMinor: editedAway }));

  const isOpen = seed.ending === 'unpaid' || seed.edit === 'up-unpaid';
  const lastStep = sale.at(-1) ?? { lines: bought, financialStatus: 'pending' as const };
  const after = isOpen ? lastStep : { ...lastStep, financialStatus: 'partially_refunded' as const };
  for (const [index, refund] of refunds.entries()) {
    deliveries.push({ orderId, snapshot: null, refunds: [refund] });
    deliveries.push(told(after, refunds.slice(0, index + 1)));
  }
  if (seed.ending === 'cancelled') deliveries.push(told({ ...after, cancelledAt: base.createdAt }, refunds));
  if (seed.ending === 'refunded') deliveries.push(told({ ...after, financialStatus: 'refunded' }, refunds));

  const paidLines = seed.edit === 'up-paid' ? [...bought, extraLine] : bought;
  return {
    deliveries,
    lastTellsAll: seed.edit !== 'up-unpaid' && seed.edit !== 'down',
    oracle: {
      ...oracleOf(base, { lines: paidLines, refunds }),
      counts: seed.ending === 'stands',
      looseTip: seed.looseTipMinor,
      editedAway,
    },
  };
}

function baseOf(seed: Seed, bought: OrderLine[]): OrderSnapshot {
  const tipLinesMinor = bought.filter((line) => line.isTip).reduce((sum, line) => sum + line.grossMinor, 0);
  return makeSnapshot({
    taxesIncluded: seed.taxesIncluded,
    channel: seed.channel,
    isTest: seed.ending === 'test',
    shippingMinor: seed.shippingMinor,
    shippingTaxMinor: Math.min(seed.shippingTaxMinor, seed.shippingMinor),
    tipMinor: seed.looseTipMinor + tipLinesMinor,
  });
}

type Step = Pick<OrderSnapshot, 'lines' | 'financialStatus'>;

/** From the creation until all edits are done. An order edited downwards starts with the extra line and loses it. */
function tellSale(seed: Seed, bought: OrderLine[]): Step[] {
  const withExtra = [...bought, extraLine];
  const first = seed.edit === 'down' ? withExtra : bought;
  const created: Step = { lines: first, financialStatus: 'pending' };
  if (seed.ending === 'unpaid') return [created];
  const steps: Step[] = [created, { lines: first, financialStatus: 'paid' }];
  if (seed.edit === 'up-paid' || seed.edit === 'up-unpaid')
    steps.push({ lines: withExtra, financialStatus: 'partially_paid' });
  if (seed.edit === 'up-paid') steps.push({ lines: withExtra, financialStatus: 'paid' });
  if (seed.edit === 'down') steps.push({ lines: bought, financialStatus: 'paid' });
  return steps;
}

function oracleOf(
  base: OrderSnapshot,
  { lines, refunds }: { lines: OrderLine[]; refunds: OrderRefund[] },
): Omit<OracleOrder, 'counts' | 'looseTip' | 'editedAway'> {
  return {
    taxesIncluded: base.taxesIncluded,
    channel: base.channel,
    shipping: base.shippingMinor,
    shippingTax: base.shippingTaxMinor,
    lines: lines.map((line) => ({
      id: line.id,
      productId: line.productId,
      quantity: line.quantity,
      net: line.grossMinor - line.discountMinor,
      tax: line.taxMinor,
      earns: !line.isTip && !line.isGiftCard,
    })),
    refunds: refunds.map((refund) => ({
      lines: refund.lines.map((line) => ({
        lineId: line.lineId,
        quantity: line.quantity,
        subtotal: line.subtotalMinor,
        tax: line.taxMinor,
      })),
      shipping: refund.shippingMinor,
      amountOnly: refund.amountOnlyMinor,
    })),
  };
}

function lineOf(seed: LineSeed, index: number): OrderLine {
  const grossMinor = seed.unitMinor * seed.quantity;
  const discountMinor = seed.kind === 'tip' ? 0 : Math.floor((grossMinor * seed.discountShare) / 100);
  return makeLine({
    id: String(index + 1),
    productId: `1${seed.product}`,
    quantity: seed.quantity,
    grossMinor,
    discountMinor,
    taxMinor: Math.min(seed.taxMinor, Math.max(0, grossMinor - discountMinor)),
    isGiftCard: seed.kind === 'gift-card',
    isTip: seed.kind === 'tip',
  });
}

/** Refunds as Shopify computes them: a returned item brings its exact share back, the last ones bring the rest. */
function refundsOf(seeds: BackSeed[], { bought, base }: { bought: OrderLine[]; base: OrderSnapshot }): OrderRefund[] {
  const back = new Map<string, { quantity: number; subtotal: number; tax: number }>();
  return seeds.map((seed, index) => {
    const line = bought[seed.line % bought.length];
    const shippingMinor = Math.floor((base.shippingMinor * seed.shippingShare) / 100 / seeds.length);
    const refund = makeRefund({ refundId: String(index + 1), amountOnlyMinor: seed.extraMinor, shippingMinor });
    if (line === undefined) return refund;
    const before = back.get(line.id) ?? { quantity: 0, subtotal: 0, tax: 0 };
    const quantity = Math.min(seed.quantity, line.quantity - before.quantity);
    if (quantity === 0) return refund;
    const share = (amount: number) => Math.ceil((amount * (before.quantity + quantity)) / line.quantity);
    const net = Math.max(0, line.grossMinor - line.discountMinor);
    const tax = share(line.taxMinor);
    const subtotal = base.taxesIncluded ? share(net - line.taxMinor) + tax : share(net);
    back.set(line.id, { quantity: before.quantity + quantity, subtotal, tax });
    const returned = {
      lineId: line.id,
      quantity,
      subtotalMinor: subtotal - before.subtotal,
      taxMinor: tax - before.tax,
    };
    return { ...refund, lines: [returned] };
  });
}

function clock(): () => string {
  let minute = 0;
  return () => {
    minute += 1;
    return new Date(Date.UTC(2026, 2, 1, 9, minute)).toISOString();
  };
}

/** A random rule, as the product and as the oracle knows it. */
export const ruleArbitrary: fc.Arbitrary<{ rule: EarnRule; oracle: OracleRule }> = fc
  .record({
    kind: fc.constantFrom('spend' as const, 'item' as const, 'visit' as const),
    amount: fc.integer({ min: 1, max: 20 }),
    perMinor: fc.constantFrom(1, 7, 100, 333, 1_000),
    rounding: fc.constantFrom('floor' as const, 'nearest-even' as const, 'ceil' as const),
    productIds: fc.constantFrom(null, null, ['11'], ['12', '13']),
    channels: fc.constantFrom(null, null, ['pos' as const], ['online' as const, 'api' as const]),
    minimum: fc.constantFrom(0, 0, 500, 5_000),
    unit: fc.constantFrom('point', 'coffee'),
  })
  .map((seed) => {
    const conditions: Conditions = {
      ...(seed.productIds === null ? {} : { productIds: [...seed.productIds] }),
      ...(seed.channels === null ? {} : { channels: [...seed.channels] }),
      ...(seed.minimum === 0 ? {} : { minimumMinor: seed.minimum }),
    };
    return {
      rule: ruleOf(seed, { id: 'rule', unit: seed.unit, conditions }),
      oracle: {
        ...seed,
        productIds: seed.productIds && [...seed.productIds],
        channels: seed.channels && [...seed.channels],
      },
    };
  });

type Common = Pick<EarnRule, 'id' | 'unit' | 'conditions'>;

function ruleOf(seed: Pick<OracleRule, 'kind' | 'amount' | 'perMinor' | 'rounding'>, common: Common): EarnRule {
  const { kind, amount, perMinor, rounding } = seed;
  if (kind === 'item') return { ...common, kind, amount };
  if (kind === 'visit') return { ...common, kind, amount };
  return { ...common, kind, rates: [{ currency: 'EUR', amount, perMinor }], rounding };
}
