/** Opening API clients' credentials: the client id names its shop, the hash decides whether the secret is its own. */
import { type ApiClient, findApiClient } from '#app/data/shops/api-clients.ts';
import { findShopByApiClient } from '#app/data/directory.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { isClientId, isClientSecret } from '#app/lib/client-secret.ts';
import { Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { isSecretOf } from '#app/lib/secret-hash.ts';

export type OpenApiClient = { shopId: ShopId; client: ApiClient };

/** A client that may call now: known, not revoked, of an installed shop. Else null. */
export async function findActiveApiClient(clientId: string): Promise<OpenApiClient | null> {
  const shopId = isClientId(clientId) ? await findShopByApiClient(clientId) : null;
  if (shopId === null) return null;
  return withShop(shopId, async (tx) => {
    const client = await findApiClient(tx, clientId);
    if (client === null || (await readShop(tx)).state !== 'installed') return null;
    return { shopId, client };
  });
}

/**
 * The client these credentials belong to. Throws `Unauthenticated`, the same for an unknown client as for a wrong secret,
 * and `Unavailable` when too many secrets are being checked. A secret that cannot be ours costs no hash.
 */
export async function openApiClient(credentials: { clientId: string; clientSecret: string }): Promise<OpenApiClient> {
  const open = isClientSecret(credentials.clientSecret) ? await findActiveApiClient(credentials.clientId) : null;
  if (open === null || !(await isSecretOf(credentials.clientSecret, open.client.secretHash)))
    throw new Unauthenticated('invalid-client', 'An API client gave wrong credentials', {
      publicMessage: 'The client id or secret is wrong.',
    });
  return open;
}
