/**
 * An order as the Admin API answers it, read by the very rules of the webhooks: it is put into the form of a webhook's
 * body and projected like one, so that a fetched order and a delivered one can never be counted differently.
 */
import { z } from 'zod';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';

const moneySchema = z.object({ shopMoney: z.object({ amount: z.string(), currencyCode: z.string() }) });
const referenceSchema = z.object({ id: z.string() }).nullable();
const taxLinesSchema = z.array(z.object({ priceSet: moneySchema }));
const pageInfoSchema = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

const lineSchema = z.object({
  id: z.string(),
  title: z.string(),
  quantity: z.int(),
  currentQuantity: z.int(),
  isGiftCard: z.boolean(),
  originalUnitPriceSet: moneySchema,
  discountAllocations: z.array(z.object({ allocatedAmountSet: moneySchema })),
  taxLines: taxLinesSchema,
  product: referenceSchema,
  variant: referenceSchema,
});

/** One page of an order's lines. */
export const linePageSchema = z.object({ nodes: z.array(lineSchema), pageInfo: pageInfoSchema });

const refundLineSchema = z.object({
  quantity: z.int(),
  subtotalSet: moneySchema,
  totalTaxSet: moneySchema,
  lineItem: z.object({ id: z.string() }),
});

/** One page of a refund's lines. */
export const refundLinePageSchema = z.object({ nodes: z.array(refundLineSchema), pageInfo: pageInfoSchema });

/** A refund without its lines. */
export const refundHeadSchema = z.object({
  id: z.string(),
  createdAt: z.string().nullable(),
  processedAt: z.string(),
  orderAdjustments: z.object({ nodes: z.array(z.object({ amountSet: moneySchema, taxAmountSet: moneySchema })) }),
  refundShippingLines: z.object({
    nodes: z.array(z.object({ subtotalAmountSet: moneySchema, taxAmountSet: moneySchema })),
  }),
  transactions: z.object({
    nodes: z.array(z.object({ kind: z.string(), status: z.string(), amountSet: moneySchema })),
  }),
});

/** An order without its lines and refunds. */
export const orderHeadSchema = z.object({
  id: z.string(),
  number: z.int(),
  createdAt: z.string(),
  processedAt: z.string(),
  updatedAt: z.string(),
  cancelledAt: z.string().nullable(),
  test: z.boolean(),
  displayFinancialStatus: z.string().nullable(),
  currencyCode: z.string(),
  taxesIncluded: z.boolean(),
  sourceName: z.string().nullable(),
  customer: referenceSchema,
  retailLocation: referenceSchema,
  discountCodes: z.array(z.string()),
  customAttributes: z.array(z.object({ key: z.string(), value: z.string().nullable() })),
  totalPriceSet: moneySchema,
  totalTipReceivedSet: moneySchema,
  currentSubtotalPriceSet: moneySchema,
  shippingLines: z.object({
    nodes: z.array(z.object({ isRemoved: z.boolean(), discountedPriceSet: moneySchema, taxLines: taxLinesSchema })),
  }),
});

/** The whole order, all pages put together. */
export const fetchedOrderSchema = orderHeadSchema.extend({
  lines: z.array(lineSchema),
  refunds: z.array(refundHeadSchema.extend({ lines: z.array(refundLineSchema) })),
});

export type FetchedOrder = z.infer<typeof fetchedOrderSchema>;
type FetchedLine = FetchedOrder['lines'][number];
type FetchedRefund = FetchedOrder['refunds'][number];
type FetchedMoney = z.infer<typeof moneySchema>;

/** Gives the same news as `projectOrder` does for a webhook about the same state of the order. */
export function projectFetchedOrder(order: unknown): { ok: true; news: OrderNews } | { ok: false; problem: string } {
  const parsed = fetchedOrderSchema.safeParse(order);
  if (!parsed.success) return { ok: false, problem: `${parsed.error.issues[0]?.path.join('.') ?? ''} does not fit` };
  return projectOrder(toWebhookBody(parsed.data));
}

