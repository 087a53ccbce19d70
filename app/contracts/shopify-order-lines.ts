/**
 * The lines of an order, as bought and as edits left them. Amounts are in the shop's currency.
 */
import {
  asBody,
  type Body,
  exact,
  isBody,
  misfit,
  type Reading,
  readCount,
  readId,
  readList,
  readMinor,
  readOwnId,
  readText,
  sumMinor,
} from '#app/contracts/shopify-reading.ts';
import type { OrderLine, OrderRefund } from '#app/domain/orders/order.ts';

const vendorLengthMax = 255;

/** All lines as bought, and what edits left of each, in the same order. */
export type ReadLines = { bought: OrderLine[]; kept: OrderLine[] };

type LineContext = {
  currency: string;
  taxesIncluded: boolean;
  refunds: readonly OrderRefund[];
  tipMinor: number;
  shippingMinor: number;
  shippingTaxMinor: number;
};
/** A line and how many of its items are gone without a refund saying so: an edit took them off. */
type ReadLine = { line: OrderLine; unexplained: number };

/** Reads `line_items`. What does not fit is noted with the line's place in the list. */
export function readLines(reading: Reading, body: Body, context: LineContext): ReadLines {
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
  const tip = findUnnamedTip(
    lines.map((item) => item.line),
    { ...context, totalMinor: readMinor(reading, body, 'total_price', context.currency) },
  );
  if (tip !== undefined) tip.isTip = true;
  const kept = withoutRemoved(reading, body, { lines, returned, currency: context.currency });
  return { bought: lines.map((item) => item.line), kept };
}

function readLine(reading: Reading, body: Body, { currency, tipMinor }: LineContext): OrderLine {
  const id = readOwnId(body);
  if (id === null) misfit(reading, 'id');
  const quantity = readCount(reading, body, 'quantity');
  const grossMinor = exact(reading, 'price', readMinor(reading, body, 'price', currency) * quantity);
  const productId = readId(reading, body, 'product_id');
  return {
    id: id ?? '',
    productId,
    variantId: readId(reading, body, 'variant_id'),
    vendor: readText(body, 'vendor', vendorLengthMax),
    quantity,
    grossMinor,
    discountMinor: sumMinor(reading, readList(reading, body, 'discount_allocations'), 'amount', currency),
    taxMinor: sumMinor(reading, readList(reading, body, 'tax_lines'), 'price', currency),
    isGiftCard: body['gift_card'] === true,
    isTip: isBody(body['tip']) || (tipMinor > 0 && productId === null && body['title'] === 'Tip'),
  };
}

/**
 * The line that is the tip though it does not say so, as its title is in the shop's language: where all lines and the
 * shipping make the total already, the tip must be among them, and the one line of that price without a product is it.
 */
function findUnnamedTip(
  lines: readonly OrderLine[],
  order: LineContext & { totalMinor: number },
): OrderLine | undefined {
  const { tipMinor, shippingMinor, shippingTaxMinor, totalMinor } = order;
  if (tipMinor === 0 || lines.some(({ isTip }) => isTip)) return undefined;
  const taxAdds = order.taxesIncluded ? 0 : 1;
  const goodsMinor = lines.reduce(
    (sum, line) => sum + line.grossMinor - line.discountMinor + taxAdds * line.taxMinor,
    shippingMinor + taxAdds * shippingTaxMinor,
  );
  if (goodsMinor !== totalMinor) return undefined;
  const likely = lines.filter(
    ({ productId, variantId, grossMinor, discountMinor, taxMinor, isGiftCard }) =>
      productId === null &&
      variantId === null &&
      !isGiftCard &&
      grossMinor === tipMinor &&
      discountMinor + taxMinor === 0,
  );
  return likely.length === 1 ? likely[0] : undefined;
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
  const share = { quantity, of: line.quantity };
  return {
    ...line,
    quantity,
    grossMinor: shareOf(line.grossMinor, share),
    discountMinor: shareOf(line.discountMinor, share),
    taxMinor: shareOf(line.taxMinor, share),
  };
}

/** So many items' share of a line's amount, rounded down. */
export function shareOf(amountMinor: number, share: { quantity: number; of: number }): number {
  return Number((BigInt(amountMinor) * BigInt(share.quantity)) / BigInt(share.of));
}
