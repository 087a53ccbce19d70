/**
 * Shopify's order reduced to what earning needs: ids, whole minor units and times, nothing personal. Only the fields
 * read here are ever kept of an order's body. Amounts are in the shop's currency.
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
  readText,
  readTime,
  sumMinor,
} from '#app/contracts/shopify-reading.ts';
import { readRefund } from '#app/contracts/shopify-refund.ts';
import { currencyExponent } from '#app/domain/money.ts';
import type {
  Channel,
  FinancialStatus,
  OrderLine,
  OrderNews,
  OrderRefund,
  OrderSnapshot,
} from '#app/domain/orders/order.ts';

/** The note attribute through which a till ties a scanned card to the sale. */
export const cardNoteName = '_stampwell_card';

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

/**
 * Reads the body of any order webhook that carries the whole order. Unknown fields are dropped and nulls tolerated; a
 * problem names the field that did not fit, never its content.
 */
export function projectOrder(body: unknown): { ok: true; news: OrderNews } | { ok: false; problem: string } {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  const reading: Reading = { problem: null };
  const currency = readText(body, 'currency', 4);
  if (currency === null || currencyExponent(currency) === null) return { ok: false, problem: 'currency does not fit' };
  const taxesIncluded = body['taxes_included'] === true;
  const refunds = readList(reading, body, 'refunds').map((refund) =>
    readRefund(reading, asBody(refund), { currency, taxesIncluded }),
  );
  const snapshot = readSnapshot(reading, body, { currency, taxesIncluded, refunds });
  if (reading.problem !== null) return { ok: false, problem: reading.problem };
  return { ok: true, news: { orderId: snapshot.orderId, snapshot, refunds } };
}

type Known = { currency: string; taxesIncluded: boolean; refunds: readonly OrderRefund[] };

function readSnapshot(reading: Reading, body: Body, known: Known): OrderSnapshot {
  const { currency, taxesIncluded } = known;
  const orderId = readOwnId(body);
  if (orderId === null) misfit(reading, 'id');
  const tipMinor = readMinor(reading, body, 'total_tip_received', currency);
  return {
    orderId: orderId ?? '',
    orderNumber: typeof body['order_number'] === 'number' ? body['order_number'] : null,
    customerId: readOwnId(asBody(body['customer'])),
    cardCode: readCardCode(reading, body),
    discountCodes: readDiscountCodes(reading, body),
    currency,
    taxesIncluded,
    isTest: body['test'] === true,
    financialStatus: readFinancialStatus(reading, body),
    channel: channels.get(readText(body, 'source_name', 100) ?? '') ?? 'api',
    locationId: readId(reading, body, 'location_id'),
    lines: readLines(reading, body, { ...known, tipMinor }),
    ...readShipping(reading, body, currency),
    tipMinor,
    totalMinor: readMinor(reading, body, 'total_price', currency),
    ...readTimes(reading, body),
  };
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

type LineContext = Known & { tipMinor: number };
/** A line and how many of its items are gone without a refund saying so: an edit took them off. */
type ReadLine = { line: OrderLine; unexplained: number };

function readLines(reading: Reading, body: Body, context: LineContext): OrderLine[] {
  const items = readList(reading, body, 'line_items');
  const returned = new Map<string, number>();
  for (const refund of context.refunds)
    for (const line of refund.lines) returned.set(line.lineId, (returned.get(line.lineId) ?? 0) + line.quantity);
  const lines = items.map((item, index) => {
    const own: Reading = { problem: null };
    const line = readLine(own, asBody(item), context);
    if (own.problem !== null) reading.problem ??= `line_items.${index}.${own.problem}`;
    return { line, unexplained: unexplainedRemoval(asBody(item), line.quantity - (returned.get(line.id) ?? 0)) };
  });
  return withoutRemoved(reading, body, { lines, returned, currency: context.currency });
}

function readLine(reading: Reading, body: Body, { currency, tipMinor }: LineContext): OrderLine {
  const id = readOwnId(body);
  if (id === null) misfit(reading, 'id');
  const quantity = readCount(reading, body, 'quantity');
  const grossMinor = readMinor(reading, body, 'price', currency) * quantity;
  if (!Number.isSafeInteger(grossMinor) || grossMinor < 0) misfit(reading, 'price');
  const productId = readId(reading, body, 'product_id');
  return {
    id: id ?? '',
    productId,
    variantId: readId(reading, body, 'variant_id'),
    quantity,
    grossMinor,
    discountMinor: sumMinor(reading, readList(reading, body, 'discount_allocations'), 'amount', currency),
    taxMinor: sumMinor(reading, readList(reading, body, 'tax_lines'), 'price', currency),
    isGiftCard: body['gift_card'] === true,
    isTip: isBody(body['tip']) || (tipMinor > 0 && productId === null && body['title'] === 'Tip'),
  };
}

function unexplainedRemoval(body: Body, expectedQuantity: number): number {
  const current = body['current_quantity'];
  return typeof current === 'number' && Number.isSafeInteger(current) ? Math.max(0, expectedQuantity - current) : 0;
}

/**
 * An order edited downwards keeps its lines and tells what is left only by `current_quantity`. That is believed when
 * the order's own current subtotal agrees; otherwise a body put together by hand would lose its items.
 */
function withoutRemoved(
  reading: Reading,
  body: Body,
  { lines, returned, currency }: { lines: ReadLine[]; returned: ReadonlyMap<string, number>; currency: string },
): OrderLine[] {
  const bought = lines.map((item) => item.line);
  if (!Array.isArray(body['refunds']) || lines.every((item) => item.unexplained === 0)) return bought;
  const kept = lines.map(({ line, unexplained }) => scaleLine(line, line.quantity - unexplained));
  const subtotalMinor = readMinor(reading, body, 'current_subtotal_price', currency);
  let keptMinor = 0;
  let items = 0;
  for (const line of kept) {
    const left = scaleLine(line, Math.max(0, line.quantity - (returned.get(line.id) ?? 0)));
    keptMinor += left.grossMinor - left.discountMinor;
    items += line.quantity + 1;
  }
  // Shopify rounds shares of a discount per item, so a minor unit for each may differ.
  return Math.abs(keptMinor - subtotalMinor) <= items ? kept : bought;
}

function scaleLine(line: OrderLine, quantity: number): OrderLine {
  if (quantity === line.quantity) return line;
  const share = (amountMinor: number) => Number((BigInt(amountMinor) * BigInt(quantity)) / BigInt(line.quantity));
  return {
    ...line,
    quantity,
    grossMinor: share(line.grossMinor),
    discountMinor: share(line.discountMinor),
    taxMinor: share(line.taxMinor),
  };
}
