/** Ids of orders: Shopify's are digits; those of other points of sale have a name of their own and never meet them. */

/** Whether an order is one of Shopify's, so that Shopify can be asked about it. */
export function isShopifyOrderId(orderId: string): boolean {
  return /^\d+$/.test(orderId);
}

/** The id of an order that an API client knows by an id of its own: two clients never mean the same order. */
export function apiOrderId(order: { clientId: string; externalId: string }): string {
  return `api-${order.clientId}-${order.externalId}`;
}
