/** What of an order still stands at a time: the lines that are left, and what share of their money was not given back. */
import { type Fraction, fraction, none } from '#test/support/oracle/fraction.ts';
import type { LifeLine, LifeOrder, Prices } from '#test/support/oracle/life.ts';

export type LineLeft = { line: LifeLine; quantity: number; goods: number; tax: number };

/** Whether the order counts at all at this time. */
export function isStanding(order: LifeOrder, at: number): boolean {
  if (order.isTest || !order.isPaid) return false;
  if (order.cancelledAt !== null && order.cancelledAt <= at) return false;
  return order.refundedAt === null || order.refundedAt > at;
}

/** Whether the order is one of the member's: an item of it is still theirs, and money is, unless it cost nothing. */
export function isThere(order: LifeOrder, at: number): boolean {
  if (!isStanding(order, at)) return false;
  const prices = order.shopPrices;
  if (!linesLeft(order, prices, at).some(({ line, quantity }) => line.kind !== 'tip' && quantity > 0)) return false;
  let cost = prices.looseTip + shippingLeft(order, prices, order.soldAt - 1).charged;
  for (const { net, tax } of prices.lines) cost += order.taxesIncluded ? net : net + tax;
  return cost <= 0 || shareKept(order, prices, { at, withShipping: true }).over > 0n;
}

/**
 * The lines after everything returned until then. A line that came back is gone, whatever fee was kept; in the shopper's
 * money nothing is left of it when nothing is in the shop's.
 */
export function linesLeft(order: LifeOrder, prices: Prices, at: number): LineLeft[] {
  const left = linesLeftIn(order, prices, at);
  if (prices === order.shopPrices) return left;
  const own = linesLeftIn(order, order.shopPrices, at);
  return left.map((one, index) => {
    const { goods, tax } = own[index] ?? one;
    return goods + tax > 0 ? one : { ...one, goods: 0, tax: 0 };
  });
}

function linesLeftIn(order: LifeOrder, prices: Prices, at: number): LineLeft[] {
  return order.lines.map((line, index) => {
    const cost = prices.lines[index] ?? { net: 0, tax: 0 };
    const net = cost.net < 0 ? 0 : cost.net;
    const tax = order.taxesIncluded && cost.tax > net ? net : cost.tax;
    const goods = order.taxesIncluded ? net - tax : net;
    const back = backOfLine(order, prices, { lineId: line.id, at });
    if (back.items >= line.quantity) return { line, quantity: 0, goods: 0, tax: 0 };
    // Returned items take at least their share of the line's money with them.
    const goodsGone = larger(back.goods, shareOf(goods, back.items, line.quantity));
    const taxGone = larger(back.tax, shareOf(tax, back.items, line.quantity));
    return {
      line,
      quantity: line.quantity - back.items,
      goods: larger(0, goods - goodsGone),
      tax: larger(0, tax - taxGone),
    };
  });
}

/** What had come back of a line by a time, and the money for it. */
function backOfLine(
  order: LifeOrder,
  prices: Prices,
  { lineId, at }: { lineId: string; at: number },
): { items: number; goods: number; tax: number } {
  const back = { items: 0, goods: 0, tax: 0 };
  for (const [which, refund] of order.refunds.entries()) {
    if (refund.at > at) continue;
    for (const [position, returned] of refund.returned.entries()) {
      if (returned.lineId !== lineId) continue;
      const money = prices.refunds[which]?.lines[position] ?? { subtotal: 0, tax: 0 };
      back.items += returned.quantity;
      back.goods += order.taxesIncluded ? money.subtotal - money.tax : money.subtotal;
      back.tax += money.tax;
    }
  }
  return back;
}

/** Shipping as it was charged, and how much of that was not given back; both with tax. */
export function shippingLeft(order: LifeOrder, prices: Prices, at: number): { charged: number; left: number } {
  const charged = order.taxesIncluded ? prices.shipping : prices.shipping + prices.shippingTax;
  let left = charged;
  for (const [which, refund] of order.refunds.entries())
    if (refund.at <= at) left -= prices.refunds[which]?.shipping ?? 0;
  return { charged, left: larger(0, left) };
}

/** The share of every remaining cent that was not given back without a line. */
export function shareKept(
  order: LifeOrder,
  prices: Prices,
  { at, withShipping }: { at: number; withShipping: boolean },
): Fraction {
  let everything = prices.looseTip;
  for (const left of linesLeft(order, prices, at)) everything += left.goods + left.tax;
  if (withShipping) everything += shippingLeft(order, prices, at).left;
  let back = -prices.editedAway;
  for (const [which, refund] of order.refunds.entries())
    if (refund.at <= at) back += prices.refunds[which]?.amountOnly ?? 0;
  back = larger(0, back);
  for (const cost of prices.lines) if (cost.net < 0) back += -cost.net;
  if (back >= everything) return none;
  return fraction(everything - back, everything);
}

function shareOf(amount: number, items: number, allItems: number): number {
  return Number((BigInt(amount) * BigInt(items)) / BigInt(allItems));
}

function larger(one: number, two: number): number {
  return one > two ? one : two;
}
