/** A merchant makes credentials for an integrator. */
import { apiScopes } from '#app/contracts/api-scopes.ts';
import { countApiClients, insertApiClient } from '#app/data/shops/api-clients.ts';
import { readTerms, termsFingerprint } from '#app/data/shops/api-client-terms.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type AskedTerms, apiClientLimits } from '#app/domain/access/api-client-terms.ts';
import { newClientId, newClientSecret, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { Conflict } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { newPseudonymKey } from '#app/lib/pseudonyms.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

export type CreatedApiClient = {
  clientId: string;
  /** Shown here and never again. */
  secret: string;
};

/**
 * Makes a client with a secret of its own. Repeating it makes another. Throws `InvalidInput` that names each field that does
 * not fit, `Conflict` when the shop has as many as it may, `Unavailable` when too many secrets are being hashed.
 */
export async function createApiClient(asked: {
  shopId: ShopId;
  actor: string;
  terms: AskedTerms;
  /** Whether it knows members by ids of its own. */
  isPairwise: boolean;
}): Promise<CreatedApiClient> {
  const { shopId, actor } = asked;
  // Before the hash, which is dear.
  await withShop(shopId, (tx) => readTerms(tx, asked.terms, { scopes: apiScopes, at: now() }));
  const clientId = newClientId();
  const secret = newClientSecret(env().STAMPWELL_ENV);
  const secretHash = await hashSecret(secret);
  await withShop(shopId, async (tx) => {
    await lockShop(tx);
    if ((await countApiClients(tx)) >= apiClientLimits.clientsMax)
      throw new Conflict('api-clients-max', 'The shop has as many API clients as it may', {
        publicMessage: `A shop has at most ${apiClientLimits.clientsMax} clients. Revoke one that is no longer used.`,
      });
    const at = now();
    const terms = await readTerms(tx, asked.terms, { scopes: apiScopes, at });
    await insertApiClient(tx, {
      ...terms,
      clientId,
      secretHash,
      keyPrefix: secretPrefixOf(secret),
      pseudonymKey: asked.isPairwise ? newPseudonymKey() : null,
      createdAt: at,
      createdBy: actor,
    });
    await appendAudit(tx, {
      actor,
      action: 'api-client.create',
      object: `api-client:${clientId}`,
      beforeHash: null,
      afterHash: termsFingerprint(terms),
      reason: null,
      occurredAt: at,
    });
  });
  return { clientId, secret };
}
