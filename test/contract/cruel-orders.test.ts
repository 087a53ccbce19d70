/**
 * Orders to which everything happens, as Shopify's bodies tell it: returned by line and by amount, edited, exchanged, paid late,
 * cancelled, in currencies of any exponent. However the bodies come, what an order earns is the same.
 */
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderState } from '#app/domain/orders/order.ts';
import {
  exchangeItem,
  fulfillOrder,
  refundShipping,
  removeItems,
  returnForStoreCredit,
} from '#test/platform/order-changes.ts';
import { lineAmounts, minorOf, type OrderBody, type RefundBody } from '#test/platform/order-body.ts';
import {
  buildOrder,
  cancelOrder,
  createIds,
  editQuantity,
  payOrder,
  refundAmount,
  refundLines,
} from '#test/platform/orders.ts';
import { makeProgram, settleAlone, spendRule } from '#test/support/orders.ts'; // prettier-ignore

vi.setConfig({ testTimeout: 60_000 });
const nextId = createIds(1_000_000);
const currencies = ['EUR', 'JPY', 'KWD'] as const;
const rates = currencies.map((currency) => ({ currency, amount: 3, perMinor: 7 }));
const document = makeProgram([spendRule({ rates })]);

/** Everything that is told, in the order of happening: whole orders, and refunds alone. */
type Chain = { order: OrderBody; told: OrderNews[] };
type Step = { kind: (typeof kinds)[number]; line: number; quantity: number; minor: number };

const kinds = ['lines', 'lines', 'amount', 'amount', 'shipping', 'credit', 'fulfil', 'edit', 'remove', 'exchange', 'cancel'] as const; // prettier-ignore
/** What takes nothing off but by refunds, so that the money left can be added up by hand. */
const plainKinds: Step['kind'][] = ['lines', 'amount', 'shipping', 'fulfil', 'cancel'];

const stepArbitrary = (of: readonly Step['kind'][]): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom(...of),
    line: fc.nat(2),
    quantity: fc.integer({ min: 1, max: 3 }),
    minor: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom(833, 99_999)),
  });

const chainArbitrary = (of: readonly Step['kind'][]) =>
  fc
    .record({
      currency: fc.constantFrom(...currencies),
      taxesIncluded: fc.boolean(),
      taxPerMille: fc.constantFrom(0, 70, 190),
      shippingMinor: fc.constantFrom(0, 499),
      lines: fc.array(
        fc.record({ unitPriceMinor: fc.integer({ min: 1, max: 3_000 }), quantity: fc.integer({ min: 1, max: 4 }), discountMinor: fc.constantFrom(0, 0, 1) }),
        { minLength: 1, maxLength: 3 },
      ),
      steps: fc.array(stepArbitrary(of), { maxLength: 6 }),
    })
    .map(({ lines, steps, ...input }) => {
      let at = Date.parse('2026-03-01T09:00:00Z');
      const items = lines.map((line, index) => ({ ...line, title: 'Thing', productId: 11 + index }));
      const order = buildOrder({ number: 1, at: new Date(at), channel: 'online', customer: null, ...input, lines: items }, nextId);
      const chain: Chain = { order, told: [newsOf(order)] };
      for (const step of steps) {
        at += 60_000;
        take(chain, step, { at: new Date(at), nextId });
      }
      return chain;
    }); // prettier-ignore

function newsOf(order: OrderBody): OrderNews {
  const projected = projectOrder(order);
  if (!projected.ok) throw new Error(projected.problem);
  return projected.news;
}

function hear(chain: Chain, order: OrderBody, refund: RefundBody | null = null): void {
  chain.order = order;
  if (refund !== null) {
    const projected = projectRefund(refund);
    if (!projected.ok) throw new Error(projected.problem);
    chain.told.push(projected.news);
  }
  chain.told.push(newsOf(order));
}

type Options = { at: Date; nextId: () => number };
type Told = { order: OrderBody; refund?: RefundBody | null };
type Taken = Options & { step: Step; lineId: number; quantity: number };

const isUntouched = ({ refunds, line_items: lines }: OrderBody) =>
  refunds.length === 0 && lines.every((line) => line.current_quantity === line.quantity);

/** What each step does to the order; null where it cannot be done. */
const doings: Record<Step['kind'], (order: OrderBody, taken: Taken) => Told | null> = {
  fulfil: (order, { at }) => ({ order: fulfillOrder(order, at) }),
  cancel: (order, taken) => cancelOrder(order, taken),
  amount: (order, taken) => refundAmount(order, taken.step.minor, taken),
  shipping: (order, taken) => refundShipping(order, Math.min(taken.step.minor, 499), taken),
  lines: (order, taken) => (taken.quantity === 0 ? null : refundLines(order, [taken], taken)),
  credit: (order, taken) =>
    taken.quantity === 0 ? null : returnForStoreCredit(order, [taken], { ...taken, isRestocked: true }),
  exchange: (order, taken) => {
    const replacement = { title: 'Other', unitPriceMinor: taken.step.minor, quantity: 1, productId: 99 };
    return taken.quantity === 0 ? null : exchangeItem(order, { lineId: taken.lineId, replacement }, taken);
  },
  edit: (order, { lineId, step, at }) =>
    isUntouched(order) ? { order: editQuantity(order, { lineId, quantity: step.quantity }, at) } : null,
  remove: (order, taken) => (isUntouched(order) ? { order: removeItems(order, taken, taken.at) } : null),
};

