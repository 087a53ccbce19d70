/**
 * Shopify's order reduced to what earning needs: ids, whole minor units and times, nothing personal. Only the fields
 * read here are ever kept of an order's body. Amounts are in the shop's currency, and once more in the shopper's when
 * that is another.
 *
 * Its lines decide what an order is worth. They need not add up to its total, which Shopify leaves as it was when an
 * order is edited, and which may hold duties, fees and rounded cash: the total is kept to be shown, and never counted.
 */
import { cardNoteName } from '#app/contracts/card-note.ts';
import { readLines, type ReadLines } from '#app/contracts/shopify-order-lines.ts';
import { presentmentCurrencyOf, readPresentment } from '#app/contracts/shopify-presentment.ts';
import {
  asBody,
  type Body,
  exact,
  isBody,
  misfit,
  type Reading,
  readId,
  readList,
  readMinor,
  readOwnId,
  readText,
  readTime,
  sumMinor,
} from '#app/contracts/shopify-reading.ts';
import { readReceived } from '#app/contracts/shopify-received.ts';
import { readRefund } from '#app/contracts/shopify-refund.ts';
import { currencyExponent } from '#app/domain/money.ts';
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import { isId } from '#app/lib/ids.ts';
import type {
  Channel,
  FinancialStatus,
  OrderLine,
  OrderNews,
  OrderReceived,
  OrderRefund,
  OrderSnapshot,
} from '#app/domain/orders/order.ts';

/** The note attribute through which a till ties a reserved reward to the sale; one for each reward. */
export const rewardNoteName = '_stampwell_reward';

/** Every discount code of ours begins so; Shopify treats codes without regard to case. */
export const discountCodePrefix = 'SW-';

const cardCodeLengthMax = 512;
const discountCodeLengthMax = 255;
const discountCodesMax = 20;

const financialStatuses: ReadonlySet<string> = new Set<FinancialStatus>([
  'pending',
  'authorized',
  'partially_paid',
  'paid',
  'partially_refunded',
  'refunded',
  'voided',
  'expired',
]);

// Shopify's own sources; everything else is some app that made the order for itself.
const channels: ReadonlyMap<string, Channel> = new Map([
  ['web', 'online'],
  ['pos', 'pos'],
  ['iphone', 'pos'],
  ['android', 'pos'],
  ['shopify_draft_order', 'draft'],
]);

/** The name under which gift cards pay, among an order's gateways. */
export const giftCardGateway = 'gift_card';

/**
 * Reads the body of any order webhook that carries the whole order. Unknown fields are dropped and nulls tolerated; a
 * problem names the field that did not fit, never its content.
 */
export function projectOrder(body: unknown): { ok: true; news: OrderNews } | { ok: false; problem: string } {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  const reading: Reading = { problem: null };
  const currency = readText(body, 'currency', 4);
  if (currency === null || currencyExponent(currency) === null) return { ok: false, problem: 'currency does not fit' };
  const known = {
    currency,
    presentmentCurrency: presentmentCurrencyOf(body, currency),
    taxesIncluded: body['taxes_included'] === true,
  };
  const refunds = readList(reading, body, 'refunds').map((refund) => readRefund(reading, asBody(refund), known));
  const { snapshot, bought } = readSnapshot(reading, body, { ...known, refunds });
  if (reading.problem !== null) return { ok: false, problem: reading.problem };
  return { ok: true, news: { orderId: snapshot.orderId, refunds, ...readEdited(body, snapshot, bought) } };
}

/** The snapshot, and what can be told of the money of an order that edits took something off. */
function readEdited(
  body: Body,
  snapshot: OrderSnapshot,
  bought: OrderLine[],
): { snapshot: OrderSnapshot; received?: OrderReceived } {
  const [keptMinor, boughtMinor] = [snapshotValueMinor(snapshot), snapshotValueMinor({ ...snapshot, lines: bought })];
  if (boughtMinor <= keptMinor) return { snapshot };
  const received = readReceived(body, { snapshot, keptMinor, boughtMinor });
  return { snapshot: { ...snapshot, removedMinor: boughtMinor - keptMinor }, ...(received !== null && { received }) };
}

type Known = {
  currency: string;
  presentmentCurrency: string | null;
  taxesIncluded: boolean;
  refunds: readonly OrderRefund[];
};

