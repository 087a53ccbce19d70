/** The merchant's logo: made safe and small, and kept for the shop. It shows once a design that names it is published. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { countShopImages, insertShopImage } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readLogoImage } from '#app/gateways/logo-image.ts';
import { now } from '#app/lib/clock.ts';
import { RateLimited } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type LogoUpload = { shopId: ShopId; /** The file as it was sent. */ content: Buffer; actor: string };

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const uploadsPerDayMax = 50;

/**
 * Keeps a logo; `hash` is what a design names it by. Safe to repeat: the same file gives the same hash.
 * Throws `InvalidInput` with words for the merchant, `RateLimited` after 50 different ones in a day.
 */
export async function uploadLogo({ shopId, content, actor }: LogoUpload): Promise<{ hash: string }> {
  const image = await readLogoImage(content);
  const at = now();
  await withShop(shopId, async (tx) => {
    const isNew = await insertShopImage(tx, image, at);
    if ((await countShopImages(tx, new Date(at.getTime() - dayMs))) > uploadsPerDayMax)
      throw new RateLimited('too-many-logos', 'The shop uploaded too many logos today', {
        publicMessage: `More than ${uploadsPerDayMax} logos were uploaded today. Please go on tomorrow.`,
        retryAfterMs: hourMs,
      });
    if (!isNew) return;
    await appendAudit(tx, {
      actor,
      action: 'logo.upload',
      object: `image:${image.hash}`,
      beforeHash: null,
      afterHash: Buffer.from(image.hash, 'hex'),
      reason: null,
      occurredAt: at,
    });
  });
  return { hash: image.hash };
}
