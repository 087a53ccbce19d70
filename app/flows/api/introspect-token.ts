/** An integrator asks whether a token is good (RFC 7662). */
import { findTokenHolder, openApiClient } from '#app/data/shops/api-credentials.ts';
import { type AccessTokenClaims, verifyAccessToken } from '#app/lib/access-token.ts';
import { appUrl } from '#app/lib/env.ts';

/**
 * What a valid token of the asking client's own shop says; null for any other, without saying why. Never writes.
 * Throws `Unauthenticated` for wrong credentials.
 */
export async function introspectToken(asked: {
  clientId: string;
  clientSecret: string;
  token: string;
}): Promise<AccessTokenClaims | null> {
  const { shopId } = await openApiClient(asked);
  const claims = await verifyAccessToken(asked.token, appUrl());
  if (claims === null || claims.shopId !== shopId) return null;
  return (await findTokenHolder(claims)) === null ? null : claims;
}