const amountOf = (money: FetchedMoney): string => money.shopMoney.amount;
const setOf = ({ shopMoney }: FetchedMoney) => ({
  shop_money: { amount: shopMoney.amount, currency_code: shopMoney.currencyCode },
});
const negated = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`);
const negatedSet = ({ shopMoney }: FetchedMoney) =>
  setOf({ shopMoney: { ...shopMoney, amount: negated(shopMoney.amount) } });

/** The number at the end of a global id; a text that has none is refused further on. */
function numberOf(globalId: string): string {
  return /\/(\d{1,20})(?:\?.*)?$/.exec(globalId)?.[1] ?? globalId;
}

const referenceOf = (reference: { id: string } | null): string | null =>
  reference === null ? null : numberOf(reference.id);

function toWebhookBody(order: FetchedOrder): Record<string, unknown> {
  return {
    id: numberOf(order.id),
    order_number: order.number,
    created_at: order.createdAt,
    processed_at: order.processedAt,
    updated_at: order.updatedAt,
    cancelled_at: order.cancelledAt,
    test: order.test,
    financial_status: order.displayFinancialStatus?.toLowerCase() ?? null,
    currency: order.currencyCode,
    taxes_included: order.taxesIncluded,
    source_name: order.sourceName,
    customer: order.customer === null ? null : { id: numberOf(order.customer.id) },
    location_id: referenceOf(order.retailLocation),
    discount_codes: order.discountCodes.map((code) => ({ code })),
    note_attributes: order.customAttributes.map(({ key, value }) => ({ name: key, value })),
    total_price: amountOf(order.totalPriceSet),
    total_tip_received: amountOf(order.totalTipReceivedSet),
    current_subtotal_price: amountOf(order.currentSubtotalPriceSet),
    line_items: order.lines.map(toLineBody),
    shipping_lines: order.shippingLines.nodes.map((line) => ({
      is_removed: line.isRemoved,
      discounted_price: amountOf(line.discountedPriceSet),
      tax_lines: toTaxBodies(line.taxLines),
    })),
    refunds: order.refunds.map(toRefundBody),
  };
}

const toTaxBodies = (lines: z.infer<typeof taxLinesSchema>) => lines.map((tax) => ({ price: amountOf(tax.priceSet) }));

function toLineBody(line: FetchedLine): Record<string, unknown> {
  return {
    id: numberOf(line.id),
    title: line.title,
    quantity: line.quantity,
    current_quantity: line.currentQuantity,
    price: amountOf(line.originalUnitPriceSet),
    gift_card: line.isGiftCard,
    product_id: referenceOf(line.product),
    variant_id: referenceOf(line.variant),
    discount_allocations: line.discountAllocations.map((part) => ({ amount: amountOf(part.allocatedAmountSet) })),
    tax_lines: toTaxBodies(line.taxLines),
  };
}

/** Webhooks tell shipping money as adjustments of their own kind, below 0; here it has a list of its own. */
function toRefundBody(refund: FetchedRefund): Record<string, unknown> {
  const shipping = refund.refundShippingLines.nodes;
  return {
    id: numberOf(refund.id),
    created_at: refund.createdAt ?? refund.processedAt,
    refund_line_items: refund.lines.map((line) => ({
      line_item_id: numberOf(line.lineItem.id),
      quantity: line.quantity,
      subtotal_set: setOf(line.subtotalSet),
      total_tax_set: setOf(line.totalTaxSet),
    })),
    refund_shipping_lines: shipping.map((line) => ({ subtotal_amount_set: setOf(line.subtotalAmountSet) })),
    order_adjustments: [
      ...refund.orderAdjustments.nodes.map((adjustment) => ({
        kind: 'refund_discrepancy',
        amount_set: setOf(adjustment.amountSet),
        tax_amount_set: setOf(adjustment.taxAmountSet),
      })),
      ...shipping.map((line) => ({
        kind: 'shipping_refund',
        amount_set: negatedSet(line.subtotalAmountSet),
        tax_amount_set: negatedSet(line.taxAmountSet),
      })),
    ],
    transactions: refund.transactions.nodes.map((transaction) => ({
      kind: transaction.kind.toLowerCase(),
      status: transaction.status.toLowerCase(),
      currency: transaction.amountSet.shopMoney.currencyCode,
      amount_set: setOf(transaction.amountSet),
    })),
  };
}
