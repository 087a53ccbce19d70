/** What time does to keys: link keys whose overlap is over are destroyed, keys come under the newest KEK, rotations go on. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { destroyExpiredLinkKeys, findNewestRotation, rewrapKeys } from '#app/data/shops/shop-keys.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Tends one shop's keys. Safe to repeat. */
export async function tendKeys({ shopId }: { shopId: ShopId }): Promise<void> {
  const at = now();
  await withShop(shopId, async (tx) => {
    if ((await findShopKeys(tx)) === null) return;
    const rotation = await findNewestRotation(tx);
    // Its job may have given up: a database that was away for days is no reason to stay between two keys.
    if (rotation !== null && rotation.state !== 'done')
      await enqueue(tx, 'reseal-shop', { rotationId: rotation.rotationId });
    const destroyed = await destroyExpiredLinkKeys(tx, at);
    const isRewrapped = await rewrapKeys(tx, at);
    const audit = { actor: 'system', beforeHash: null, afterHash: null, occurredAt: at };
    if (destroyed > 0)
      await appendAudit(tx, {
        ...audit,
        action: 'key.destroy-links',
        object: 'link-keys',
        reason: 'their overlap is over',
      });
    if (isRewrapped)
      await appendAudit(tx, {
        ...audit,
        action: 'key.rewrap',
        object: 'shop-keys',
        reason: 'a newer key-encryption key',
      });
  });
}
