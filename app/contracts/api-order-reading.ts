/** Carts and orders of API clients as the engine knows them: whole minor units, times in UTC, nothing personal. */
import type { CartInput, OrderInput } from '#app/contracts/api-orders.ts';
import { shareOf } from '#app/contracts/shopify-order-lines.ts';
import { discountCodePrefix } from '#app/contracts/shopify-order.ts';
import { amountFault, parseMinor } from '#app/domain/money.ts';
import { type Cart, type CartLine, cartTotalMinor } from '#app/domain/orders/cart-order.ts';
import { apiOrderId } from '#app/domain/orders/order-ids.ts';
import type { OrderLine, OrderNews, OrderRefund, OrderSnapshot } from '#app/domain/orders/order.ts';
import type { InputIssue } from '#app/lib/errors.ts';

/** Issues are gathered while reading; what did not fit is read as 0 and must not be used. */
type Reading = { currency: string; issues: InputIssue[] };
type Decimal = string | number | undefined;
type LineInput = CartInput['lines'][number];

/** How far another clock may be ahead of ours. */
const aheadMaxMs = 5 * 60_000;

/** A cart, or what is wrong with its money. */
export function readCart(input: CartInput): { ok: true; cart: Cart } | { ok: false; issues: InputIssue[] } {
  const reading: Reading = { currency: input.currency, issues: [] };
  const lines = input.lines.map((line, index) => readLine(reading, line, `cart.lines.${index}`));
  const cart: Cart = {
    currency: input.currency,
    taxesIncluded: input.taxesIncluded,
    lines,
    shippingMinor: minor(reading, 'cart.shipping', input.shipping),
    shippingTaxMinor: minor(reading, 'cart.shippingTax', input.shippingTax),
  };
  checkCountable(reading, cart, 'cart.lines');
  return reading.issues.length > 0 ? { ok: false, issues: reading.issues } : { ok: true, cart };
}

/** News of an order, or what is wrong with it. The whole order is told each time; the newest by `updatedAt` counts. */
export function readSubmittedOrder(
  input: OrderInput,
  { clientId, at }: { clientId: string; at: Date },
): { ok: true; news: OrderNews } | { ok: false; issues: InputIssue[] } {
  const reading: Reading = { currency: input.currency, issues: [] };
  const orderId = apiOrderId({ clientId, externalId: input.externalId });
  const snapshot = readSnapshot(reading, input, { orderId, at });
  const refunds = (input.refunds ?? []).map((_, index) => readRefund(reading, input, { index, lines: snapshot.lines }));
  checkUnique(reading, snapshot.lines.map(({ id }) => id), 'lines'); // prettier-ignore
  checkUnique(reading, refunds.map(({ refundId }) => refundId), 'refunds'); // prettier-ignore
  if (reading.issues.length > 0) return { ok: false, issues: reading.issues };
  const giftCardMinor = minor(reading, 'giftCardPaid', input.giftCardPaid);
  const { updatedAt: asOf, totalMinor } = snapshot;
  const tenders = giftCardMinor > 0 ? { tenders: { asOf, giftCardMinor, totalMinor } } : {};
  return { ok: true, news: { orderId, snapshot, refunds, ...tenders } };
}

function readSnapshot(
  reading: Reading,
  input: OrderInput,
  { orderId, at }: { orderId: string; at: Date },
): OrderSnapshot {
  const { currency, taxesIncluded, reservationIds = [], discountCodes = [] } = input;
  return {
    orderId,
    orderNumber: null,
    customerId: input.shopifyCustomerId?.split('/').at(-1) ?? null,
    cardCode: null,
    discountCodes: discountCodes.filter((code) => code.toUpperCase().startsWith(discountCodePrefix)),
    ...(reservationIds.length > 0 && { reservationIds }),
    currency,
    taxesIncluded,
    isTest: input.isTest === true,
    financialStatus: input.status ?? 'paid',
    channel: 'api',
    locationId: input.locationId ?? null,
    ...readMoney(reading, input),
    ...readTimes(reading, input, at),
    presentment: null,
  };
}

type SnapshotMoney = 'lines' | 'shippingMinor' | 'shippingTaxMinor' | 'tipMinor' | 'totalMinor' | 'hasGiftCardTender';

function readMoney(reading: Reading, input: OrderInput): Pick<OrderSnapshot, SnapshotMoney> {
  const lines = input.lines.map((line, index): OrderLine => {
    const id = line.id ?? String(index + 1);
    return { id, ...readLine(reading, line, `lines.${index}`), isTip: line.isTip === true };
  });
  const shippingMinor = minor(reading, 'shipping', input.shipping);
  const shippingTaxMinor = minor(reading, 'shippingTax', input.shippingTax);
  const ownTipMinor = minor(reading, 'tip', input.tip);
  const money = { taxesIncluded: input.taxesIncluded, lines, shippingMinor, shippingTaxMinor };
  checkCountable(reading, money, 'lines');
  const totalMinor = cartTotalMinor(money) + ownTipMinor;
  if (input.total !== undefined && minor(reading, 'total', input.total) !== totalMinor)
    reading.issues.push({ path: 'total', message: 'is not what lines, shipping and tip add up to' });
  return {
    lines,
    shippingMinor,
    shippingTaxMinor,
    tipMinor: lines.reduce((sum, line) => sum + (line.isTip ? line.grossMinor : 0), ownTipMinor),
    totalMinor,
    hasGiftCardTender: minor(reading, 'giftCardPaid', input.giftCardPaid) > 0,
  };
}

