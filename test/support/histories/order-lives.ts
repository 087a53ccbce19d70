/**
 * Random lives of orders as they truly were: bought, paid, perhaps edited, returned in parts, partly paid back, perhaps
 * cancelled. What the deliveries about them say is told in tell-order.ts.
 */
import * as fc from 'fast-check';

import type { OrderFacts } from '#app/domain/earning/facts.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { LifeLine, LifeOrder, Prices, PricesBack } from '#test/support/oracle/life.ts';
import { dayMs, hourMs } from '#test/support/oracle/wall-clock.ts';

const lineSeed = fc.record({
  quantity: fc.integer({ min: 1, max: 4 }),
  unitMinor: fc.oneof(fc.constant(0), fc.constantFrom(250, 990, 1_000), fc.integer({ min: 1, max: 9_999 })),
  // Above 100 the discount is larger than the line.
  discountShare: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 100 }) },
    fc.constant(120),
  ),
  taxMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 500 })),
  product: fc.integer({ min: 1, max: 4 }),
  variant: fc.integer({ min: 1, max: 2 }),
  vendor: fc.constantFrom(null, 'Acme', 'other'),
  kind: fc.oneof(
    { weight: 7, arbitrary: fc.constant('goods' as const) },
    fc.constantFrom('gift-card' as const, 'tip' as const),
  ),
});
type LineSeed = typeof lineSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

const backSeed = fc.record({
  line: fc.nat(3),
  quantity: fc.nat(3),
  /** What the shop keeps of the money of what came back, in percent. */
  fee: fc.constantFrom(0, 0, 0, 15, 100),
  extraMinor: fc.oneof(fc.constant(0), fc.constant(833), fc.integer({ min: 1, max: 3_000 })),
  shippingShare: fc.constantFrom(0, 0, 50, 100),
  afterMs: fc.constantFrom(0, 60_000, hourMs, 20 * hourMs, dayMs, 9 * dayMs, 45 * dayMs),
});
type BackSeed = typeof backSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

/** A currency other than the shop's, and how many of its minor units a minor unit of the shop's is worth. */
type Exchange = { currency: string; times: number; over: number };

export const edits = ['none', 'up-paid', 'up-unpaid', 'down', 'down-owed'] as const;
export const endings = ['stands', 'cancelled', 'refunded', 'test', 'unpaid'] as const;

export const orderSeed = fc.record({
  lines: fc.array(lineSeed, { minLength: 1, maxLength: 3 }),
  backs: fc.array(backSeed, { maxLength: 3 }),
  taxesIncluded: fc.boolean(),
  shippingMinor: fc.constantFrom(0, 0, 500, 799),
  shippingTaxMinor: fc.constantFrom(0, 41),
  looseTipMinor: fc.constantFrom(0, 0, 250),
  edit: fc.oneof({ weight: 6, arbitrary: fc.constant('none' as const) }, fc.constantFrom(...edits)),
  ending: fc.oneof({ weight: 7, arbitrary: fc.constant('stands' as const) }, fc.constantFrom(...endings)),
  channel: fc.constantFrom('online' as const, 'pos' as const, 'draft' as const, 'api' as const),
  locationId: fc.constantFrom(null, '61', '62'),
  exchange: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    fc.constantFrom<Exchange>(
      { currency: 'USD', times: 11, over: 10 },
      { currency: 'JPY', times: 13, over: 8 },
      { currency: 'KWD', times: 33, over: 10 },
    ),
  ),
  giftCardShare: fc.constantFrom(0, 0, 0, 30, 100),
  marketId: fc.constantFrom(null, '71', '72'),
});
export type OrderSeed = typeof orderSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

/** Where and when the order was made. */
export type Sale = { id: string; soldAt: number; document: ProgramDocument; facts: OrderFacts; shopCurrency: string };

/** What an edit adds, or takes away again. */
const extraLine: LineSeed = {
  quantity: 1,
  unitMinor: 1_234,
  discountShare: 0,
  taxMinor: 50,
  product: 3,
  variant: 1,
  vendor: 'Acme',
  kind: 'goods',
};
export const extraLineId = '9';

/** The order as it ended, and the extra line's price when an edit had to do with it. */
export function liveOrder(seed: OrderSeed, sale: Sale): LifeOrder {
  const lineSeeds = seed.edit === 'up-paid' ? [...seed.lines, extraLine] : seed.lines;
  const lines = lineSeeds.map((line, index): LifeLine => ({
    id: line === extraLine ? extraLineId : String(index + 1),
    productId: `1${line.product}`,
    variantId: `1${line.product}${line.variant}`,
    vendor: line.vendor,
    quantity: line.quantity,
    kind: line.kind,
  }));
  // Nothing comes back of what was never paid.
  const backs = seed.ending === 'unpaid' ? [] : backsOf(seed, lines, sale.soldAt);
  const refunds = backs.map(({ at, returned }) => ({ at, returned }));
  const lastRefundAt = backs.reduce((latest, { at }) => Math.max(latest, at), sale.soldAt);
  const shopPrices = pricesOf(seed, {
    lineSeeds,
    lines,
    backs,
    exchange: { currency: sale.shopCurrency, times: 1, over: 1 },
  });
  const paid = 10_000;
  return {
    id: sale.id,
    soldAt: sale.soldAt,
    document: sale.document,
    facts: { ...sale.facts, marketId: seed.marketId },
    channel: seed.channel,
    locationId: seed.locationId,
    taxesIncluded: seed.taxesIncluded,
    isTest: seed.ending === 'test',
    isPaid: seed.ending !== 'unpaid',
    cancelledAt: seed.ending === 'cancelled' ? lastRefundAt + hourMs : null,
    refundedAt: seed.ending === 'refunded' ? lastRefundAt : null,
    lines,
    refunds,
    shopPrices,
    // What an edit downwards was worth to the shopper is told nowhere.
    shopperPrices:
      seed.exchange === null || seed.exchange.currency === sale.shopCurrency || isDown(seed)
        ? null
        : pricesOf(seed, { lineSeeds, lines, backs, exchange: seed.exchange }),
    tender: { giftCards: (paid * seed.giftCardShare) / 100, all: paid },
  };
}

