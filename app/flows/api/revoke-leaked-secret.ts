/** Somebody found a secret where it does not belong. Whoever holds it may end it: that is all it proves, and enough. */
import {
  type ApiClient,
  endPreviousSecret,
  findApiClient,
  findApiClientsByPrefix,
  revokeApiClientRow,
} from '#app/data/shops/api-clients.ts';
import { isSecretOfClient } from '#app/data/shops/api-credentials.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { noteSignal } from '#app/data/security/signals.ts';
import { findShopByApiClient, findShopsByKeyPrefix } from '#app/data/directory.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { isClientId, isClientSecret, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { isSecretOf } from '#app/lib/secret-hash.ts';

/** Clients that could own a secret, each with its shop: those whose secret begins like it, and the one that is named. */
async function candidates(secret: string, clientId: string | null): Promise<{ shopId: ShopId; client: ApiClient }[]> {
  const prefix = secretPrefixOf(secret);
  const found: { shopId: ShopId; client: ApiClient }[] = [];
  for (const shopId of await findShopsByKeyPrefix(prefix)) {
    const clients = await withShop(shopId, (tx) => findApiClientsByPrefix(tx, prefix));
    found.push(...clients.filter(({ revokedAt }) => revokedAt === null).map((client) => ({ shopId, client })));
  }
  const shopId = clientId !== null && isClientId(clientId) ? await findShopByApiClient(clientId) : null;
  if (shopId === null || clientId === null) return found;
  const named = await withShop(shopId, (tx) => findApiClient(tx, clientId));
  return named === null ? found : [...found, { shopId, client: named }];
}

async function end(tx: Tx, { clientId }: ApiClient, isPrevious: boolean): Promise<void> {
  const occurredAt = now();
  const reason = 'its secret was found in public';
  // The new secret is not the one that leaked: whoever exchanged in time goes on.
  if (isPrevious) await endPreviousSecret(tx, clientId);
  else await revokeApiClientRow(tx, clientId, { at: occurredAt, by: 'public', reason });
  await appendAudit(tx, {
    actor: 'public',
    action: isPrevious ? 'api-client.previous-secret-leaked' : 'api-client.secret-leaked',
    object: `api-client:${clientId}`,
    beforeHash: null,
    afterHash: null,
    reason,
    occurredAt,
  });
  await noteSignal(tx, { kind: 'leaked-key', subject: `api:${clientId}`, at: occurredAt });
}

/**
 * Ends the client a secret belongs to, with all its tokens; a secret that was exchanged already ends alone. False when it is
 * nobody's, or was ended before. Safe to repeat. Throws `Unavailable` when too many secrets are being checked.
 */
export async function revokeLeakedSecret(found: { secret: string; clientId: string | null }): Promise<boolean> {
  if (!isClientSecret(found.secret)) return false;
  for (const { shopId, client } of await candidates(found.secret, found.clientId)) {
    if (!(await isSecretOfClient(client, found.secret))) continue;
    const isPrevious = !(await isSecretOf(found.secret, client.secretHash));
    await withShop(shopId, (tx) => end(tx, client, isPrevious));
    return true;
  }
  return false;
}
