/** An integrator takes back one of its own tokens (RFC 7009). */
import { openApiClient } from '#app/data/shops/api-credentials.ts';
import { revokeToken as writeRevokedToken } from '#app/data/shops/revoked-tokens.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { verifyAccessToken } from '#app/lib/access-token.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl } from '#app/lib/env.ts';

/**
 * Takes a token back, from the next call on. A token that is not the client's, or none at all, is left alone without a word.
 * Safe to repeat. Throws `Unauthenticated` for wrong credentials.
 */
export async function revokeToken(asked: { clientId: string; clientSecret: string; token: string }): Promise<void> {
  const { shopId, client } = await openApiClient(asked);
  const claims = await verifyAccessToken(asked.token, appUrl());
  if (claims === null || claims.shopId !== shopId || claims.clientId !== client.clientId) return;
  await withShop(shopId, async (tx) => {
    const { tokenId, clientId } = claims;
    // Tokens live by the real clock.
    await writeRevokedToken(tx, { tokenId, clientId, expiresAt: new Date(claims.expiresAt * 1000) }, new Date());
    await appendAudit(tx, {
      actor: `api:${clientId}`,
      action: 'api-token.revoke',
      object: `api-token:${tokenId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}
