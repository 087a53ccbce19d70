/** A merchant changes what an integrator may do. It counts from the next call on, also for tokens that are out. */
import { apiScopes } from '#app/contracts/api-scopes.ts';
import { lockApiClient, writeApiClientTerms } from '#app/data/shops/api-clients.ts';
import { readTerms, termsFingerprint } from '#app/data/shops/api-client-terms.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { AskedTerms } from '#app/domain/access/api-client-terms.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Writes new terms. Safe to repeat. Throws `NotFound` for a revoked, unknown or another shop's client, and `InvalidInput`
 * that names each field that does not fit.
 */
export async function changeApiClient(asked: {
  shopId: ShopId;
  actor: string;
  clientId: string;
  terms: AskedTerms;
}): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    const before = await lockApiClient(tx, asked.clientId);
    const at = now();
    const terms = await readTerms(tx, asked.terms, { scopes: apiScopes, at });
    const [beforeHash, afterHash] = [termsFingerprint(before), termsFingerprint(terms)];
    if (beforeHash.equals(afterHash)) return;
    await writeApiClientTerms(tx, asked.clientId, terms);
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'api-client.change',
      object: `api-client:${asked.clientId}`,
      beforeHash,
      afterHash,
      reason: null,
      occurredAt: at,
    });
  });
}
