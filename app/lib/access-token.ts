/**
 * Access tokens of the API: short JSON web tokens, signed with Ed25519. What they say is of the real clock, so that anybody
 * can verify them; where there is a test clock they end by that one as well, as everything else does.
 */
import { randomUUID } from 'node:crypto';

import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

import { clockOffsetMs, now } from '#app/lib/clock.ts';
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
  /** Of the client when the token was issued; a client that moved on takes back all its tokens. */
  epoch: number;
  issuedAt: number;
  notBefore: number;
  expiresAt: number;
};

const claimsSchema = z.object({
  sub: z.string(),
  jti: z.string().min(1).max(64),
  iat: z.number(),
  nbf: z.number(),
  exp: z.number(),
  shop: z.string(),
  scope: z.string(),
  epoch: z.int().min(0).default(0),
  /** How far the test clock ran ahead when it was issued, in milliseconds; said by no token of a system without one. */
  ahead: z.int().default(0),
});

const audienceOf = (issuer: string) => `${issuer}/api`;

/** A token for one client of one shop. */
export function createAccessToken(grant: {
  issuer: string;
  clientId: string;
  shopId: string;
  scopes: string[];
  epoch: number;
}): Promise<string> {
  const { id, privateKey } = newestSigningKey();
  const issuedAt = Math.floor(Date.now() / 1000);
  const ahead = clockOffsetMs();
  const claims = {
    shop: grant.shopId,
    scope: grant.scopes.join(' '),
    epoch: grant.epoch,
    ...(ahead !== 0 && { ahead }),
  };
  return new SignJWT(claims)
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
    // Tokens of before there were epochs carry none.
    const parsed = claimsSchema.safeParse(payload);
    if (!parsed.success) return null;
    const { sub, jti, iat, nbf, exp, shop, scope, epoch, ahead } = parsed.data;
    if (now().getTime() >= (exp + clockToleranceSeconds) * 1000 + ahead) return null;
    return {
      issuer,
      audience: audienceOf(issuer),
      tokenId: jti,
      clientId: sub,
      shopId: shop,
      scopes: scope.split(' ').filter((name) => name.length > 0),
      epoch,
      issuedAt: iat,
      notBefore: nbf,
      expiresAt: exp,
    };
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