type SnapshotTimes = 'createdAt' | 'processedAt' | 'updatedAt' | 'cancelledAt' | 'fulfilledAt';

function readTimes(reading: Reading, input: OrderInput, at: Date): Pick<OrderSnapshot, SnapshotTimes> {
  const timeOf = (path: 'processedAt' | 'updatedAt' | 'cancelledAt' | 'fulfilledAt') => {
    const told = input[path];
    return told == null ? null : instant(reading, path, { told, at });
  };
  const processedAt = timeOf('processedAt') ?? '';
  return {
    createdAt: processedAt,
    processedAt,
    updatedAt: timeOf('updatedAt') ?? at.toISOString(),
    cancelledAt: timeOf('cancelledAt'),
    fulfilledAt: timeOf('fulfilledAt'),
  };
}

function readLine(reading: Reading, line: LineInput, path: string): CartLine {
  const grossMinor = minor(reading, `${path}.price`, line.price) * line.quantity;
  return {
    productId: line.productId?.split('/').at(-1) ?? null,
    variantId: line.variantId?.split('/').at(-1) ?? null,
    vendor: line.vendor ?? null,
    quantity: line.quantity,
    grossMinor,
    discountMinor: minor(reading, `${path}.discount`, line.discount),
    taxMinor: minor(reading, `${path}.tax`, line.tax),
    isGiftCard: line.isGiftCard === true,
  };
}

function readRefund(
  reading: Reading,
  input: OrderInput,
  { index, lines }: { index: number; lines: OrderLine[] },
): OrderRefund {
  const path = `refunds.${index}`;
  const refund = input.refunds?.[index];
  const byId = new Map(lines.map((line) => [line.id, line]));
  const returned = (refund?.lines ?? []).map((back, place) => {
    const { lineId, quantity } = back;
    const line = byId.get(lineId);
    const at = `${path}.lines.${place}`;
    if (line === undefined) reading.issues.push({ path: `${at}.lineId`, message: 'is no line of the order' });
    const share = { quantity: Math.min(quantity, line?.quantity ?? 1), of: line?.quantity ?? 1 };
    const netMinor = Math.max(0, (line?.grossMinor ?? 0) - (line?.discountMinor ?? 0));
    const ownMinor = (told: Decimal, name: string, wholeMinor: number) =>
      told === undefined ? safeShare(wholeMinor, share) : minor(reading, `${at}.${name}`, told);
    const subtotalMinor = ownMinor(back.subtotal, 'subtotal', netMinor);
    return { lineId, quantity, subtotalMinor, taxMinor: ownMinor(back.tax, 'tax', line?.taxMinor ?? 0) };
  });
  return {
    refundId: refund?.id ?? '',
    createdAt: new Date(refund?.createdAt ?? input.processedAt).toISOString(),
    lines: returned,
    shippingMinor: minor(reading, `${path}.shipping`, refund?.shipping),
    amountOnlyMinor: minor(reading, `${path}.amount`, refund?.amount),
    presentment: null,
  };
}

/** What cannot be counted was noted already. */
function safeShare(wholeMinor: number, share: { quantity: number; of: number }): number {
  return Number.isSafeInteger(wholeMinor) ? shareOf(wholeMinor, share) : 0;
}

const faults: Record<ReturnType<typeof amountFault>, string> = {
  'not-a-number': 'is not a plain decimal',
  'unknown-currency': 'is in a currency we do not know',
  'too-fine': 'is finer than the currency’s smallest unit',
  'too-large': 'is too large to be counted exactly',
};

function minor(reading: Reading, path: string, decimal: Decimal): number {
  if (decimal === undefined) return 0;
  const amount = parseMinor(decimal, reading.currency);
  if (amount === null) reading.issues.push({ path, message: faults[amountFault(decimal, reading.currency)] });
  return amount ?? 0;
}

/** Lines are added up wherever an order is settled, so everything together must still be exact. */
function checkCountable(reading: Reading, money: Parameters<typeof cartTotalMinor>[0], path: string): void {
  const sum = money.lines.reduce(
    (total, line) => total + line.grossMinor + line.discountMinor + line.taxMinor,
    money.shippingMinor + money.shippingTaxMinor,
  );
  if (!Number.isSafeInteger(sum)) reading.issues.push({ path, message: faults['too-large'] });
}

function checkUnique(reading: Reading, ids: string[], path: string): void {
  if (new Set(ids).size < ids.length) reading.issues.push({ path, message: 'have an id twice' });
}

function instant(reading: Reading, path: string, { told, at }: { told: string; at: Date }): string {
  const time = new Date(told);
  if (time.getTime() > at.getTime() + aheadMaxMs) reading.issues.push({ path, message: 'has not come yet' });
  return time.toISOString();
}
