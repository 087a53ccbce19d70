/** The pictures of a design that is still being made, drawn the way they are drawn for a pass. */
import { demandShopImages, imageReader } from '#app/data/cards/shop-images.ts';
import { readDesignInput } from '#app/data/cards/design-parts.ts';
import { withShop } from '#app/data/tenancy.ts';
import { passArtwork } from '#app/gateways/connections.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { limits } from '#app/domain/programs/program-terms.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type DrawDesign = {
  shopId: ShopId;
  design: unknown;
  /** Null on a card that counts points only. */
  stamps: { needed: number; collected: number } | null;
};

/** Both as PNG, null where the card has none. Throws `InvalidInput`. The same question gives the same bytes. */
export async function drawDesign(asked: DrawDesign): Promise<{ strip: Buffer | null; hero: Buffer | null }> {
  const { shopId, stamps } = asked;
  const design = readDesignInput(asked.design);
  if (
    stamps !== null &&
    (stamps.needed < 2 || stamps.needed > limits.stampsNeededMax || stamps.collected > stamps.needed)
  )
    throw new InvalidInput('bad-stamps', 'stamps: more than a card holds');
  await withShop(shopId, (tx) => demandShopImages(tx, design));
  const readImage = imageReader(shopId);
  const { images } = await passArtwork().passAssets({ design, stamps, readImage });
  return { strip: images['strip@2x.png'] ?? null, hero: await passArtwork().hero({ design, stamps, readImage }) };
}
