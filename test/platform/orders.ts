/**
 * Builds orders, refunds, edits and cancellations that always add up. Pure: the same input and ids give the same
 * bodies, and what goes in is never changed.
 */
import { decimalOf, lineAmounts, minorOf, moneySet, sum, totalFields, totalsOf } from '#test/platform/order-body.ts';
import type { LineBody, OrderBody, OrderTotals, RefundBody, RefundLineBody } from '#test/platform/order-body.ts';
import { buildLine, buildPeople, buildShipping, fixedFields, fulfillmentOf } from '#test/platform/order-parts.ts';
import type { OrderInput } from '#test/platform/order-parts.ts';

/** Gives out Shopify-like ids that never repeat within one run, nor between runs. */
export function createIds(start = Date.now() * 512): () => number {
  let last = start;
  return () => (last += 1);
}

const sourceNames = { online: 'web', pos: 'pos', draft: 'shopify_draft_order' };

function gatewayOf(input: OrderInput): string {
  if (input.paidWithGiftCard === true) return 'gift_card';
  return input.channel === 'pos' ? 'cash' : 'shopify_payments';
}

function discountCodesOf(input: OrderInput): OrderBody['discount_codes'] {
  if (typeof input.discountCode !== 'string') return [];
  const discountMinor = sum(input.lines.map((line) => line.discountMinor ?? 0));
  return [{ code: input.discountCode, amount: decimalOf(discountMinor, input.currency), type: 'fixed_amount' }];
}

/** Builds an order as `orders/paid` or `orders/create` would tell it. */
export function buildOrder(input: OrderInput, nextId: () => number): OrderBody {
  const { currency } = input;
  const id = nextId();
  const stamp = input.at.toISOString();
  const lines = input.lines.map((line) => buildLine(line, input, nextId()));
  const [tipMinor, shippingMinor] = [input.tipMinor ?? 0, input.shippingMinor ?? 0];
  const isTaxIncluded = input.taxesIncluded ?? false;
  const totals = totalsOf({
    amounts: lines.map((line) => lineAmounts(line, currency)),
    isTaxIncluded,
    shippingMinor,
    tipMinor,
  });
  const isPos = input.channel === 'pos';
  return {
    ...fixedFields(id, stamp, input),
    ...totalFields('', totals, currency),
    ...totalFields('current_', totals, currency),
    ...buildPeople(input, stamp),
    ...quietFields(input, totals, isPos),
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${input.number}`,
    order_number: input.number,
    currency,
    presentment_currency: currency,
    created_at: stamp,
    processed_at: stamp,
    updated_at: stamp,
    cancelled_at: null,
    cancel_reason: null,
    financial_status: input.financialStatus ?? 'paid',
    test: input.isTest ?? false,
    taxes_included: isTaxIncluded,
    source_name: sourceNames[input.channel],
    location_id: input.locationId ?? (isPos ? 5_791_776_832 : null),
    ...namedTotals(totals, currency),
    total_outstanding: decimalOf((input.financialStatus ?? 'paid') === 'paid' ? 0 : totals.totalMinor, currency),
    total_tip_received: decimalOf(tipMinor, currency),
    discount_codes: discountCodesOf(input),
    note_attributes: typeof input.cardCode === 'string' ? [{ name: '_stampwell_card', value: input.cardCode }] : [],
    payment_gateway_names: input.gateways ?? [gatewayOf(input)],
    ...fulfillmentOf(input, id),
    line_items: lines,
    shipping_lines: buildShipping(input, nextId()),
    refunds: [],
  };
}

/** Fields nobody reads one by one, so that the type of an order need not name them. */
function quietFields(input: OrderInput, totals: OrderTotals, isPos: boolean): Record<string, unknown> {
  const { currency } = input;
  return {
    total_line_items_price: decimalOf(totals.lineItemsMinor, currency),
    total_line_items_price_set: moneySet(totals.lineItemsMinor, currency),
    total_shipping_price_set: moneySet(input.shippingMinor ?? 0, currency),
    device_id: isPos ? 3_292_135_495 : null,
    user_id: isPos ? 109_650_444_568 : null,
  };
}

function namedTotals(
  totals: OrderTotals,
  currency: string,
): Pick<OrderBody, 'total_price' | 'total_price_set' | 'total_tax' | 'subtotal_price' | 'total_discounts'> {
  return {
    total_price_set: moneySet(totals.totalMinor, currency),
    total_price: decimalOf(totals.totalMinor, currency),
    total_tax: decimalOf(totals.taxMinor, currency),
    subtotal_price: decimalOf(totals.subtotalMinor, currency),
    total_discounts: decimalOf(totals.discountsMinor, currency),
  };
}

/** The tip and shipping of an order, in minor units. */
function extrasOf(order: OrderBody): { shippingMinor: number; tipMinor: number } {
  return {
    shippingMinor: sum(order.shipping_lines.map((line) => minorOf(line.discounted_price, order.currency))),
    tipMinor: minorOf(order.total_tip_received, order.currency),
  };
}

/** What has been given back so far, in minor units. */
export function refundedMinor(order: OrderBody): number {
  return sum(
    order.refunds.flatMap((refund) => refund.transactions.map((money) => minorOf(money.amount, order.currency))),
  );
}

/** What the shopper still owes, in minor units; below 0 the shop does. */
export function outstandingMinor(order: OrderBody): number {
  return minorOf(order.total_outstanding, order.currency);
}

/** The order after a change: newer, and with current totals that follow its lines. */
export function withLines(order: OrderBody, lines: LineBody[], at: Date): OrderBody {
  const { currency } = order;
  const amounts = lines.map((line) => lineAmounts(line, currency, line.current_quantity));
  const totals = totalsOf({ amounts, isTaxIncluded: order.taxes_included, ...extrasOf(order) });
  const updated = {
    ...order,
    ...totalFields('current_', totals, currency),
    line_items: lines,
    updated_at: at.toISOString(),
  };
  return updated;
}

/** Money of a refund that went back. */
export function refundTransaction(
  order: OrderBody,
  id: number,
  amountMinor: number,
  stamp: string,
): RefundBody['transactions'][number] {
  const transaction = {
    id,
    order_id: order.id,
    kind: 'refund',
    gateway: order.payment_gateway_names[0] ?? 'manual',
    status: 'success',
    message: null,
    created_at: stamp,
    processed_at: stamp,
    test: false,
    authorization: null,
    location_id: order.location_id,
    user_id: null,
    parent_id: order.id + 3,
    device_id: null,
    error_code: null,
    source_name: order.source_name,
    receipt: {},
    amount: decimalOf(amountMinor, order.currency),
    currency: order.currency,
    payment_id: `#${order.order_number}.1`,
    manual_payment_gateway: false,
    admin_graphql_api_id: `gid://shopify/OrderTransaction/${id}`,
  };
  return transaction;
}

