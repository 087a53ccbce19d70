/**
 * An order as the Admin API answers it, read by the very rules of the webhooks: it is put into the form of a webhook's
 * body and projected like one, so that a fetched order and a delivered one can never be counted differently.
 */
import { z } from 'zod';

import { giftCardGateway, projectOrder } from '#app/contracts/shopify-order.ts';
import { parseMinor } from '#app/domain/money.ts';
import type { OrderNews, OrderRefund, OrderTenders } from '#app/domain/orders/order.ts';

const sideSchema = z.object({ amount: z.string(), currencyCode: z.string() });
const moneySchema = z.object({ shopMoney: sideSchema, presentmentMoney: sideSchema });
const referenceSchema = z.object({ id: z.string() }).nullable();
const taxLinesSchema = z.array(z.object({ priceSet: moneySchema }));
const transactionSchema = z.object({ kind: z.string(), status: z.string(), amountSet: moneySchema });
const pageInfoSchema = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

const lineSchema = z.object({
  id: z.string(),
  title: z.string(),
  vendor: z.string().nullable(),
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
  transactions: z.object({ nodes: z.array(transactionSchema) }),
  duties: z.array(z.object({ amountSet: moneySchema })).nullable(),
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
  displayFulfillmentStatus: z.string(),
  fulfillments: z.array(z.object({ createdAt: z.string(), status: z.string() })),
  paymentGatewayNames: z.array(z.string()),
  currencyCode: z.string(),
  presentmentCurrencyCode: z.string(),
  taxesIncluded: z.boolean(),
  sourceName: z.string().nullable(),
  customer: referenceSchema,
  retailLocation: referenceSchema,
  discountCodes: z.array(z.string()),
  customAttributes: z.array(z.object({ key: z.string(), value: z.string().nullable() })),
  totalPriceSet: moneySchema,
  totalTipReceivedSet: moneySchema,
  currentSubtotalPriceSet: moneySchema,
  originalTotalDutiesSet: moneySchema.nullable(),
  originalTotalAdditionalFeesSet: moneySchema.nullable(),
  currentTotalAdditionalFeesSet: moneySchema.nullable(),
  /** Every payment and repayment, by which tender. */
  transactions: z.array(transactionSchema.extend({ gateway: z.string().nullable() })),
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

/**
 * Gives the same news as `projectOrder` does for a webhook about the same state of the order; where a gift card paid or an
 * edit took something off, it also says how much money that was.
 */
export function projectFetchedOrder(order: unknown): { ok: true; news: OrderNews } | { ok: false; problem: string } {
  const parsed = fetchedOrderSchema.safeParse(order);
  if (!parsed.success) return { ok: false, problem: `${parsed.error.issues[0]?.path.join('.') ?? ''} does not fit` };
  const projected = projectOrder(toWebhookBody(parsed.data));
  if (!projected.ok) return projected;
  const refunds = withoutFees(projected.news.refunds, parsed.data);
  if (refunds === null) return { ok: false, problem: 'currentTotalAdditionalFeesSet does not fit' };
  const news = { ...projected.news, refunds };
  if (news.snapshot?.hasGiftCardTender !== true) return { ok: true, news };
  const tenders = tendersOf(parsed.data, news.snapshot.updatedAt);
  if (tenders === null) return { ok: false, problem: 'transactions does not fit' };
  return { ok: true, news: { ...news, tenders } };
}

/**
 * Webhooks tell which refund gave an additional fee back; the Admin API only how much of the fees an order has left. What is
 * gone is taken to be in the earliest money that went back without a line, because it earned nothing and takes nothing
 * off the goods. Null when an amount does not fit.
 */
function withoutFees(refunds: OrderRefund[], order: FetchedOrder): OrderRefund[] | null {
  const shopMinor = feesBack(order, (money) => money.shopMoney);
  const shopperMinor = feesBack(order, (money) => money.presentmentMoney);
  if (shopMinor === null || shopperMinor === null) return null;
  const left = { shopMinor, shopperMinor };
  const inTime = refunds.toSorted((one, two) => Date.parse(one.createdAt) - Date.parse(two.createdAt));
  const without = new Map(
    inTime.map((refund) => {
      const [feeMinor, feeForShopperMinor] = [
        Math.min(left.shopMinor, refund.amountOnlyMinor),
        Math.min(left.shopperMinor, refund.presentment?.amountOnlyMinor ?? 0),
      ];
      left.shopMinor -= feeMinor;
      left.shopperMinor -= feeForShopperMinor;
      const presentment = refund.presentment && {
        ...refund.presentment,
        amountOnlyMinor: refund.presentment.amountOnlyMinor - feeForShopperMinor,
      };
      return [refund.refundId, { ...refund, amountOnlyMinor: refund.amountOnlyMinor - feeMinor, presentment }];
    }),
  );
  return refunds.map((refund) => without.get(refund.refundId) ?? refund);
}

/** How much of the additional fees went back, in one of the two currencies; null when an amount does not fit. */
function feesBack(order: FetchedOrder, side: (money: FetchedMoney) => FetchedMoney['shopMoney']): number | null {
  const { originalTotalAdditionalFeesSet: charged, currentTotalAdditionalFeesSet: kept } = order;
  if (charged === null || kept === null) return 0;
  const minorOf = ({ amount, currencyCode }: FetchedMoney['shopMoney']) => parseMinor(amount, currencyCode);
  const [chargedMinor, keptMinor] = [minorOf(side(charged)), minorOf(side(kept))];
  return chargedMinor === null || keptMinor === null ? null : Math.max(0, chargedMinor - keptMinor);
}

/** Cash paid and changed, cards charged, and what went back to each: the sign of each kind of transaction that moved money. */
const tenderSigns: Readonly<Record<string, number>> = { SALE: 1, CAPTURE: 1, REFUND: -1, CHANGE: -1 };

/** Net money by tender, never below 0; null when an amount does not fit. */
function tendersOf(order: FetchedOrder, asOf: string): OrderTenders | null {
  let [giftCardMinor, totalMinor] = [0, 0];
  for (const { kind, status, gateway, amountSet } of order.transactions) {
    const sign = status === 'SUCCESS' ? (tenderSigns[kind] ?? 0) : 0;
    const amountMinor = parseMinor(amountOf(amountSet), order.currencyCode);
    if (amountMinor === null) return null;
    totalMinor += sign * amountMinor;
    if (gateway === giftCardGateway) giftCardMinor += sign * amountMinor;
  }
  return { asOf, giftCardMinor: Math.max(0, giftCardMinor), totalMinor: Math.max(0, totalMinor) };
}

const amountOf = (money: FetchedMoney): string => money.shopMoney.amount;
const sideOf = ({ amount, currencyCode }: FetchedMoney['shopMoney']) => ({ amount, currency_code: currencyCode });
const setOf = ({ shopMoney, presentmentMoney }: FetchedMoney) => ({
  shop_money: sideOf(shopMoney),
  presentment_money: sideOf(presentmentMoney),
});
const setOrNull = (money: FetchedMoney | null) => (money === null ? null : setOf(money));
const negated = ({ amount, ...side }: FetchedMoney['shopMoney']) => ({
  amount: amount.startsWith('-') ? amount.slice(1) : `-${amount}`,
  ...side,
});
const negatedSet = ({ shopMoney, presentmentMoney }: FetchedMoney) =>
  setOf({ shopMoney: negated(shopMoney), presentmentMoney: negated(presentmentMoney) });

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
    fulfillment_status: order.displayFulfillmentStatus.toLowerCase(),
    fulfillments: order.fulfillments.map(({ createdAt, status }) => ({
      created_at: createdAt,
      status: status.toLowerCase(),
    })),
    payment_gateway_names: order.paymentGatewayNames,
    currency: order.currencyCode,
    presentment_currency: order.presentmentCurrencyCode,
    taxes_included: order.taxesIncluded,
    source_name: order.sourceName,
    customer: order.customer === null ? null : { id: numberOf(order.customer.id) },
    location_id: referenceOf(order.retailLocation),
    discount_codes: order.discountCodes.map((code) => ({ code })),
    note_attributes: order.customAttributes.map(({ key, value }) => ({ name: key, value })),
    total_price: amountOf(order.totalPriceSet),
    total_price_set: setOf(order.totalPriceSet),
    original_total_duties_set: setOrNull(order.originalTotalDutiesSet),
    original_total_additional_fees_set: setOrNull(order.originalTotalAdditionalFeesSet),
    total_tip_received: amountOf(order.totalTipReceivedSet),
    current_subtotal_price: amountOf(order.currentSubtotalPriceSet),
    line_items: order.lines.map(toLineBody),
    shipping_lines: order.shippingLines.nodes.map((line) => ({
      is_removed: line.isRemoved,
      discounted_price: amountOf(line.discountedPriceSet),
      discounted_price_set: setOf(line.discountedPriceSet),
      tax_lines: toTaxBodies(line.taxLines),
    })),
    refunds: order.refunds.map(toRefundBody),
    transactions: order.transactions.map(toTransactionBody),
  };
}

