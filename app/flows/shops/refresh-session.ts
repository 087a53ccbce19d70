/** Keeps a shop's offline token alive ahead of time. */
import { freshAccessToken, readOfflineSession } from '#app/data/shops/sessions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Renews the shop's token when it is about to end. A shop without a session, or refused, is left alone. Safe to repeat. */
export async function refreshSession({ shopId }: { shopId: ShopId }): Promise<void> {
  const session = await withShop(shopId, readOfflineSession);
  if (session === null) return;
  try {
    await freshAccessToken(shopId, refreshGrant);
  } catch (error) {
    // The shop is marked; the next time a merchant opens the app a new token is exchanged.
    if (!(error instanceof Forbidden)) throw error;
  }
}
