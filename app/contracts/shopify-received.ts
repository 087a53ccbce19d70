/**
 * How much money came in for an order that edits took something off. Its lines tell only what is left of it, and what went
 * back since may have been for what is not: then it is no goodwill, and takes nothing off what is left.
 */
import { presentmentCurrencyOf } from '#app/contracts/shopify-presentment.ts';
import {
  asBody,
  type Body,
  type Reading,
  readList,
  readMoney,
  readSignedMinor,
} from '#app/contracts/shopify-reading.ts';
import type { OrderReceived, OrderSnapshot } from '#app/domain/orders/order.ts';

/** What the order's lines, shipping and tip are worth, without and with what edits took off. */
type Edited = { snapshot: OrderSnapshot; keptMinor: number; boughtMinor: number };

/**
 * Added up from the payments, which only a fetched order has; else concluded from the balance that a webhook tells. Null when
 * neither is told without doubt: what does not fit here is not counted, and refuses no order.
 */
export function readReceived(body: Body, edited: Edited): OrderReceived | null {
  const reading: Reading = { problem: null };
  const { currency, updatedAt: asOf } = edited.snapshot;
  const besidesMinor = readBesides(reading, body, currency);
  const payments = readPayments(reading, body, currency);
  const isExchanged = presentmentCurrencyOf(body, currency) !== null;
  // In two currencies amounts are rounded apart, and a balance of many of them is not exact.
  const balanceMinor = payments === null && !isExchanged ? readBalance(reading, body, currency) : null;
  if (reading.problem !== null) return null;
  if (payments !== null) {
    const roundingMinor = isExchanged ? payments.count + 2 * edited.snapshot.lines.length : 0;
    return { asOf, by: 'payments', amountMinor: settledMinor(payments.minor - besidesMinor, roundingMinor, edited) };
  }
  // Less than everything may have been edited away before it was paid, or be what somebody booked otherwise.
  if (balanceMinor === null || balanceMinor - besidesMinor !== edited.boughtMinor) return null;
  return { asOf, by: 'balance', amountMinor: edited.boughtMinor };
}

/** Duties and additional fees are paid with the goods, and are not among an order's lines. */
function readBesides(reading: Reading, body: Body, currency: string): number {
  const keys = ['original_total_duties_set', 'original_total_additional_fees_set'];
  return keys.reduce((minor, key) => minor + (readMoney(reading, body, key, { side: 'shop_money', currency }) ?? 0), 0);
}

/** What each kind of transaction does to the money that came in; what went back is told by the refunds. */
const paymentSigns: ReadonlyMap<unknown, number> = new Map([
  ['sale', 1],
  ['capture', 1],
  ['change', -1],
]);

function readPayments(reading: Reading, body: Body, currency: string): { minor: number; count: number } | null {
  if (!Array.isArray(body['transactions'])) return null;
  const transactions = readList(reading, body, 'transactions').map(asBody);
  const minor = transactions.reduce((sum, transaction) => {
    const sign = transaction['status'] === 'success' ? (paymentSigns.get(transaction['kind']) ?? 0) : 0;
    return sum + sign * readAmount(reading, transaction, currency);
  }, 0);
  return { minor, count: transactions.length };
}

/** Amounts that were rounded apart as they changed currencies differ by nothing. */
function settledMinor(amountMinor: number, roundingMinor: number, { keptMinor, boughtMinor }: Edited): number {
  const near = [boughtMinor, keptMinor].find((minor) => Math.abs(minor - amountMinor) <= roundingMinor);
  return near ?? amountMinor;
}

/**
 * What came in is what the order now costs, less what is still owed either way, and what went back. Null when it is not told,
 * or when a refund says that it and its lines differ: nowhere is written whether that is part of what the order now costs.
 */
function readBalance(reading: Reading, body: Body, currency: string): number | null {
  if (body['current_total_price'] == null || body['total_outstanding'] == null) return null;
  const costMinor = readSignedMinor(reading, body, 'current_total_price', currency);
  const outstandingMinor = readSignedMinor(reading, body, 'total_outstanding', currency);
  let backMinor = 0;
  for (const refund of readList(reading, body, 'refunds').map(asBody)) {
    if (hasDiscrepancy(reading, refund, currency)) return null;
    for (const transaction of readList(reading, refund, 'transactions').map(asBody))
      if (transaction['kind'] === 'refund' && transaction['status'] === 'success')
        backMinor += readAmount(reading, transaction, currency);
  }
  return costMinor - outstandingMinor + backMinor;
}

function hasDiscrepancy(reading: Reading, refund: Body, currency: string): boolean {
  return readList(reading, refund, 'order_adjustments')
    .map(asBody)
    .some(
      (adjustment) =>
        adjustment['kind'] !== 'shipping_refund' &&
        ['amount', 'tax_amount'].some((key) => readSignedMinor(reading, adjustment, key, currency) !== 0),
    );
}

function readAmount(reading: Reading, transaction: Body, currency: string): number {
  const amountMinor = readMoney(reading, transaction, 'amount_set', { side: 'shop_money', currency });
  return amountMinor ?? readSignedMinor(reading, transaction, 'amount', currency);
}
