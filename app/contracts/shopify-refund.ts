/**
 * Shopify's refund, alone (`refunds/create`) or inside an order, reduced to ids, whole minor units and times. Amounts
 * are in the shop's currency, and once more in the shopper's when that is another.
 */
import { presentmentCurrencyOf } from '#app/contracts/shopify-presentment.ts';
import {
  asBody,
  belowZero,
  type Body,
  currencyOf,
  exact,
  isBody,
  misfit,
  type MoneySide,
  type Reading,
  readCount,
  readId,
  readList,
  readMoney,
  readOwnId,
  readSignedMinor,
  readText,
  readTime,
} from '#app/contracts/shopify-reading.ts';
import type { OrderNews, OrderRefund, PresentmentRefund } from '#app/domain/orders/order.ts';

/** What a refund's amounts are read with; `presentmentCurrency` is null when it is the shop's own. */
export type RefundMoney = { currency: string; presentmentCurrency: string | null; taxesIncluded: boolean };

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
  const currency = findCurrency(body, 'shop_money') ?? transactionCurrency(body);
  if (currency === null) misfit(reading, 'currency');
  const shopper = findCurrency(body, 'presentment_money');
  const refund = readRefund(reading, body, {
    currency: currency ?? 'USD',
    presentmentCurrency: presentmentCurrencyOf({ presentment_currency: shopper }, currency ?? 'USD'),
    taxesIncluded: false,
  });
  if (reading.problem !== null || orderId === null) return { ok: false, problem: reading.problem ?? 'order_id' };
  return { ok: true, news: { orderId, snapshot: null, refunds: [refund] } };
}

/** Reads one refund; what does not fit is noted in `reading` and the answer is then not to be used. */
export function readRefund(reading: Reading, body: Body, money: RefundMoney): OrderRefund {
  const refundId = readOwnId(body);
  if (refundId === null) misfit(reading, 'refund id');
  const createdAt = readTime(reading, body, 'created_at') ?? readTime(reading, body, 'processed_at');
  if (createdAt === null) misfit(reading, 'created_at');
  const { taxesIncluded, presentmentCurrency } = money;
  const isExchanged = presentmentCurrency !== null;
  const shop = readSide(
    { reading, side: 'shop_money', currency: money.currency, taxesIncluded, isExchanged, isWhole: true },
    body,
  );
  return {
    refundId: refundId ?? '',
    createdAt: createdAt ?? '',
    ...shop,
    presentment: isExchanged ? readShopperSide(reading, body, presentmentCurrency, taxesIncluded) : null,
  };
}

/**
 * One currency's reading of a refund; `isWhole` turns false when an amount is not told in it, `isExchanged` says that there
 * are two.
 */
type Side = MoneySide & { reading: Reading; taxesIncluded: boolean; isExchanged: boolean; isWhole: boolean };
type SideAmounts = Pick<OrderRefund, 'lines' | 'shippingMinor' | 'amountOnlyMinor'>;

function readShopperSide(
  reading: Reading,
  body: Body,
  currency: string,
  taxesIncluded: boolean,
): PresentmentRefund | null {
  const side: Side = { reading, side: 'presentment_money', currency, taxesIncluded, isExchanged: true, isWhole: true };
  const { lines, ...besides } = readSide(side, body);
  if (!side.isWhole) return null;
  const byLine: PresentmentRefund['lines'] = {};
  for (const { lineId, subtotalMinor, taxMinor } of lines) {
    const before = byLine[lineId] ?? { subtotalMinor: 0, taxMinor: 0 };
    byLine[lineId] = { subtotalMinor: before.subtotalMinor + subtotalMinor, taxMinor: before.taxMinor + taxMinor };
  }
  return { lines: byLine, ...besides };
}

function readSide(side: Side, body: Body): SideAmounts {
  const lines = readList(side.reading, body, 'refund_line_items').map((item) => readRefundLine(side, asBody(item)));
  const shippingMinor = readShippingBack(side, body);
  const returnedMinor = lines.reduce(
    (sum, line) => sum + line.subtotalMinor + (side.taxesIncluded ? 0 : line.taxMinor),
    shippingMinor,
  );
  exact(side.reading, 'refund_line_items', returnedMinor);
  const backMinor = readMoneyBack(side, body);
  if (backMinor === null) return { lines, shippingMinor, amountOnlyMinor: readAdjustmentsBack(side, body) };
  const [duties, fees] = [readBeside(side, body, 'duties'), readBeside(side, body, 'additional_fees')];
  const besidesMinor = backMinor - returnedMinor - duties.backMinor - fees.backMinor;
  // Every amount is rounded by itself when it changes currencies: what is left between them is nothing given back.
  const amounts = 2 * lines.length + (shippingMinor > 0 ? 1 : 0) + duties.count + fees.count;
  const roundingMinor = side.isExchanged ? amounts : 0;
  return { lines, shippingMinor, amountOnlyMinor: besidesMinor > roundingMinor ? besidesMinor : 0 };
}