/** What every refund has. */
export function refundBody(
  order: OrderBody,
  id: number,
  at: Date,
): Omit<RefundBody, 'refund_line_items' | 'transactions' | 'order_adjustments'> {
  const stamp = at.toISOString();
  const zero = moneySet(0, order.currency);
  const fields = {
    id,
    order_id: order.id,
    created_at: stamp,
    processed_at: stamp,
    note: null,
    user_id: null,
    duties: [],
    total_duties_set: zero,
    return: null,
    restock: false,
    additional_fees: [],
    total_additional_fees_set: zero,
    refund_shipping_lines: [],
    admin_graphql_api_id: `gid://shopify/Refund/${id}`,
  };
  return fields;
}

/** Shopify's note that the money and the lines of a refund differ: negative when more money came back than lines. */
function discrepancy(
  order: OrderBody,
  id: number,
  refundId: number,
  amountMinor: number,
): RefundBody['order_adjustments'][number] {
  const { currency } = order;
  const adjustment = {
    id,
    order_id: order.id,
    refund_id: refundId,
    amount: decimalOf(amountMinor, currency),
    tax_amount: decimalOf(0, currency),
    kind: 'refund_discrepancy',
    reason: 'Refund discrepancy',
    amount_set: moneySet(amountMinor, currency),
    tax_amount_set: moneySet(0, currency),
  };
  return adjustment;
}

/** The order with one more refund. */
export function withRefund(order: OrderBody, refund: RefundBody, at: Date): OrderBody {
  const refunds = [...order.refunds, refund];
  const lines = order.line_items.map((line) => {
    const returned = refund.refund_line_items.filter((item) => item.line_item_id === line.id);
    return { ...line, current_quantity: line.current_quantity - sum(returned.map((item) => item.quantity)) };
  });
  const isWhole = refundedMinor({ ...order, refunds }) >= minorOf(order.total_price, order.currency);
  return {
    ...withLines({ ...order, refunds }, lines, at),
    financial_status: isWhole ? 'refunded' : 'partially_refunded',
  };
}

export type Refunded = { order: OrderBody; refund: RefundBody };

/**
 * Gives back some quantity of some lines. The last of a line gives back whatever of it is left, so that refunding a
 * line piece by piece adds up to its price exactly.
 */
