/** What can happen to a delivery once it is stored. Each subscription in `shopify.app.toml` names one of these. */
export const webhookHandlerNames = [
  'settle-order',
  'refetch-order',
  'update-customer',
  'forget-facts',
  'update-shop',
  'close-shop',
  'finish-bulk-operation',
  'request-data',
  'redact-customer',
  'redact-shop',
] as const;

export type WebhookHandlerName = (typeof webhookHandlerNames)[number];

export interface WebhookTopicEntry {
  /** What the drainer does with a delivery of the topic. */
  handler: WebhookHandlerName;
  /** True when the body is needed with a person in it, so that it is stored sealed. */
  carriesIdentity: boolean;
  /** False for a topic we understand when it arrives, but do not ask for. */
  isSubscribed: boolean;
}

function plain(handler: WebhookHandlerName): WebhookTopicEntry {
  return { handler, carriesIdentity: false, isSubscribed: true };
}

function personal(handler: WebhookHandlerName): WebhookTopicEntry {
  return { handler, carriesIdentity: true, isSubscribed: true };
}

/** Every topic the product understands, as it stands in the `X-Shopify-Topic` header. */
export const webhookTopics = {
  // `orders/paid` follows within the same second, so asking for `orders/create` too would only double the deliveries.
  'orders/create': { handler: 'settle-order', carriesIdentity: false, isSubscribed: false },
  'orders/paid': plain('settle-order'),
  'orders/updated': plain('settle-order'),
  'orders/cancelled': plain('settle-order'),
  'orders/fulfilled': plain('settle-order'),
  'refunds/create': plain('settle-order'),
  // These payloads name the order but do not carry its totals.
  'orders/edited': plain('refetch-order'),
  'order_transactions/create': plain('refetch-order'),
  'returns/cancel': plain('refetch-order'),
  'returns/close': plain('refetch-order'),
  'returns/reopen': plain('refetch-order'),
  'customers/create': personal('update-customer'),
  'customers/update': personal('update-customer'),
  'customers/delete': personal('update-customer'),
  'customers/merge': personal('update-customer'),
  // Customers' tags come apart from the customers; they are asked for when a rule needs them.
  'customer.tags_added': personal('update-customer'),
  'customer.tags_removed': personal('update-customer'),
  // What was known of them counts no more.
  'products/create': plain('forget-facts'),
  'products/update': plain('forget-facts'),
  'products/delete': plain('forget-facts'),
  'collections/create': plain('forget-facts'),
  'collections/update': plain('forget-facts'),
  'collections/delete': plain('forget-facts'),
  'customers_email_marketing_consent/update': personal('update-customer'),
  'customers_marketing_consent/update': personal('update-customer'),
  'shop/update': plain('update-shop'),
  'locations/activate': plain('update-shop'),
  'locations/create': plain('update-shop'),
  'locations/deactivate': plain('update-shop'),
  'locations/delete': plain('update-shop'),
  'locations/update': plain('update-shop'),
  'app/scopes_update': plain('update-shop'),
  'app_subscriptions/update': plain('update-shop'),
  'app/uninstalled': plain('close-shop'),
  'bulk_operations/finish': plain('finish-bulk-operation'),
  'customers/data_request': personal('request-data'),
  'customers/redact': personal('redact-customer'),
  'shop/redact': personal('redact-shop'),
} as const satisfies Record<string, WebhookTopicEntry>;

export type WebhookTopic = keyof typeof webhookTopics;

/** True for a topic of the map; header values such as `constructor` are not fooled by the prototype. */
export function isWebhookTopic(topic: string): topic is WebhookTopic {
  return Object.hasOwn(webhookTopics, topic);
}
