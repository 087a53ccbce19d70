/** Orders from the Admin API: what a webhook did not tell, asked for by id. */
import { z } from 'zod';

import {
  type FetchedOrder,
  linePageSchema,
  orderHeadSchema,
  refundHeadSchema,
  refundLinePageSchema,
} from '#app/contracts/shopify-fetched-order.ts';
import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';
import { Rejected } from '#app/lib/errors.ts';

/** Small enough that a page of the widest lines stays far below Shopify's cost limit of one query, as do these lists. */
const pageSize = 25;
const morePageSize = 60;
const listMax = 50;
const linesMax = 10_000;
const refundsMax = 100;

const money = '{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }';
const pageInfo = 'pageInfo { hasNextPage endCursor }';

const lineFields = `nodes {
  id title vendor quantity currentQuantity isGiftCard
  originalUnitPriceSet ${money}
  discountAllocations { allocatedAmountSet ${money} }
  taxLines { priceSet ${money} }
  product { id } variant { id }
} ${pageInfo}`;

const orderQuery = `query Order($id: ID!) {
  order(id: $id) {
    id number createdAt processedAt updatedAt cancelledAt test displayFinancialStatus displayFulfillmentStatus
    currencyCode presentmentCurrencyCode taxesIncluded sourceName paymentGatewayNames
    customer { id } retailLocation { id } discountCodes customAttributes { key value }
    totalPriceSet ${money} totalTipReceivedSet ${money} currentSubtotalPriceSet ${money}
    originalTotalDutiesSet ${money} originalTotalAdditionalFeesSet ${money} currentTotalAdditionalFeesSet ${money}
    fulfillments(first: ${listMax}) { createdAt status }
    transactions(first: ${listMax}) { kind status gateway amountSet ${money} }
    shippingLines(first: ${pageSize}) { nodes { isRemoved discountedPriceSet ${money} taxLines { priceSet ${money} } } }
    lineItems(first: ${pageSize}) { ${lineFields} }
    refunds(first: ${refundsMax}) { id }
  }
}`;

const linesQuery = `query OrderLines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: ${morePageSize}, after: $after) { ${lineFields} } }
}`;

const refundQuery = `query Refund($id: ID!, $after: String) {
  refund(id: $id) {
    id createdAt processedAt
    refundLineItems(first: ${pageSize}, after: $after) {
      nodes { quantity subtotalSet ${money} totalTaxSet ${money} lineItem { id } } ${pageInfo}
    }
    orderAdjustments(first: ${pageSize}) { nodes { amountSet ${money} taxAmountSet ${money} } }
    refundShippingLines(first: ${pageSize}) { nodes { subtotalAmountSet ${money} taxAmountSet ${money} } }
    transactions(first: ${pageSize}) { nodes { kind status amountSet ${money} } }
    duties { amountSet ${money} }
  }
}`;

const orderSchema = z.object({
  order: orderHeadSchema
    .extend({ lineItems: linePageSchema, refunds: z.array(z.object({ id: z.string() })) })
    .nullable(),
});
const linesSchema = z.object({ order: z.object({ lineItems: linePageSchema }).nullable() });
const refundSchema = z.object({
  refund: refundHeadSchema.extend({ refundLineItems: refundLinePageSchema }).nullable(),
});

const tooLarge = () =>
  new Rejected('order-too-large', 'An order is larger than we can count', {
    publicMessage: 'The order has more items, payments or refunds than we can count.',
  });

type Page<Item> = { nodes: Item[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

/** Follows a list to its end. Throws `Rejected` for a list longer than any order we can count. */
async function readAll<Item>(first: Page<Item>, next: (after: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items = [...first.nodes];
  let page = first;
  while (page.pageInfo.hasNextPage && page.pageInfo.endCursor !== null) {
    page = await next(page.pageInfo.endCursor);
    items.push(...page.nodes);
    if (items.length > linesMax) throw tooLarge();
  }
  return items;
}

const emptyPage = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

async function fetchRefund(caller: AdminCaller, id: string): Promise<FetchedOrder['refunds'][number] | null> {
  const ask = (after: string | null) =>
    callAdmin(caller, { operation: refundQuery, variables: { id, after }, schema: refundSchema });
  const { refund } = await ask(null);
  if (refund === null) return null;
  const { refundLineItems, ...head } = refund;
  const lines = await readAll(
    refundLineItems,
    async (after) => (await ask(after)).refund?.refundLineItems ?? emptyPage,
  );
  return { ...head, lines };
}

/**
 * The order with all its lines and refunds, or null when Shopify has no such order. Reading takes several calls: a refund
 * made in between is either in it or told by its own webhook. Throws like `callAdmin`.
 */
export async function fetchOrder(caller: AdminCaller, orderId: string): Promise<FetchedOrder | null> {
  const id = `gid://shopify/Order/${orderId}`;
  const { order } = await callAdmin(caller, { operation: orderQuery, variables: { id }, schema: orderSchema });
  if (order === null) return null;
  const { lineItems, refunds: refundIds, ...head } = order;
  // Half of the money that moved would be a guess.
  if (refundIds.length >= refundsMax || head.transactions.length >= listMax) throw tooLarge();
  const lines = await readAll(lineItems, async (after) => {
    const more = await callAdmin(caller, { operation: linesQuery, variables: { id, after }, schema: linesSchema });
    return more.order?.lineItems ?? emptyPage;
  });
  const refunds: FetchedOrder['refunds'] = [];
  for (const refundId of refundIds) {
    const refund = await fetchRefund(caller, refundId.id);
    if (refund !== null) refunds.push(refund);
  }
  return { ...head, lines, refunds };
}
