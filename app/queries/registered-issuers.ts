/** How the platform stands with Apple and Google, as anybody may know: by whom its cards are issued, and until when. */
import { X509Certificate } from 'node:crypto';

import type { Trust } from '#app/contracts/trust.ts';
import type { Environment } from '#app/lib/env.ts';

type Issuer = Trust['issuers'][number];
type Known = Pick<
  Environment,
  | 'APPLE_PASS_CERTIFICATE_FILE'
  | 'GOOGLE_ISSUER_ID'
  | 'GOOGLE_SERVICE_ACCOUNT_FILE'
  | 'GOOGLE_WALLET_URL'
  | 'PLATFORM_URL'
>;

/**
 * The states of both registrations at an instant of the real clock. 'stand-in': cards of a demo or a test, which no phone takes for
 * real ones. Merchants' own issuers are theirs to tell of.
 */
export function registeredIssuers(known: Known, at: Date): Issuer[] {
  return [appleIssuer(known.APPLE_PASS_CERTIFICATE_FILE, at), googleIssuer(known)];
}

function appleIssuer(pem: string | undefined, at: Date): Issuer {
  const wallet = 'Apple Wallet' as const;
  if (pem === undefined) return { wallet, state: 'not registered', issuer: null, validUntil: null };
  const { subject, issuer, validTo } = new X509Certificate(pem);
  const validUntil = new Date(validTo);
  const named = { wallet, issuer: lineOf(subject, 'UID'), validUntil: validUntil.toISOString() };
  if (lineOf(issuer, 'O') !== 'Apple Inc.') return { ...named, state: 'stand-in' };
  return { ...named, state: validUntil <= at ? 'ended' : 'registered' };
}

/** A part of a distinguished name, which Node writes one a line. */
function lineOf(name: string, part: string): string | null {
  return (
    name
      .split('\n')
      .find((line) => line.startsWith(`${part}=`))
      ?.slice(part.length + 1) ?? null
  );
}

function googleIssuer(known: Known): Issuer {
  const { GOOGLE_ISSUER_ID: issuer = null, GOOGLE_SERVICE_ACCOUNT_FILE: account } = known;
  const wallet = 'Google Wallet' as const;
  if (issuer === null || account === undefined)
    return { wallet, state: 'not registered', issuer: null, validUntil: null };
  const isReal = known.PLATFORM_URL === undefined && known.GOOGLE_WALLET_URL === undefined;
  return { wallet, state: isReal ? 'registered' : 'stand-in', issuer, validUntil: null };
}