export function refundLines(
  order: OrderBody,
  returned: { lineId: number; quantity: number }[],
  options: { at: Date; nextId: () => number },
): Refunded {
  const { currency } = order;
  const items = returned.map(({ lineId, quantity }): RefundLineBody => {
    const line = order.line_items.find((candidate) => candidate.id === lineId);
    if (line === undefined || line.current_quantity < quantity)
      throw new Error(`line ${lineId} has not that much left`);
    const before = lineAmounts(line, currency, line.quantity - line.current_quantity);
    const after = lineAmounts(line, currency, line.quantity - line.current_quantity + quantity);
    const [netMinor, taxMinor] = [after.netMinor - before.netMinor, after.taxMinor - before.taxMinor];
    return {
      id: options.nextId(),
      quantity,
      line_item_id: line.id,
      location_id: order.location_id,
      restock_type: 'no_restock',
      // JSON numbers here, while every other price is a text: that is how Shopify sends them.
      subtotal: Number(decimalOf(netMinor, currency)),
      total_tax: Number(decimalOf(taxMinor, currency)),
      subtotal_set: moneySet(netMinor, currency),
      total_tax_set: moneySet(taxMinor, currency),
      line_item: line,
    };
  });
  const net = (item: RefundLineBody): number =>
    minorOf(item.subtotal_set.shop_money.amount, currency) +
    (order.taxes_included ? 0 : minorOf(item.total_tax_set.shop_money.amount, currency));
  // No more than was paid comes back: what goodwill gave earlier is missing now, and Shopify says so.
  const dueMinor = sum(items.map(net));
  const paidMinor = Math.min(dueMinor, minorOf(order.total_price, currency) - refundedMinor(order));
  const id = options.nextId();
  const refund: RefundBody = {
    ...refundBody(order, id, options.at),
    refund_line_items: items,
    order_adjustments: dueMinor === paidMinor ? [] : [discrepancy(order, options.nextId(), id, dueMinor - paidMinor)],
    transactions: [refundTransaction(order, options.nextId(), paidMinor, options.at.toISOString())],
  };
  return { order: withRefund(order, refund, options.at), refund };
}

/** Gives back money without a line: what the shop owes for an edit, and beyond that goodwill, which Shopify notes. */
export function refundAmount(
  order: OrderBody,
  amountMinor: number,
  options: { at: Date; nextId: () => number },
): Refunded {
  const id = options.nextId();
  const goodwillMinor = amountMinor - Math.min(amountMinor, Math.max(0, -outstandingMinor(order)));
  const refund: RefundBody = {
    ...refundBody(order, id, options.at),
    refund_line_items: [],
    order_adjustments: goodwillMinor > 0 ? [discrepancy(order, options.nextId(), id, -goodwillMinor)] : [],
    transactions: [refundTransaction(order, options.nextId(), amountMinor, options.at.toISOString())],
  };
  const total_outstanding = decimalOf(outstandingMinor(order) + amountMinor - goodwillMinor, order.currency);
  return { order: { ...withRefund(order, refund, options.at), total_outstanding }, refund };
}

/** The order cancelled, with everything that is left given back. The refund is null when nothing was. */
export function cancelOrder(
  order: OrderBody,
  options: { at: Date; nextId: () => number },
): { order: OrderBody; refund: RefundBody | null } {
  const cancelled = {
    cancelled_at: options.at.toISOString(),
    cancel_reason: 'customer',
    updated_at: options.at.toISOString(),
  };
  const isPaid = ['paid', 'partially_refunded'].includes(order.financial_status);
  if (!isPaid) return { order: { ...order, ...cancelled, financial_status: 'voided' }, refund: null };
  const left = order.line_items
    .map((line) => ({ lineId: line.id, quantity: line.current_quantity }))
    .filter((line) => line.quantity > 0);
  if (left.length === 0) return { order: { ...order, ...cancelled }, refund: null };
  const { order: refunded, refund } = refundLines(order, left, options);
  return { order: { ...refunded, ...cancelled }, refund };
}

/**
 * The order after its payment arrived, or after an edit set a line to another quantity. An edit upwards leaves the
 * difference to be paid.
 */
export function editQuantity(order: OrderBody, change: { lineId: number; quantity: number }, at: Date): OrderBody {
  const lines = order.line_items.map((line) =>
    line.id === change.lineId ? { ...line, quantity: change.quantity, current_quantity: change.quantity } : line,
  );
  const { currency } = order;
  const totals = totalsOf({
    amounts: lines.map((line) => lineAmounts(line, currency)),
    isTaxIncluded: order.taxes_included,
    ...extrasOf(order),
  });
  const dearerMinor = totals.totalMinor - minorOf(order.total_price, currency);
  const isDearer = dearerMinor > 0;
  return {
    ...withLines({ ...order, ...totalFields('', totals, currency), ...namedTotals(totals, currency) }, lines, at),
    total_outstanding: decimalOf(outstandingMinor(order) + dearerMinor, currency),
    financial_status: isDearer && order.financial_status === 'paid' ? 'partially_paid' : order.financial_status,
  };
}

/** The order once it is paid in full. */
export function payOrder(order: OrderBody, at: Date): OrderBody {
  const total_outstanding = decimalOf(0, order.currency);
  return { ...order, financial_status: 'paid', total_outstanding, updated_at: at.toISOString() };
}
