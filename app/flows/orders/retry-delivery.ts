/** A merchant asks for a delivery that was set aside to be tried again. */
import { happenedAt, projectDelivery } from '#app/contracts/shopify-delivery.ts';
import { isWebhookTopic } from '#app/contracts/webhook-topics.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { deliveryPlace, lockSetAsideDelivery, requeueDelivery } from '#app/data/orders/inbox.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { wakeDrainers } from '#app/data/system/wake.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type RetriedDelivery = { kind: 'queued' } | { kind: 'still-misfit'; problem: string };

/** Puts a parked delivery back in line, or reads a quarantined body again with today's rules. Throws `NotFound`. */
export async function retryDelivery(asked: {
  shopId: ShopId;
  deliveryId: string;
  actor: string;
}): Promise<RetriedDelivery> {
  const outcome = await withShop(asked.shopId, async (tx): Promise<RetriedDelivery> => {
    const delivery = /^\d{1,18}$/.test(asked.deliveryId) ? await lockSetAsideDelivery(tx, asked.deliveryId) : null;
    if (delivery === null) throw new NotFound('delivery-not-found', 'No such delivery is set aside');
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'delivery.retry',
      object: `delivery:${asked.deliveryId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    if (delivery.state === 'parked') {
      await requeueDelivery(tx, delivery.webhookId, delivery);
      return { kind: 'queued' };
    }
    if (delivery.sealed === null || !isWebhookTopic(delivery.topic))
      return { kind: 'still-misfit', problem: 'the body is no longer kept, or the topic is not known' };
    const keys = await readShopKeys(tx);
    const place = deliveryPlace(delivery.webhookId);
    const body: unknown = JSON.parse(unseal(keys, place, delivery.sealed));
    const projected = projectDelivery(delivery.topic, body, happenedAt(delivery));
    if (!projected.ok) return { kind: 'still-misfit', problem: projected.problem };
    await requeueDelivery(
      tx,
      delivery.webhookId,
      projected.identity === null
        ? { projection: JSON.stringify(projected.thin), sealed: null }
        : { projection: null, sealed: seal(keys, place, JSON.stringify(projected.identity)) },
    );
    return { kind: 'queued' };
  });
  if (outcome.kind === 'queued') wakeDrainers();
  return outcome;
}
