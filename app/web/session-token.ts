/**
 * Shopify's session tokens: who is calling, from which shop. Signature, audience and times are always checked, and the
 * shop comes from the token alone, never from a parameter somebody could change.
 */
import { errors, jwtVerify } from 'jose';

import { env } from '#app/lib/env.ts';
import { Unauthenticated } from '#app/lib/errors.ts';

export type VerifiedSession = {
  shopDomain: string;
  sub: string | null;
  sid: string | null;
  /** The Shopify user behind an admin or POS token; null for shoppers. */
  userId: string | null;
  /** The logged-in shopper behind a storefront token; null for guests and for staff. */
  customerId: string | null;
};

const clockToleranceS = 10;
const tokenLengthMax = 4_096;
const claimLengthMax = 255;
const shopDomainPattern = /^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/;
const digitsPattern = /^\d{1,20}$/;
const customerPattern = /^gid:\/\/shopify\/Customer\/(\d{1,20})$/;

function refusal(reason: string, cause?: unknown): Unauthenticated {
  return new Unauthenticated('session-token-invalid', `A session token was refused: ${reason}`, { cause });
}

/** Tries every current secret, newest first: a token signed just before a rotation still counts. */
async function verifiedClaims(token: string): Promise<Record<string, unknown>> {
  const { SHOPIFY_API_SECRET: secrets, SHOPIFY_API_KEY: audience } = env();
  let problem: unknown;
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
        algorithms: ['HS256'],
        audience,
        clockTolerance: clockToleranceS,
        requiredClaims: ['aud', 'dest', 'exp', 'nbf'],
      });
      return payload;
    } catch (error) {
      problem = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw refusal(problem instanceof errors.JOSEError ? problem.code : 'unreadable', problem);
}

function textClaim(claims: Record<string, unknown>, name: string): string | null {
  const value = claims[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value === '' || value.length > claimLengthMax) throw refusal(`claim ${name}`);
  return value;
}

/** Admin and POS write `https://` before the shop, checkout does not. */
function hostOf(claim: string, path: string): string | null {
  const text = claim.replace(/^https:\/\//, '').toLowerCase();
  const host = text.endsWith(path) ? text.slice(0, text.length - path.length) : '';
  return shopDomainPattern.test(host) ? host : null;
}

type Person = Pick<VerifiedSession, 'userId' | 'customerId'>;

/** A token with the issuer of a shop's admin and a numeric subject is staff's; any other subject is a shopper. */
function personOf(sub: string | null, isFromAdmin: boolean): Person {
  if (sub === null) return { userId: null, customerId: null };
  const isNumber = digitsPattern.test(sub);
  if (isFromAdmin && isNumber) return { userId: sub, customerId: null };
  return { userId: null, customerId: customerPattern.exec(sub)?.[1] ?? (isNumber ? sub : null) };
}

/**
 * Verifies a session token of admin, POS or storefront. Staff tokens carry the issuer of a shop's admin and a numeric
 * user; a shopper's token never counts as staff, although the same secret signs both.
 * Throws `Unauthenticated`.
 */
export async function verifySessionToken(token: string): Promise<VerifiedSession> {
  if (token.length > tokenLengthMax) throw refusal('too long');
  const claims = await verifiedClaims(token);
  const shopDomain = hostOf(textClaim(claims, 'dest') ?? '', '');
  if (shopDomain === null) throw refusal('claim dest');
  const issuer = textClaim(claims, 'iss');
  if (issuer !== null && hostOf(issuer, '/admin') !== shopDomain) throw refusal('claim iss');
  const sub = textClaim(claims, 'sub');
  return { shopDomain, sub, sid: textClaim(claims, 'sid'), ...personOf(sub, issuer !== null) };
}

const bearerPattern = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The token of an Authorization header. Throws `Unauthenticated` when there is none. */
export function bearerToken(header: string | null | undefined): string {
  const token = bearerPattern.exec(header ?? '')?.[1];
  if (token === undefined) throw new Unauthenticated('session-token-missing', 'A session token is needed');
  return token;
}
