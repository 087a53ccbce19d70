/** Access tokens of the API: short JSON web tokens, signed with Ed25519. They always use the real clock. */
import { randomUUID } from 'node:crypto';

import { errors, jwtVerify, SignJWT } from 'jose';

import { newestSigningKey, signingKeys } from '#app/lib/signing-keys.ts';

export const accessTokenLifetimeSeconds = 15 * 60;
/** Web processes may disagree by this much. */
const clockToleranceSeconds = 5;
const tokenType = 'at+jwt';
const lengthMax = 4_096;

export type AccessTokenClaims = {
  issuer: string;
  audience: string;
  tokenId: string;
  clientId: string;
  shopId: string;
  scopes: string[];
  issuedAt: number;
  notBefore: number;
  expiresAt: number;
};

const audienceOf = (issuer: string) => `${issuer}/api`;

/** A token for one client of one shop. */
export function createAccessToken(grant: {
  issuer: string;
  clientId: string;
  shopId: string;
  scopes: string[];
}): Promise<string> {
  const { id, privateKey } = newestSigningKey();
  const issuedAt = Math.floor(Date.now() / 1000);
  return new SignJWT({ shop: grant.shopId, scope: grant.scopes.join(' ') })
    .setProtectedHeader({ alg: 'EdDSA', typ: tokenType, kid: id })
    .setIssuer(grant.issuer)
    .setAudience(audienceOf(grant.issuer))
    .setSubject(grant.clientId)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + accessTokenLifetimeSeconds)
    .sign(privateKey);
}

/** What a token claims, or null for one that is not ours, not valid now, or not for us. */
export async function verifyAccessToken(token: string, issuer: string): Promise<AccessTokenClaims | null> {
  if (token.length > lengthMax) return null;
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(kid), {
      algorithms: ['EdDSA'],
      typ: tokenType,
      issuer,
      audience: audienceOf(issuer),
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: accessTokenLifetimeSeconds,
      requiredClaims: ['iss', 'aud', 'sub', 'jti', 'iat', 'nbf', 'exp', 'shop', 'scope'],
    });
    const { sub, jti, iat, nbf, exp, shop, scope } = payload;
    if (typeof shop !== 'string' || typeof scope !== 'string') return null;
    if (sub === undefined || jti === undefined || iat === undefined || nbf === undefined || exp === undefined)
      return null;
    const scopes = scope.split(' ').filter((name) => name.length > 0);
    const lifetime = { issuedAt: iat, notBefore: nbf, expiresAt: exp };
    return { issuer, audience: audienceOf(issuer), tokenId: jti, clientId: sub, shopId: shop, scopes, ...lifetime };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

function keyOf(kid: string | undefined) {
  const key = signingKeys().find(({ id }) => id === kid);
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key.publicKey;
}
