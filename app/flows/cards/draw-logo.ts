/** A shop's logo by its hash, for pages and previews to show. */
import { findShopByImage } from '#app/data/directory.ts';
import { readShopImage } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { passArtwork } from '#app/gateways/connections.ts';

/** The logo as it is on the pass, a PNG of at most 480 × 150; null when nobody uploaded such a picture. */
export async function drawLogo(hash: string): Promise<Buffer | null> {
  const shopId = await findShopByImage(hash);
  if (shopId === null) return null;
  const logo = await withShop(shopId, (tx) => readShopImage(tx, hash));
  return logo === null ? null : passArtwork().pageLogo({ hash, logo });
}
