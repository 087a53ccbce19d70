/** A merchant opens the app: the first time, and whenever our tokens are gone, it is installed by token exchange. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { findShopByDomain } from '#app/data/directory.ts';
import { readOfflineSession, withSessionLock, writeOfflineSession } from '#app/data/shops/sessions.ts';
import { createShop, markInstalled, readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { exchangeToken, fetchShop } from '#app/gateways/shopify.ts';
import { now } from '#app/lib/clock.ts';
import { newId, type ShopId } from '#app/lib/ids.ts';

async function knownShop(domain: string): Promise<ShopId> {
  const known = await findShopByDomain(domain);
  if (known !== null) return known;
  const shopId = newId<ShopId>();
  const isNew = await withShop(shopId, (tx) => createShop(tx, domain, now()));
  return isNew ? shopId : knownShop(domain);
}

async function isReady(shopId: ShopId): Promise<boolean> {
  return withShop(shopId, async (tx) => {
    const shop = await readShop(tx);
    if (shop.state !== 'installed' || shop.needsReauthorization) return false;
    return (await readOfflineSession(tx)) !== null;
  });
}

/**
 * Lets us act in Shopify for a shop that is installed without a browser: a session token is exchanged for an offline token
 * where there is none. What we know of the shop stays. Safe to repeat. Throws `Rejected` and `Unavailable` like `installShop`.
 */
export async function authorizeShop(opened: {
  shopId: ShopId;
  shopDomain: string;
  sessionToken: string;
}): Promise<void> {
  const { shopId } = opened;
  await withSessionLock(shopId, async () => {
    if (await isReady(shopId)) return;
    const grant = await exchangeToken(opened.shopDomain, opened.sessionToken);
    await withShop(shopId, (tx) => writeOfflineSession(tx, grant));
  });
}

/**
 * Makes sure that the shop is installed and that we may act for it. A verified session token is exchanged for an offline
 * token when there is none or the old one is dead. Safe to repeat; many openers at once exchange once.
 * Throws `Rejected` when Shopify refuses, `Unavailable` when it does not answer.
 */
export async function installShop(opened: { shopDomain: string; sessionToken: string }): Promise<ShopId> {
  const shopId = await knownShop(opened.shopDomain);
  if (await isReady(shopId)) return shopId;
  await withSessionLock(shopId, async () => {
    if (await isReady(shopId)) return;
    const grant = await exchangeToken(opened.shopDomain, opened.sessionToken);
    const details = await fetchShop({ shopDomain: opened.shopDomain, accessToken: grant.accessToken });
    await withShop(shopId, async (tx) => {
      await markInstalled(tx, { ...details, scopes: grant.scope }, now());
      await writeOfflineSession(tx, grant);
      await appendAudit(tx, {
        actor: 'merchant',
        action: 'shop.install',
        object: `shop:${shopId}`,
        beforeHash: null,
        afterHash: null,
        reason: null,
        occurredAt: now(),
      });
    });
  });
  return shopId;
}
