/** What happens to orders after they are paid, beyond plain refunds: exchanges, store credit, shipping, fulfillment. */
import { decimalOf, lineAmounts, minorOf, moneySet, sum } from '#test/platform/order-body.ts';
import type { OrderBody, RefundBody } from '#test/platform/order-body.ts';
import { buildLine, type OrderInput, type OrderLineInput } from '#test/platform/order-parts.ts';
import {
  outstandingMinor,
  refundBody,
  type Refunded,
  refundLines,
  refundTransaction,
  withLines,
  withRefund,
} from '#test/platform/orders.ts';

type Options = { at: Date; nextId: () => number };

/** Gives the shipping back, or some of it: told as a shipping line and as an adjustment, as Shopify does. */
export function refundShipping(order: OrderBody, amountMinor: number, { at, nextId }: Options): Refunded {
  const { currency } = order;
  const id = nextId();
  const adjustment = {
    id: nextId(),
    order_id: order.id,
    refund_id: id,
    amount: decimalOf(-amountMinor, currency),
    tax_amount: decimalOf(0, currency),
    kind: 'shipping_refund',
    reason: 'Shipping refund',
    amount_set: moneySet(-amountMinor, currency),
    tax_amount_set: moneySet(0, currency),
  };
  const refund: RefundBody = {
    ...refundBody(order, id, at),
    refund_line_items: [],
    refund_shipping_lines: [{ id: nextId(), subtotal_amount_set: moneySet(amountMinor, currency) }],
    order_adjustments: [adjustment],
    transactions: [refundTransaction(order, nextId(), amountMinor, at.toISOString())],
  };
  return { order: withRefund(order, refund, at), refund };
}

/** Takes items back for store credit: no transaction says that any money moved. */
export function returnForStoreCredit(
  order: OrderBody,
  returned: { lineId: number; quantity: number }[],
  options: Options & { isRestocked: boolean },
): Refunded {
  const { order: refunded, refund: paid } = refundLines(order, returned, options);
  const refund: RefundBody = {
    ...paid,
    refund_line_items: paid.refund_line_items.map((item) => ({
      ...item,
      restock_type: options.isRestocked ? 'return' : 'no_restock',
    })),
    order_adjustments: [],
    transactions: [],
  };
  const refunds = refunded.refunds.map((each) => (each.id === refund.id ? refund : each));
  return { order: { ...refunded, refunds, financial_status: order.financial_status }, refund };
}

/**
 * Takes one item back and gives another for it. The difference goes back to the shopper, or is still to be paid: the order
 * is then partially paid until `payOrder`.
 */
export function exchangeItem(
  order: OrderBody,
  swap: { lineId: number; replacement: OrderLineInput },
  { at, nextId }: Options,
): Refunded {
  const { currency } = order;
  const input: OrderInput = { number: order.order_number, at, currency, channel: 'pos', lines: [swap.replacement] };
  const { order: returned, refund: whole } = refundLines(order, [{ lineId: swap.lineId, quantity: 1 }], { at, nextId });
  const line = buildLine(swap.replacement, input, nextId());
  const costMinor = lineAmounts(line, currency).netMinor;
  const worthMinor = sum(whole.refund_line_items.map((item) => minorOf(item.subtotal_set.shop_money.amount, currency)));
  const backMinor = Math.max(0, worthMinor - costMinor);
  const refund: RefundBody = {
    ...whole,
    order_adjustments: [],
    transactions: backMinor === 0 ? [] : [refundTransaction(order, nextId(), backMinor, at.toISOString())],
  };
  const refunds = returned.refunds.map((each) => (each.id === refund.id ? refund : each));
  const exchanged = withLines({ ...returned, refunds }, [...returned.line_items, line], at);
  const owedMinor = Math.max(0, costMinor - worthMinor);
  const balance = {
    financial_status: owedMinor > 0 ? 'partially_paid' : 'paid',
    total_outstanding: decimalOf(outstandingMinor(order) + owedMinor, currency),
  };
  return { order: { ...exchanged, ...balance }, refund };
}

/** All of it is on its way. */
export function fulfillOrder(order: OrderBody, at: Date): OrderBody {
  const fulfillment = { id: order.id + 5, created_at: at.toISOString(), status: 'success' };
  return { ...order, fulfillment_status: 'fulfilled', fulfillments: [fulfillment], updated_at: at.toISOString() };
}

/** An edit that takes items off: Shopify keeps the line as it was bought and tells what is left of it. */
export function removeItems(order: OrderBody, removed: { lineId: number; quantity: number }, at: Date): OrderBody {
  const lines = order.line_items.map((line) =>
    line.id === removed.lineId ? { ...line, current_quantity: line.current_quantity - removed.quantity } : line,
  );
  const edited = withLines(order, lines, at);
  const costMinor = ({ current_total_price }: Record<string, unknown>) =>
    minorOf(String(current_total_price), order.currency);
  const outstanding = outstandingMinor(order) + costMinor(edited) - costMinor(order);
  return { ...edited, total_outstanding: decimalOf(outstanding, order.currency) };
}