function readRefundLine(side: Side, body: Body): OrderRefund['lines'][number] {
  const lineId = readId(side.reading, body, 'line_item_id') ?? readOwnId(asBody(body['line_item']));
  if (lineId === null) misfit(side.reading, 'refund_line_items.line_item_id');
  const [subtotalMinor, taxMinor] = [readAmount(side, body, 'subtotal'), readAmount(side, body, 'total_tax')];
  if (subtotalMinor < 0 || taxMinor < 0) misfit(side.reading, 'refund_line_items', belowZero);
  return { lineId: lineId ?? '', quantity: readCount(side.reading, body, 'quantity'), subtotalMinor, taxMinor };
}

/** This side of `<key>_set`. The shop's is else the plain field, which is a JSON number in refunds. */
function readAmount(side: Side, body: Body, key: string): number {
  const amountMinor = readMoney(side.reading, body, `${key}_set`, side);
  if (amountMinor !== null) return amountMinor;
  if (side.side === 'shop_money') return readSignedMinor(side.reading, body, key, side.currency);
  side.isWhole = false;
  return 0;
}

/** Shopify tells the same shipping money twice, as shipping lines and as adjustments; either may be missing. */
function readShippingBack(side: Side, body: Body): number {
  const asAdjustments = sumAdjustments(side, body, { isShipping: true });
  let asLines = 0;
  for (const line of readList(side.reading, body, 'refund_shipping_lines'))
    asLines += readMoney(side.reading, asBody(line), 'subtotal_amount_set', side) ?? 0;
  return Math.max(0, asAdjustments, asLines);
}

/**
 * Duties and additional fees never earned: like shipping that goes back, they take nothing off the goods. Both are told one
 * by one and in all; of two accounts of the same money the larger counts, as either may be missing.
 */
function readBeside(side: Side, body: Body, what: 'duties' | 'additional_fees'): { backMinor: number; count: number } {
  const amounts = readList(side.reading, body, what).map((one) =>
    Math.max(0, readMoney(side.reading, asBody(one), 'amount_set', side) ?? 0),
  );
  const inAllMinor = readMoney(side.reading, body, `total_${what}_set`, side) ?? 0;
  const sumMinor = exact(
    side.reading,
    what,
    amounts.reduce((minor, amount) => minor + amount, 0),
  );
  const backMinor = Math.max(sumMinor, inAllMinor);
  return { backMinor, count: Math.max(amounts.length, backMinor > 0 ? 1 : 0) };
}

function readAdjustmentsBack(side: Side, body: Body): number {
  return Math.max(0, sumAdjustments(side, body, { isShipping: false }));
}

/** Adjustments are negative when the shopper gets money; their tax comes on top. */
function sumAdjustments(side: Side, body: Body, which: { isShipping: boolean }): number {
  let backMinor = 0;
  for (const item of readList(side.reading, body, 'order_adjustments')) {
    const adjustment = asBody(item);
    if ((adjustment['kind'] === 'shipping_refund') !== which.isShipping) continue;
    backMinor -= readAmount(side, adjustment, 'amount');
    backMinor -= readAmount(side, adjustment, 'tax_amount');
  }
  return backMinor;
}

/**
 * Money that really went back, or null when no transaction says so in this currency: store credit has none, and a
 * transaction in the other currency cannot be compared with the lines.
 */
function readMoneyBack(side: Side, body: Body): number | null {
  let backMinor: number | null = null;
  for (const item of readList(side.reading, body, 'transactions')) {
    const transaction = asBody(item);
    if (transaction['kind'] !== 'refund') continue;
    // A transaction that names no currency is in the shop's.
    const named = readText(transaction, 'currency', 4);
    const isSameCurrency = named === null ? side.side === 'shop_money' : named === side.currency;
    const amountMinor =
      readMoney(side.reading, transaction, 'amount_set', side) ??
      (isSameCurrency ? readSignedMinor(side.reading, transaction, 'amount', side.currency) : null);
    if (amountMinor === null) continue;
    backMinor = (backMinor ?? 0) + (transaction['status'] === 'success' ? amountMinor : 0);
  }
  return backMinor === null ? null : exact(side.reading, 'transactions', backMinor);
}

/** A refund alone does not name its currencies; some amount in it does. */
function findCurrency(body: Body, side: MoneySide['side']): string | null {
  const line = asBody(asList(body['refund_line_items'])[0]);
  const adjustment = asBody(asList(body['order_adjustments'])[0]);
  const shipping = asBody(asList(body['refund_shipping_lines'])[0]);
  return (
    currencyOf(line, 'subtotal_set', side) ??
    currencyOf(adjustment, 'amount_set', side) ??
    currencyOf(shipping, 'subtotal_amount_set', side) ??
    currencyOf(body, 'total_duties_set', side) ??
    currencyOf(body, 'total_additional_fees_set', side)
  );
}

function transactionCurrency(body: Body): string | null {
  return readText(asBody(asList(body['transactions'])[0]), 'currency', 4);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
