/** A merchant replaces the key under which everything of the shop is sealed. The work itself is a job's. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { announceDataKey, type KeyRotation } from '#app/data/shops/shop-keys.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Makes the new key and asks for everything to be sealed under it. Nothing stops meanwhile: both keys open until the old
 * one is destroyed. Throws `Conflict` while a rotation goes on, `NotFound` once the shop's keys were destroyed.
 */
export async function rotateDataKey(asked: {
  shopId: ShopId;
  actor: string;
  reason: string | null;
}): Promise<KeyRotation> {
  const at = now();
  return withShop(asked.shopId, async (tx) => {
    const rotation = await announceDataKey(tx, { by: asked.actor, at });
    await enqueue(tx, 'reseal-shop', { rotationId: rotation.rotationId });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'key.rotate-data',
      object: `data-key:${rotation.toVersion}`,
      beforeHash: null,
      afterHash: null,
      reason: asked.reason,
      occurredAt: at,
    });
    return rotation;
  });
}
