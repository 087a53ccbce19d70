/** The merchant's picture for the strip: made safe and fitting, and kept for the shop until a design names it. */
import { keepUpload } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readStripPicture } from '#app/gateways/strip-picture.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type StripUpload = { shopId: ShopId; /** The file as it was sent. */ content: Buffer; actor: string };

/**
 * Keeps a picture; `hash` is what a design's `stripImage` names it by. Safe to repeat: the same file gives the same hash.
 * Throws `InvalidInput` with words for the merchant, `RateLimited` after 50 different pictures in a day.
 */
export async function uploadStripPicture({ shopId, content, actor }: StripUpload): Promise<{ hash: string }> {
  const image = await readStripPicture(content);
  await withShop(shopId, (tx) => keepUpload(tx, image, { action: 'strip.upload', actor, at: now() }));
  return { hash: image.hash };
}