const toTaxBodies = (lines: z.infer<typeof taxLinesSchema>) =>
  lines.map((tax) => ({ price: amountOf(tax.priceSet), price_set: setOf(tax.priceSet) }));

function toLineBody(line: FetchedLine): Record<string, unknown> {
  return {
    id: numberOf(line.id),
    title: line.title,
    quantity: line.quantity,
    current_quantity: line.currentQuantity,
    price: amountOf(line.originalUnitPriceSet),
    price_set: setOf(line.originalUnitPriceSet),
    vendor: line.vendor,
    gift_card: line.isGiftCard,
    product_id: referenceOf(line.product),
    variant_id: referenceOf(line.variant),
    discount_allocations: line.discountAllocations.map(({ allocatedAmountSet }) => ({
      amount: amountOf(allocatedAmountSet),
      amount_set: setOf(allocatedAmountSet),
    })),
    tax_lines: toTaxBodies(line.taxLines),
  };
}

const toTransactionBody = ({ kind, status, amountSet }: z.infer<typeof transactionSchema>) => ({
  kind: kind.toLowerCase(),
  status: status.toLowerCase(),
  currency: amountSet.shopMoney.currencyCode,
  amount_set: setOf(amountSet),
});

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
    duties: refund.duties?.map((duty) => ({ amount_set: setOf(duty.amountSet) })) ?? null,
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
    transactions: refund.transactions.nodes.map(toTransactionBody),
  };
}
