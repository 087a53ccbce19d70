/**
 * The drainer's work: deliveries of one shop are taken in batches, applied, and marked done in one transaction. A
 * delivery seen twice changes nothing. One that cannot be applied is put off, and after a while set aside with a reason.
 */
import type { ChangedProduct, OrderToFetch, ShopNews } from '#app/contracts/shopify-delivery.ts';
import { isWebhookTopic, type WebhookHandlerName, webhookTopics } from '#app/contracts/webhook-topics.ts';
import { applyCustomerNews, openComplianceCase } from '#app/data/members/identity-news.ts';
import {
  deliveryPlace,
  type DueDelivery,
  parkDelivery,
  postponeDelivery,
  takeDeliveries,
} from '#app/data/orders/inbox.ts';
import { forgetCollections, forgetProductFacts } from '#app/data/orders/product-facts.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { type OrderChange, settleOrders as settleInTransaction } from '#app/data/ledger/settlement.ts';
import { findShopKeys, markUninstalled, updateShopDetails } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type NewsOnWire, unpackNews } from '#app/domain/orders/order-wire.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { unseal } from '#app/lib/sealed-box.ts';

/** More in one transaction gains nothing and makes others wait. */
export const batchMax = 100;
const attemptsMax = 8;
const firstDelayMs = 1_000;
const refusal = 'What it says of the order cannot be true.';

/**
 * Settles up to one batch of the shop's due deliveries. Answers how many were taken: less than `batchMax` means the
 * shop's inbox is empty for now. Throws `Unavailable` when the database does not answer; nothing is lost then.
 */
export async function settleOrders({ shopId }: { shopId: ShopId }): Promise<number> {
  try {
    return await applyBatch(shopId);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    log.warn('a batch could not be applied as a whole', { shopId, error });
    // One of them is at fault: on their own, the others go through.
    return applyOneByOne(shopId);
  }
}

async function applyBatch(shopId: ShopId): Promise<number> {
  return withShop(shopId, async (tx) => {
    const deliveries = await takeDeliveries(tx, batchMax);
    if (deliveries.length > 0) await applyDeliveries(tx, deliveries);
    return deliveries.length;
  });
}

async function applyOneByOne(shopId: ShopId): Promise<number> {
  let taken = 0;
  for (; taken < batchMax; taken += 1) {
    let claimed: DueDelivery | undefined;
    try {
      const count = await withShop(shopId, async (tx) => {
        const deliveries = await takeDeliveries(tx, 1);
        claimed = deliveries[0];
        if (deliveries.length > 0) await applyDeliveries(tx, deliveries);
        return deliveries.length;
      });
      if (count === 0) return taken;
    } catch (error) {
      if (error instanceof Unavailable || claimed === undefined) throw error;
      await setAside(shopId, claimed, error);
    }
  }
  return taken;
}

async function setAside(shopId: ShopId, delivery: DueDelivery, error: unknown): Promise<void> {
  const { deliveryId, webhookId, topic, attempts } = delivery;
  // What an order can never be does not become right by waiting: a person has to look at it.
  if (error instanceof Rejected) {
    log.warn('a delivery was refused', { shopId, deliveryId, topic, code: error.code });
    const reason = error.publicMessage ?? refusal;
    return withShop(shopId, (tx) => parkDelivery(tx, webhookId, reason));
  }
  const problem = error instanceof Error ? error.name : 'unknown';
  const isLast = attempts + 1 >= attemptsMax;
  log.error('a delivery could not be applied', { shopId, deliveryId, topic, attempt: attempts + 1, error });
  await withShop(shopId, (tx) =>
    isLast
      ? parkDelivery(tx, webhookId, `it could not be applied (${problem})`)
      : postponeDelivery(tx, webhookId, firstDelayMs * 2 ** attempts, problem),
  );
}

/** These write audit records, and whoever does so holds the shop's audit until the end: it must be the last thing to lock. */
const audited: ReadonlySet<string> = new Set([
  'customers/merge',
  'customers/data_request',
  'customers/redact',
  'shop/redact',
]);

/** Groups what arrived by what is to be done with it. Orders are settled together; the rest one after the other. */
async function applyDeliveries(tx: Tx, claimed: DueDelivery[]): Promise<void> {
  const wanted = claimed.filter((delivery) => !delivery.isShopErased);
  const { true: last = [], false: deliveries = [] } = Object.groupBy(wanted, ({ topic }) => `${audited.has(topic)}`);
  // A merge locks what settlers lock, in another order.
  if (wanted.some(({ topic }) => topic === 'customers/merge')) await lockHistory(tx, { isAlone: true });
  const orders: OrderChange[] = [];
  for (const delivery of deliveries) {
    const handler = isWebhookTopic(delivery.topic) ? webhookTopics[delivery.topic].handler : null;
    if (handler === 'settle-order' && delivery.projection !== null) {
      const news = unpackNews(JSON.parse(delivery.projection) as NewsOnWire);
      orders.push({ orderId: news.orderId, news, memberId: null });
    } else if (handler !== null) await applyOther(tx, handler, delivery);
  }
  await settleInTransaction(tx, orders, now());
  for (const delivery of last)
    if (isWebhookTopic(delivery.topic)) await applyOther(tx, webhookTopics[delivery.topic].handler, delivery);
}

async function applyOther(tx: Tx, handler: WebhookHandlerName, delivery: DueDelivery): Promise<void> {
  switch (handler) {
    case 'settle-order':
    case 'finish-bulk-operation':
      return;
    case 'refetch-order':
      return enqueue(tx, 'refetch-order', { orderId: thin<OrderToFetch>(delivery).orderId });
    case 'forget-facts': {
      const { productId } = thin<ChangedProduct>(delivery);
      return productId === null ? forgetCollections(tx) : forgetProductFacts(tx, productId);
    }
    case 'update-shop':
      return updateShopDetails(tx, thin<ShopNews>(delivery));
    case 'close-shop':
      return markUninstalled(tx, now());
    case 'update-customer':
      return updateCustomer(tx, delivery);
    case 'request-data':
    case 'redact-customer':
    case 'redact-shop': {
      const caseId = await openComplianceCase(tx, handler, {
        webhookId: delivery.webhookId,
        request: await identity(tx, delivery),
        at: now(),
      });
      return enqueue(tx, 'process-case', { caseId });
    }
  }
}

async function updateCustomer(tx: Tx, delivery: DueDelivery): Promise<void> {
  const { topic, webhookId } = delivery;
  const news = await identity(tx, delivery);
  const caseId = await applyCustomerNews(tx, { topic, webhookId, news, at: now() });
  if (caseId !== null) await enqueue(tx, 'process-case', { caseId });
}

function thin<Content>(delivery: DueDelivery): Content {
  return JSON.parse(delivery.projection ?? '{}') as Content;
}

/** Opens what was sealed at arrival; null when the shop was erased since. */
async function identity(tx: Tx, delivery: DueDelivery): Promise<unknown> {
  const keys = await findShopKeys(tx);
  if (keys === null || delivery.sealed === null) return null;
  return JSON.parse(unseal(keys, deliveryPlace(delivery.webhookId), delivery.sealed)) as unknown;
}