/** What the line of an edit costs, for telling an order of which it was taken off again. */
export function extraPrice(order: LifeOrder, exchange: Exchange | null): { net: number; tax: number } {
  return priceOf(extraLine, {
    exchange: exchange ?? { currency: '', times: 1, over: 1 },
    taxesIncluded: order.taxesIncluded,
  });
}

/** Whether an edit made the order smaller; of what is owed then, nothing has gone back. */
export function isDown(seed: OrderSeed): boolean {
  return seed.edit === 'down' || seed.edit === 'down-owed';
}

type Back = { at: number; returned: { lineId: string; quantity: number }[]; seed: BackSeed };

/** Nothing comes back twice; an order that was refunded whole brings the rest back at last. */
function backsOf(seed: OrderSeed, lines: LifeLine[], soldAt: number): Back[] {
  const left = new Map(lines.map((line) => [line.id, line.quantity]));
  const take = (lineId: string, wanted: number) => {
    const quantity = Math.min(wanted, left.get(lineId) ?? 0);
    left.set(lineId, (left.get(lineId) ?? 0) - quantity);
    return quantity > 0 ? [{ lineId, quantity }] : [];
  };
  const backs = seed.backs.map((back): Back => {
    const line = lines[back.line % lines.length];
    return { at: soldAt + back.afterMs, returned: line === undefined ? [] : take(line.id, back.quantity), seed: back };
  });
  // Money that goes back because an edit made the order smaller, and what makes a refund whole.
  const last: BackSeed = { line: 0, quantity: 0, fee: 0, extraMinor: 0, shippingShare: 0, afterMs: 50 * dayMs };
  if (seed.edit === 'down') backs.push({ at: soldAt + hourMs, returned: [], seed: last });
  if (seed.ending === 'refunded') {
    const returned = lines.flatMap((line) => take(line.id, line.quantity));
    backs.push({ at: soldAt + last.afterMs, returned, seed: last });
  }
  return backs;
}

type Bought = { lineSeeds: LineSeed[]; lines: LifeLine[]; backs: Back[]; exchange: Exchange };

function pricesOf(seed: OrderSeed, { lineSeeds, lines, backs, exchange }: Bought): Prices {
  const { taxesIncluded } = seed;
  const costs = lineSeeds.map((line) => priceOf(line, { exchange, taxesIncluded }));
  const shipping = exchanged(seed.shippingMinor, exchange);
  const extra = priceOf(extraLine, { exchange, taxesIncluded });
  const editedAway = isDown(seed) ? extra.net + (taxesIncluded ? 0 : extra.tax) : 0;
  const gone = new Map<string, number>();
  const refunds = backs.map(({ returned, seed: back }, index): PricesBack => {
    const isForEdit = seed.edit === 'down' && index === seed.backs.length;
    return {
      lines: returned.map(({ lineId, quantity }) => {
        const position = lines.findIndex((line) => line.id === lineId);
        const before = gone.get(lineId) ?? 0;
        gone.set(lineId, before + quantity);
        const of = lines[position]?.quantity ?? 1;
        return backOf(costs[position] ?? { net: 0, tax: 0 }, { before, quantity, of, fee: back.fee, taxesIncluded });
      }),
      shipping: Math.floor((shipping * back.shippingShare) / 100 / (seed.backs.length || 1)),
      amountOnly: isForEdit ? editedAway : exchanged(back.extraMinor, exchange),
    };
  });
  return {
    currency: exchange.currency,
    lines: costs,
    shipping,
    shippingTax: Math.min(exchanged(seed.shippingTaxMinor, exchange), shipping),
    looseTip: exchanged(seed.looseTipMinor, exchange),
    editedAway,
    refunds,
  };
}

function priceOf(
  line: LineSeed,
  { exchange, taxesIncluded }: { exchange: Exchange; taxesIncluded: boolean },
): { net: number; tax: number } {
  const gross = exchanged(line.unitMinor, exchange) * line.quantity;
  const net = gross - (line.kind === 'tip' ? 0 : Math.floor((gross * line.discountShare) / 100));
  const tax = exchanged(line.taxMinor, exchange);
  return { net, tax: taxesIncluded || net <= 0 ? Math.min(tax, Math.max(0, net)) : tax };
}

/** Returned items bring their exact share back, the last ones the rest, less what the shop keeps. */
function backOf(
  cost: { net: number; tax: number },
  back: { before: number; quantity: number; of: number; fee: number; taxesIncluded: boolean },
): { subtotal: number; tax: number } {
  const share = (amount: number) => {
    const upTo = (items: number) => Math.ceil((amount * items) / back.of);
    const whole = upTo(back.before + back.quantity) - upTo(back.before);
    return whole - Math.floor((whole * back.fee) / 100);
  };
  const net = Math.max(0, cost.net);
  const tax = share(cost.tax);
  return { subtotal: back.taxesIncluded ? share(net - cost.tax) + tax : share(net), tax };
}

function exchanged(minor: number, { times, over }: Exchange): number {
  return Math.floor((minor * times) / over);
}
