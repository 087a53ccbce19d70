/**
 * A webhook delivery arrives: reduced to what we may keep, stored durably, nothing else. What does not fit is kept sealed,
 * for at most 72 hours, where a person can see and retry it.
 */
import { happenedAt, projectDelivery } from '#app/contracts/shopify-delivery.ts';
import { isWebhookTopic } from '#app/contracts/webhook-topics.ts';
import { storeDelivery } from '#app/data/orders/delivery-intake.ts';
import { findShopByDomain } from '#app/data/directory.ts';
import { deliveryPlace, type NewDelivery } from '#app/data/orders/inbox.ts';
import { createShop, readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { wakeDrainers } from '#app/data/system/wake.ts';
import { now } from '#app/lib/clock.ts';
import { isFailure } from '#app/lib/errors.ts';
import { newId, type ShopId } from '#app/lib/ids.ts';
import { seal } from '#app/lib/sealed-box.ts';

export type IncomingDelivery = {
  shopDomain: string;
  topic: string;
  webhookId: string;
  triggeredAt: Date | null;
  /** Parsed JSON of an authenticated body. */
  body: unknown;
  /** The same body as text, for quarantine. */
  text: string;
};

/**
 * Stores one authenticated delivery. Seen before: changes nothing. Shops we have not met yet are registered as pending,
 * so that nothing Shopify tells us about them is lost. Throws `Unavailable` when it cannot be stored.
 */
export async function receiveWebhook(incoming: IncomingDelivery): Promise<void> {
  const shopId = (await findShopByDomain(incoming.shopDomain)) ?? (await registerShop(incoming.shopDomain));
  await storeDelivery(await toDelivery(shopId, incoming));
  wakeDrainers();
}

async function registerShop(domain: string): Promise<ShopId> {
  const shopId = newId<ShopId>();
  const isNew = await withShop(shopId, (tx) => createShop(tx, domain, now()));
  const known = isNew ? shopId : await findShopByDomain(domain);
  if (known === null) throw new Error('Broken invariant: a shop that exists cannot be found');
  return known;
}

async function toDelivery(shopId: ShopId, incoming: IncomingDelivery): Promise<NewDelivery> {
  const { topic, webhookId, triggeredAt } = incoming;
  const base = { shopId, webhookId, topic, triggeredAt, projection: null, sealed: null, problem: null };
  const projected = isWebhookTopic(topic)
    ? projectDelivery(topic, incoming.body, happenedAt({ triggeredAt, receivedAt: now() }))
    : ({ ok: false, problem: 'the topic is not known' } as const);
  if (projected.ok && projected.identity === null)
    return { ...base, state: 'pending', projection: JSON.stringify(projected.thin) };
  const text = projected.ok ? JSON.stringify(projected.identity) : incoming.text;
  const sealed = await sealBody(shopId, webhookId, text);
  if (projected.ok && sealed !== null) return { ...base, state: 'pending', sealed };
  // An erased shop has no key: that a delivery came is kept, what it said is not.
  const problem = projected.ok ? 'the shop was erased' : projected.problem;
  return { ...base, state: 'quarantined', sealed, problem };
}

async function sealBody(shopId: ShopId, webhookId: string, text: string): Promise<Buffer | null> {
  try {
    const keys = await withShop(shopId, readShopKeys);
    return seal(keys, deliveryPlace(webhookId), text);
  } catch (error) {
    if (isFailure(error) && error.code === 'shop-keys-destroyed') return null;
    throw error;
  }
}
