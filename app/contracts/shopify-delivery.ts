/**
 * From a webhook body to what we keep of it: by topic, either thin text without personal data, or identity to be sealed.
 */
import { projectCompliance, projectCustomer } from '#app/contracts/shopify-customer.ts';
import { projectOrder } from '#app/contracts/shopify-order.ts';
import { asBody, idOf, isBody, readOwnId, readText, readTime } from '#app/contracts/shopify-reading.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import { type WebhookHandlerName, webhookTopics, type WebhookTopic } from '#app/contracts/webhook-topics.ts';
import { packNews } from '#app/domain/orders/order-wire.ts';

export type Projection =
  | { ok: true; thin: unknown; identity: null }
  | { ok: true; thin: null; identity: unknown }
  | { ok: false; problem: string };

/** What `refetch-order` deliveries keep. */
export type OrderToFetch = { orderId: string };
/** What `update-shop` deliveries keep; absent fields say nothing. */
export type ShopNews = { name?: string; currency?: string; timeZone?: string; country?: string; scopes?: string };
/** What `forget-facts` deliveries keep: a product's id, or null when a collection changed. */
export type ChangedProduct = { productId: string | null };
/** What `customers/merge` keeps; `mergedAt` is ISO 8601 UTC. */
export type CustomerMerge = { keptCustomerId: string; goneCustomerId: string; mergedAt: string };
/** What `customer.tags_added` and `customer.tags_removed` keep; `changedAt` is ISO 8601 UTC. */
export type CustomerTagsNews = { customerId: string; changedAt: string | null };

const textMax = 255;

function thin(value: unknown): Projection {
  return { ok: true, thin: value, identity: null };
}

function orderToFetch(body: unknown): Projection {
  const top = asBody(body);
  const nested = [top, asBody(top['order_edit']), asBody(top['order']), asBody(asBody(top['return'])['order'])];
  const orderId =
    idOf(top['order_id']) ?? idOf(nested[1]?.['order_id']) ?? idOf(nested[2]?.['id']) ?? idOf(nested[3]?.['id']);
  return orderId === null ? { ok: false, problem: 'order_id does not fit' } : thin({ orderId } satisfies OrderToFetch);
}

function shopNews(topic: string, body: unknown): Projection {
  const top = asBody(body);
  if (topic === 'app/scopes_update') {
    const current = top['current'];
    const scopes = Array.isArray(current) ? current.filter((scope) => typeof scope === 'string').join(',') : undefined;
    return thin({ ...(scopes !== undefined && { scopes }) } satisfies ShopNews);
  }
  if (topic !== 'shop/update') return thin({});
  const read = (key: string) => readText(top, key, textMax) ?? undefined;
  const named = {
    name: read('name'),
    currency: read('currency'),
    timeZone: read('iana_timezone'),
    country: read('country_code'),
  };
  return thin(Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) satisfies ShopNews);
}

function changedProduct(topic: string, body: unknown): Projection {
  if (topic.startsWith('collections/')) return thin({ productId: null } satisfies ChangedProduct);
  const productId = readOwnId(asBody(body));
  return productId === null ? { ok: false, problem: 'id does not fit' } : thin({ productId } satisfies ChangedProduct);
}

function customerTags(body: unknown): Projection {
  const top = asBody(body);
  const customerId =
    idOf(readText(top, 'customerId', textMax)?.split('/').at(-1)) ??
    idOf(top['customerId']) ??
    idOf(top['customer_id']);
  if (customerId === null) return { ok: false, problem: 'customer_id does not fit' };
  const reading = { problem: null };
  const changedAt = readTime(reading, top, 'occurredAt');
  return { ok: true, thin: null, identity: { customerId, changedAt } satisfies CustomerTagsNews };
}

function customer(topic: string, body: unknown, at: Date): Projection {
  if (topic.startsWith('customer.tags_')) return customerTags(body);
  if (topic === 'customers/merge') {
    const top = asBody(body);
    const kept = idOf(readText(top, 'admin_graphql_api_customer_kept_id', textMax)?.split('/').at(-1));
    const gone = idOf(readText(top, 'admin_graphql_api_customer_deleted_id', textMax)?.split('/').at(-1));
    if (kept === null || gone === null) return { ok: false, problem: 'the merged customers do not fit' };
    const merge = { keptCustomerId: kept, goneCustomerId: gone, mergedAt: at.toISOString() };
    return { ok: true, thin: null, identity: merge satisfies CustomerMerge };
  }
  const read = projectCustomer(body);
  return read.ok ? { ok: true, thin: null, identity: read.customer } : read;
}

function compliance(body: unknown): Projection {
  const read = projectCompliance(body);
  return read.ok ? { ok: true, thin: null, identity: read.request } : read;
}

function order(topic: string, body: unknown): Projection {
  const read = topic === 'refunds/create' ? projectRefund(body) : projectOrder(body);
  return read.ok ? thin(packNews(read.news)) : read;
}

function bulkOperation(body: unknown): Projection {
  const operationId = readText(asBody(body), 'admin_graphql_api_id', textMax);
  return operationId === null ? { ok: false, problem: 'admin_graphql_api_id does not fit' } : thin({ operationId });
}

const projections: Record<WebhookHandlerName, (topic: string, body: unknown, at: Date) => Projection> = {
  'settle-order': order,
  'refetch-order': (_topic, body) => orderToFetch(body),
  'update-customer': customer,
  'forget-facts': changedProduct,
  'update-shop': shopNews,
  'close-shop': () => thin({}),
  'finish-bulk-operation': (_topic, body) => bulkOperation(body),
  'request-data': (_topic, body) => compliance(body),
  'redact-customer': (_topic, body) => compliance(body),
  'redact-shop': (_topic, body) => compliance(body),
};

/**
 * Reduces a parsed body to what the topic's handler needs; `at` is when it happened, for bodies that do not say. A problem
 * names fields, never contents.
 */
export function projectDelivery(topic: WebhookTopic, body: unknown, at: Date): Projection {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  return projections[webhookTopics[topic].handler](topic, body, at);
}

/** Shopify tries for four hours. */
const deliveryAgeMaxMs = 24 * 3_600_000;

/** When something happened: when Shopify says it triggered the delivery, as far as that can be, else when it came. */
export function happenedAt({ triggeredAt, receivedAt }: { triggeredAt: Date | null; receivedAt: Date }): Date {
  if (triggeredAt === null) return receivedAt;
  const ageMs = receivedAt.getTime() - triggeredAt.getTime();
  return ageMs >= 0 && ageMs <= deliveryAgeMaxMs ? triggeredAt : receivedAt;
}
