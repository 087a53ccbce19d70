/** The shops of the installation, for operators: their addresses and states, nothing of what is in them. */
import { findShopByDomain, listShops, type ListedShop } from '#app/data/directory.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

const pageSize = 50;

/** A page of shops after one, or the one with this domain. */
export async function operatorShops(asked: { domain: string; after: string }): Promise<ListedShop[]> {
  if (asked.domain === '') return listShops(isId(asked.after) ? (asked.after as ShopId) : null, pageSize);
  const shopId = await findShopByDomain(asked.domain.toLowerCase());
  return shopId === null ? [] : [await operatorShop(shopId)];
}

/** One shop. Throws `NotFound`. */
export async function operatorShop(shopId: string): Promise<ListedShop> {
  if (!isId(shopId)) throw new NotFound('shop-not-found', 'No such shop', { publicMessage: 'There is no such shop.' });
  const id = shopId as ShopId;
  const { domain, state } = await withShop(id, readShop);
  return { shopId: id, domain, state };
}
