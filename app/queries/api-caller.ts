/** Who stands behind an API client id now. */
import { findActiveApiClient } from '#app/data/shops/api-credentials.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** The client's shop and what it may do; null when it is unknown, revoked, or its shop is not installed. */
export async function apiCaller(clientId: string): Promise<{ shopId: ShopId; scopes: string[] } | null> {
  const open = await findActiveApiClient(clientId);
  return open === null ? null : { shopId: open.shopId, scopes: open.client.scopes };
}
