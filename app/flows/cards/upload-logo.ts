/** The merchant's logo: made safe and small, and kept for the shop. It shows once a design that names it is published. */
import { keepUpload } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readLogoImage } from '#app/gateways/logo-image.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type LogoUpload = { shopId: ShopId; /** The file as it was sent. */ content: Buffer; actor: string };

/**
 * Keeps a logo; `hash` is what a design names it by. Safe to repeat: the same file gives the same hash.
 * Throws `InvalidInput` with words for the merchant, `RateLimited` after 50 different pictures in a day.
 */
export async function uploadLogo({ shopId, content, actor }: LogoUpload): Promise<{ hash: string }> {
  const image = await readLogoImage(content);
  await withShop(shopId, (tx) => keepUpload(tx, image, { action: 'logo.upload', actor, at: now() }));
  return { hash: image.hash };
}
