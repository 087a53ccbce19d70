/** A logo that is on the web already: fetched with care, then treated like an uploaded file. */
import { keepUpload } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { logoRules } from '#app/domain/cards/logo-rules.ts';
import { readLogoImage } from '#app/gateways/logo-image.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { GuardedFetch } from '#app/lib/guarded-fetch.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type LogoFetch = {
  shopId: ShopId;
  url: string;
  actor: string;
  /** How the web is reached. */
  fetch: GuardedFetch;
};

const timeoutMs = 10_000;
const redirectsMax = 3;

/**
 * Fetches and keeps a logo; `hash` is what a design names it by. Throws `InvalidInput` that names `url` or `logo`, and
 * `RateLimited` after 50 different pictures in a day. Safe to repeat.
 */
export async function fetchLogo({ shopId, url, actor, fetch }: LogoFetch): Promise<{ hash: string }> {
  const { bytesMax, mediaTypes } = logoRules;
  const { status, body } = await fetch({ url, method: 'GET' }, { timeoutMs, redirectsMax, bytesMax, mediaTypes });
  if (status !== 200) {
    const publicMessage = 'There is no picture at this address. Open it in a browser to check it.';
    const issues = [{ path: 'url', message: publicMessage }];
    throw new InvalidInput('url-no-picture', `A logo's address answered ${status}`, { publicMessage, issues });
  }
  const image = await readLogoImage(body);
  await withShop(shopId, (tx) => keepUpload(tx, image, { action: 'logo.upload', actor, at: now() }));
  return { hash: image.hash };
}
