/** An order is fetched from Shopify because a webhook told of a change without the figures; it then settles like any other. */
import type { OrderToFetch } from '#app/contracts/shopify-delivery.ts';
import { projectFetchedOrder } from '#app/contracts/shopify-fetched-order.ts';
import { packNews } from '#app/domain/orders/order-wire.ts';
import { addDelivery, addParkedDelivery } from '#app/data/orders/inbox.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { wakeDrainers } from '#app/data/system/wake.ts';
import { fetchOrder } from '#app/gateways/shopify-orders.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { Forbidden, Rejected } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

/**
 * Fetches an order and puts it into the inbox as a delivery of ours, once per state of the order. One that cannot be
 * counted is set aside where the merchant sees it. An order that Shopify does not have, or a shop we may not act for any
 * more, ends the job. Throws `Unavailable` to be tried again.
 */
export async function refetchOrder({ shopId, orderId }: { shopId: ShopId; orderId: string }): Promise<void> {
  let fetched: unknown;
  try {
    fetched = await fetchWithFreshToken(shopId, orderId);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return setAside(shopId, orderId, error.publicMessage ?? 'Shopify answered in a way we do not know.');
  }
  if (fetched === null) return;
  const projected = projectFetchedOrder(fetched);
  if (!projected.ok) return setAside(shopId, orderId, projected.problem);
  const updatedAt = projected.news.snapshot?.updatedAt ?? '';
  await withShop(shopId, (tx) =>
    addDelivery(tx, {
      webhookId: `fetched:${orderId}:${updatedAt}`,
      topic: 'orders/updated',
      projection: JSON.stringify(packNews(projected.news)),
      sealed: null,
      triggeredAt: null,
    }),
  );
  wakeDrainers();
}

/** Trying it again fetches the order again. */
async function setAside(shopId: ShopId, orderId: string, problem: string): Promise<void> {
  log.warn('a fetched order does not fit', { shopId, orderId });
  const asked: OrderToFetch = { orderId };
  const parked = {
    webhookId: `fetched:${orderId}:set-aside`,
    topic: 'orders/edited',
    projection: JSON.stringify(asked),
  };
  await withShop(shopId, (tx) => addParkedDelivery(tx, { ...parked, problem }));
}

/** The order, or null when nobody may ask for it: without a session, or when a renewed token is refused as well. */
async function fetchWithFreshToken(shopId: ShopId, orderId: string): Promise<unknown> {
  return withAccessToken(shopId, refreshGrant, (caller) => fetchOrder(caller, orderId)).catch((error: unknown) => {
    if (error instanceof Forbidden) return null;
    throw error;
  });
}
