/** A client gets a new secret; for a while the old one is good as well, so that nothing stands still. */
import { exchangeApiSecret, lockApiClient } from '#app/data/shops/api-clients.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { apiClientLimits } from '#app/domain/access/api-client-terms.ts';
import { newClientSecret, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

/**
 * Makes a new secret and answers it, once. The one before is good for `overlapHours` more; with 0 it ends now, and all tokens
 * with it. Repeating it makes another, and then the one before the last ends. Throws `NotFound`, `InvalidInput`, `Unavailable`.
 */
export async function rotateApiSecret(asked: {
  shopId: ShopId;
  actor: string;
  clientId: string;
  overlapHours: number;
}): Promise<{ secret: string; previousUntil: Date | null }> {
  const { shopId, clientId, overlapHours } = asked;
  const isFitting =
    Number.isInteger(overlapHours) && overlapHours >= 0 && overlapHours <= apiClientLimits.overlapHoursMax;
  if (!isFitting)
    throw new InvalidInput('bad-overlap', 'The overlap of two secrets does not fit', {
      publicMessage: 'The old secret can stay good for at most 7 days.',
    });
  await withShop(shopId, (tx) => lockApiClient(tx, clientId));
  const secret = newClientSecret(env().STAMPWELL_ENV);
  const secretHash = await hashSecret(secret);
  return withShop(shopId, async (tx) => {
    const before = await lockApiClient(tx, clientId);
    const at = now();
    const previousUntil = overlapHours === 0 ? null : new Date(at.getTime() + overlapHours * 3_600_000);
    const keyPrefix = secretPrefixOf(secret);
    await exchangeApiSecret(tx, clientId, { secretHash, keyPrefix, previousUntil, at });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'api-client.rotate-secret',
      object: `api-client:${clientId}`,
      beforeHash: fingerprint({ keyPrefix: before.keyPrefix }),
      afterHash: fingerprint({ keyPrefix, previousUntil }),
      reason: null,
      occurredAt: at,
    });
    return { secret, previousUntil };
  });
}