/** Something that can happen to the order as it is; an order that is owed for is paid first. */
function take(chain: Chain, step: Step, options: Options): void {
  const { order } = chain;
  const line = order.line_items[step.line % order.line_items.length];
  if (line === undefined || order.cancelled_at !== null || order.financial_status === 'refunded') return;
  if (order.financial_status === 'partially_paid') return hear(chain, payOrder(order, options.at));
  const quantity = Math.min(step.quantity, line.current_quantity);
  const told = doings[step.kind](order, { ...options, step, lineId: line.id, quantity });
  if (told !== null) hear(chain, told.order, told.refund ?? null);
}

const stateAfter = ({ order, told }: Chain, heard: readonly OrderNews[] = told): OrderState =>
  heard.reduce(mergeNews, emptyOrder(String(order.id)));
const earned = (order: OrderState): number => settleAlone({ order, document }).targets[0]?.amount ?? 0;

describe('an order to which everything happens', () => {
  const arrivals = chainArbitrary(kinds).chain((chain) =>
    fc.record({
      chain: fc.constant(chain),
      heard: fc.shuffledSubarray([...chain.told, ...chain.told], { minLength: chain.told.length * 2 }),
    }),
  );

  test('earns the same in whatever order and however often its bodies come', () => {
    fc.assert(
      fc.property(arrivals, ({ chain, heard }) => {
        expect(earned(stateAfter(chain, heard))).toBe(earned(stateAfter(chain)));
      }),
      { numRuns: 400, seed: 20_260_301 },
    );
  });

  test('earns no less than nothing, no more than it ever did, and nothing once it was cancelled or given back whole', () => {
    fc.assert(
      fc.property(chainArbitrary(kinds), (chain) => {
        const prefixes = chain.told.map((_, index) => earned(stateAfter(chain, chain.told.slice(0, index + 1))));
        expect(Math.min(...prefixes)).toBeGreaterThanOrEqual(0);
        const isGone = chain.order.cancelled_at !== null || chain.order.financial_status === 'refunded';
        if (isGone) expect(prefixes.at(-1)).toBe(0);
      }),
      { numRuns: 300, seed: 20_260_301 },
    );
  });

  test('without edits earns by what is left of its money, added up by hand', () => {
    fc.assert(
      fc.property(chainArbitrary(plainKinds), (chain) => {
        expect(earned(stateAfter(chain))).toBe(expectedByHand(chain.order));
      }),
      { numRuns: 400, seed: 20_260_301 },
    );
  });
});

/** Goods that did not come back, less their share of the money given back without a line; then the rate, rounded down once. */
function expectedByHand(order: OrderBody): number {
  if (order.cancelled_at !== null || order.financial_status === 'refunded') return 0;
  const { currency, taxes_included: isTaxIncluded } = order;
  const minor = (text: string) => minorOf(text, currency);
  let [goods, taxes, given] = [0, 0, 0];
  for (const line of order.line_items) {
    const { netMinor, taxMinor } = lineAmounts(line, currency);
    const items = order.refunds.flatMap((refund) => refund.refund_line_items.filter((item) => item.line_item.id === line.id));
    const isGone = items.reduce((sum, item) => sum + item.quantity, 0) >= line.quantity;
    const backNet = items.reduce((sum, item) => sum + minor(item.subtotal_set.shop_money.amount), 0);
    const backTax = items.reduce((sum, item) => sum + minor(item.total_tax_set.shop_money.amount), 0);
    if (isGone) continue;
    goods += netMinor - (isTaxIncluded ? taxMinor : 0) - (backNet - (isTaxIncluded ? backTax : 0));
    taxes += taxMinor - backTax;
  }
  for (const refund of order.refunds) {
    const isByAmount = refund.refund_line_items.length === 0 && refund.order_adjustments.every(({ kind }) => kind !== 'shipping_refund');
    if (isByAmount) given += refund.transactions.reduce((sum, { amount }) => sum + minor(amount), 0);
  }
  const pool = goods + taxes;
  const left = Math.max(0, pool - given);
  return pool === 0 ? 0 : Number((BigInt(goods) * BigInt(left) * 3n) / (BigInt(pool) * 7n));
} // prettier-ignore