function readSnapshot(reading: Reading, body: Body, known: Known): { snapshot: OrderSnapshot; bought: OrderLine[] } {
  const { currency, taxesIncluded } = known;
  const orderId = readOwnId(body);
  if (orderId === null) misfit(reading, 'id');
  const tipMinor = readMinor(reading, body, 'total_tip_received', currency);
  const shipping = readShipping(reading, body, currency);
  const lines = readLines(reading, body, { ...known, ...shipping, tipMinor });
  checkSum(reading, lines, shipping.shippingMinor + shipping.shippingTaxMinor + tipMinor);
  const times = readTimes(reading, body);
  const snapshot: OrderSnapshot = {
    orderId: orderId ?? '',
    orderNumber: typeof body['order_number'] === 'number' ? body['order_number'] : null,
    customerId: readOwnId(asBody(body['customer'])),
    cardCode: readCardCode(reading, body),
    discountCodes: readDiscountCodes(reading, body),
    ...readReservationIds(reading, body),
    currency,
    taxesIncluded,
    isTest: body['test'] === true,
    financialStatus: readFinancialStatus(reading, body),
    channel: channels.get(readText(body, 'source_name', 100) ?? '') ?? 'api',
    locationId: readId(reading, body, 'location_id'),
    lines: lines.kept,
    ...shipping,
    tipMinor,
    totalMinor: readMinor(reading, body, 'total_price', currency),
    ...times,
    fulfilledAt: readFulfilledAt(reading, body, times.processedAt),
    hasGiftCardTender: readList(reading, body, 'payment_gateway_names').includes(giftCardGateway),
    presentment:
      known.presentmentCurrency === null
        ? null
        : readPresentment(reading, body, { currency: known.presentmentCurrency, taxesIncluded, tipMinor, lines }),
  };
  return { snapshot, bought: lines.bought };
}

/** Everything together must still be countable: lines are added up wherever an order is settled. */
function checkSum(reading: Reading, { bought }: ReadLines, besidesMinor: number): void {
  exact(
    reading,
    'line_items',
    bought.reduce((sum, line) => sum + line.grossMinor + line.discountMinor + line.taxMinor, besidesMinor),
  );
}

/** When the last of it left; goods handed over at the till have no fulfillment of their own. */
function readFulfilledAt(reading: Reading, body: Body, processedAt: string): string | null {
  if (body['fulfillment_status'] !== 'fulfilled') return null;
  const times = readList(reading, body, 'fulfillments')
    .map(asBody)
    .filter((fulfillment) => fulfillment['status'] !== 'cancelled')
    .flatMap((fulfillment) => readTime(reading, fulfillment, 'created_at') ?? []);
  return times.toSorted().at(-1) ?? processedAt;
}

function readTimes(
  reading: Reading,
  body: Body,
): Pick<OrderSnapshot, 'createdAt' | 'processedAt' | 'updatedAt' | 'cancelledAt'> {
  const createdAt = readTime(reading, body, 'created_at');
  if (createdAt === null) misfit(reading, 'created_at');
  const processedAt = readTime(reading, body, 'processed_at') ?? createdAt ?? '';
  const updatedAt = readTime(reading, body, 'updated_at') ?? processedAt;
  return { createdAt: createdAt ?? '', processedAt, updatedAt, cancelledAt: readTime(reading, body, 'cancelled_at') };
}

function readFinancialStatus(reading: Reading, body: Body): FinancialStatus {
  const status = body['financial_status'] ?? 'pending';
  if (isFinancialStatus(status)) return status;
  misfit(reading, 'financial_status');
  return 'pending';
}

function isFinancialStatus(status: unknown): status is FinancialStatus {
  return typeof status === 'string' && financialStatuses.has(status);
}

function readCardCode(reading: Reading, body: Body): string | null {
  for (const item of readList(reading, body, 'note_attributes')) {
    const attribute = asBody(item);
    if (attribute['name'] === cardNoteName) return readText(attribute, 'value', cardCodeLengthMax);
  }
  return null;
}

/** Left out while there is none, as in almost every order. */
function readReservationIds(reading: Reading, body: Body): Pick<OrderSnapshot, 'reservationIds'> {
  const ids = readList(reading, body, 'note_attributes').flatMap((item) => {
    const attribute = asBody(item);
    const id = attribute['name'] === rewardNoteName ? readText(attribute, 'value', cardCodeLengthMax) : null;
    return id !== null && isId(id) ? [id] : [];
  });
  return ids.length === 0 ? {} : { reservationIds: ids.slice(0, discountCodesMax) };
}

function readDiscountCodes(reading: Reading, body: Body): string[] {
  const codes: string[] = [];
  for (const item of readList(reading, body, 'discount_codes')) {
    const code = readText(asBody(item), 'code', discountCodeLengthMax);
    if (code !== null && code.slice(0, discountCodePrefix.length).toUpperCase() === discountCodePrefix)
      codes.push(code);
  }
  return codes.slice(0, discountCodesMax);
}

function readShipping(
  reading: Reading,
  body: Body,
  currency: string,
): Pick<OrderSnapshot, 'shippingMinor' | 'shippingTaxMinor'> {
  let shippingMinor = 0;
  let shippingTaxMinor = 0;
  for (const item of readList(reading, body, 'shipping_lines')) {
    const line = asBody(item);
    if (line['is_removed'] === true) continue;
    const allocations = readList(reading, line, 'discount_allocations');
    const hasNet = line['discounted_price'] !== undefined && line['discounted_price'] !== null;
    shippingMinor += hasNet
      ? readMinor(reading, line, 'discounted_price', currency)
      : readMinor(reading, line, 'price', currency) - sumMinor(reading, allocations, 'amount', currency);
    shippingTaxMinor += sumMinor(reading, readList(reading, line, 'tax_lines'), 'price', currency);
  }
  return { shippingMinor: Math.max(0, shippingMinor), shippingTaxMinor };
}
