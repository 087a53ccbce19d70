/** From the shop a session token names to ours. */
import { findShopByDomain } from '#app/data/directory.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** The installed shop of a domain. Throws `Forbidden` for shops that never were, or are no longer, installed. */
export async function findInstalledShop(shopDomain: string): Promise<ShopId> {
  const shopId = await findShopByDomain(shopDomain);
  const state = shopId === null ? null : (await withShop(shopId, readShop)).state;
  if (shopId === null || state !== 'installed')
    throw new Forbidden('shop-not-installed', 'The shop has not installed the app');
  return shopId;
}
