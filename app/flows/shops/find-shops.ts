/** An operator's command names one shop, or means all of them. */
import { findShopByDomain, listShops } from '#app/data/directory.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

const pageMax = 500;

/** The shop of a domain or id, or a page of all shops in id order. Throws `NotFound` for a domain nobody has. */
export async function findShops(asked: { shop: string | null; after: ShopId | null }): Promise<ShopId[]> {
  if (asked.shop === null) return (await listShops(asked.after, pageMax)).map(({ shopId }) => shopId);
  const known = isId(asked.shop) ? (asked.shop as ShopId) : await findShopByDomain(asked.shop);
  if (known === null) throw new NotFound('shop-not-found', 'No such shop');
  return known === asked.after ? [] : [known];
}
