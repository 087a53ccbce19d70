/** A shop's uploaded picture by its hash, for previews to draw stamps on. */
import { findShopByImage } from '#app/data/directory.ts';
import { imageReader } from '#app/data/cards/shop-images.ts';

/** The picture as it was kept, a PNG; null when nobody uploaded such a one. */
export async function drawStripPicture(hash: string): Promise<Buffer | null> {
  const shopId = await findShopByImage(hash);
  return shopId === null ? null : imageReader(shopId)(hash);
}
