/**
 * Shopify's refund, alone (`refunds/create`) or inside an order, reduced to ids, whole minor units and times. Amounts
 * are in the shop's currency.
 */
import {
  asBody,
  type Body,
  isBody,
  misfit,
  type Reading,
  readCount,
  readId,
  readList,
  readMinor,
  readOwnId,
  readShopMoney,
  readText,
  readTime,
  shopCurrencyOf,
} from '#app/contracts/shopify-reading.ts';
import type { OrderNews, OrderRefund } from '#app/domain/orders/order.ts';

/** What a refund's amounts are read with. */
export type RefundMoney = { currency: string; taxesIncluded: boolean };

/**
 * Reads the body of `refunds/create`. It does not say whether prices include tax, so returned lines are taken at
 * subtotal plus tax: for tax-included shops that can only understate `amountOnlyMinor`, and the order's own copy of the
 * refund, which knows, wins the merge. A problem names a field, never its content.
 */
export function projectRefund(body: unknown): { ok: true; news: OrderNews } | { ok: false; problem: string } {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  const reading: Reading = { problem: null };
  const orderId = readId(reading, body, 'order_id');
  if (orderId === null) misfit(reading, 'order_id');
  const currency = refundCurrency(body);
  if (currency === null) misfit(reading, 'currency');
  const refund = readRefund(reading, body, { currency: currency ?? 'USD', taxesIncluded: false });
  if (reading.problem !== null || orderId === null) return { ok: false, problem: reading.problem ?? 'order_id' };
  return { ok: true, news: { orderId, snapshot: null, refunds: [refund] } };
}

/** Reads one refund; what does not fit is noted in `reading` and the answer is then not to be used. */
export function readRefund(reading: Reading, body: Body, money: RefundMoney): OrderRefund {
  const refundId = readOwnId(body);
  if (refundId === null) misfit(reading, 'refund id');
  const createdAt = readTime(reading, body, 'created_at') ?? readTime(reading, body, 'processed_at');
  if (createdAt === null) misfit(reading, 'created_at');
  const lines = readList(reading, body, 'refund_line_items').map((item) =>
    readRefundLine(reading, asBody(item), money),
  );
  const shippingMinor = readShippingBack(reading, body, money);
  const returnedMinor = lines.reduce(
    (sum, line) => sum + line.subtotalMinor + (money.taxesIncluded ? 0 : line.taxMinor),
    shippingMinor,
  );
  const backMinor = readMoneyBack(reading, body, money.currency);
  const amountOnlyMinor =
    backMinor === null ? readAdjustmentsBack(reading, body, money.currency) : Math.max(0, backMinor - returnedMinor);
  return { refundId: refundId ?? '', createdAt: createdAt ?? '', lines, shippingMinor, amountOnlyMinor };
}

function readRefundLine(reading: Reading, body: Body, { currency }: RefundMoney): OrderRefund['lines'][number] {
  const lineId = readId(reading, body, 'line_item_id') ?? readOwnId(asBody(body['line_item']));
  if (lineId === null) misfit(reading, 'refund_line_items.line_item_id');
  return {
    lineId: lineId ?? '',
    quantity: readCount(reading, body, 'quantity'),
    subtotalMinor: readEitherMinor(reading, body, 'subtotal', currency),
    taxMinor: readEitherMinor(reading, body, 'total_tax', currency),
  };
}

/** The shop's side of `<key>_set` when it is there, else the plain field, which is a JSON number in refunds. */
function readEitherMinor(reading: Reading, body: Body, key: string, currency: string): number {
  return readShopMoney(reading, body, `${key}_set`, currency) ?? readMinor(reading, body, key, currency);
}

/** Shopify tells the same shipping money twice, as shipping lines and as adjustments; either may be missing. */
function readShippingBack(reading: Reading, body: Body, { currency }: RefundMoney): number {
  const asAdjustments = sumAdjustments(reading, body, { currency, isShipping: true });
  let asLines = 0;
  for (const line of readList(reading, body, 'refund_shipping_lines'))
    asLines += readShopMoney(reading, asBody(line), 'subtotal_amount_set', currency) ?? 0;
  return Math.max(0, asAdjustments, asLines);
}

function readAdjustmentsBack(reading: Reading, body: Body, currency: string): number {
  return Math.max(0, sumAdjustments(reading, body, { currency, isShipping: false }));
}

/** Adjustments are negative when the shopper gets money; their tax comes on top. */
function sumAdjustments(reading: Reading, body: Body, which: { currency: string; isShipping: boolean }): number {
  let backMinor = 0;
  for (const item of readList(reading, body, 'order_adjustments')) {
    const adjustment = asBody(item);
    if ((adjustment['kind'] === 'shipping_refund') !== which.isShipping) continue;
    backMinor -= readEitherMinor(reading, adjustment, 'amount', which.currency);
    backMinor -= readEitherMinor(reading, adjustment, 'tax_amount', which.currency);
  }
  return backMinor;
}

/**
 * Money that really went back, or null when no transaction says so in the shop's currency: store credit has none, and
 * a transaction in the shopper's currency cannot be compared with the lines.
 */
function readMoneyBack(reading: Reading, body: Body, currency: string): number | null {
  let backMinor: number | null = null;
  for (const item of readList(reading, body, 'transactions')) {
    const transaction = asBody(item);
    if (transaction['kind'] !== 'refund') continue;
    const isShopCurrency = (readText(transaction, 'currency', 4) ?? currency) === currency;
    const amountMinor =
      readShopMoney(reading, transaction, 'amount_set', currency) ??
      (isShopCurrency ? readMinor(reading, transaction, 'amount', currency) : null);
    if (amountMinor === null) continue;
    backMinor = (backMinor ?? 0) + (transaction['status'] === 'success' ? amountMinor : 0);
  }
  return backMinor;
}

/** A refund alone does not name its currency; some amount in it does. */
function refundCurrency(body: Body): string | null {
  const line = asBody(asList(body['refund_line_items'])[0]);
  const adjustment = asBody(asList(body['order_adjustments'])[0]);
  const shipping = asBody(asList(body['refund_shipping_lines'])[0]);
  const transaction = asBody(asList(body['transactions'])[0]);
  return (
    shopCurrencyOf(line, 'subtotal_set') ??
    shopCurrencyOf(adjustment, 'amount_set') ??
    shopCurrencyOf(shipping, 'subtotal_amount_set') ??
    shopCurrencyOf(body, 'total_duties_set') ??
    readText(transaction, 'currency', 4)
  );
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
