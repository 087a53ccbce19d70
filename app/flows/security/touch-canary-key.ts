/** Somebody tries a key: if it is one that nobody should have, the alarm is raised before the key is even checked. */
import { keyCanary, touchCanaries } from '#app/data/security/canaries.ts';
import { findShopByApiClient } from '#app/data/directory.ts';
import { withShop } from '#app/data/tenancy.ts';
import { isClientId } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';

/** Whether this key is a trap. Every touch of one counts. */
export async function touchCanaryKey(clientId: string): Promise<boolean> {
  const shopId = isClientId(clientId) ? await findShopByApiClient(clientId) : null;
  if (shopId === null) return false;
  return withShop(shopId, (tx) => touchCanaries(tx, { subjects: [keyCanary(clientId)], actor: null, at: now() }));
}
