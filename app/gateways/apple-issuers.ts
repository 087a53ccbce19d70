/**
 * Whoever issues Apple passes: the platform with its own certificate, or a shop with one of its own. Reading a
 * certificate and its key costs about a millisecond and a push connection costs much more, so both are kept per
 * certificate; those not used for longest make room.
 */
import { X509Certificate } from 'node:crypto';

import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { type ApnsLane, closeLanes, createApnsLane } from '#app/gateways/apns-lanes.ts';
import { createSigner, type PassSigner } from '#app/gateways/pass-sealer.ts';
import { appleIntermediates, certificateFingerprint } from '#app/gateways/x509.ts';
import { env } from '#app/lib/env.ts';
import { Unavailable } from '#app/lib/errors.ts';

export type AppleIssuer = {
  /** Names the certificate; two issuers of one pass type may follow each other. */
  fingerprint: string;
  passTypeIdentifier: string;
  teamIdentifier: string;
  signer: PassSigner;
  /** Pushes with this certificate. Opened at first use. */
  apns: () => ApnsLane;
};

type Kept = { issuer: AppleIssuer; close: () => Promise<void> };

const keptMax = 500;
const kept = new Map<string, Kept>();
/** The one asked for last: it stands last in `kept` already. */
let latest: Kept | undefined;
let platform: AppleCertificate | undefined;

/** The intermediates of Apple that are trusted here, as PEM. Throws `Unavailable` while none are configured. */
export function appleTrust(): string {
  const bundle = env().APPLE_WWDR_CERTIFICATE_FILE;
  if (!bundle) throw notConfigured();
  return bundle;
}

function notConfigured(): Unavailable {
  return new Unavailable('apple-wallet-not-configured', 'The Apple pass certificate is not configured', {
    publicMessage: 'Apple Wallet is not available at the moment.',
  });
}

/** The platform's certificate. Throws `Unavailable` while none is configured. */
function platformCertificate(): AppleCertificate {
  if (platform !== undefined) return platform;
  const { APPLE_PASS_CERTIFICATE_FILE: certificatePem, APPLE_PASS_KEY_FILE: keyPem } = env();
  if (!certificatePem || !keyPem) throw notConfigured();
  const bundle = appleTrust();
  const leaf = new X509Certificate(certificatePem);
  const issuedBy = appleIntermediates(bundle).find((candidate) => leaf.verify(candidate.publicKey));
  const intermediatePem = issuedBy?.toString() ?? bundle;
  platform = { fingerprint: certificateFingerprint(leaf), certificatePem, keyPem, intermediatePem };
  return platform;
}

function open(certificate: AppleCertificate): Kept {
  const { certificatePem, keyPem, intermediatePem, fingerprint } = certificate;
  const signer = createSigner({ certificatePem, keyPem, wwdrPem: intermediatePem });
  let apns: ApnsLane | undefined;
  const { passTypeIdentifier, teamIdentifier } = signer;
  return {
    issuer: {
      fingerprint,
      passTypeIdentifier,
      teamIdentifier,
      signer,
      apns: () => (apns ??= createApnsLane({ url: apnsUrl(), certificatePem, keyPem })),
    },
    close: async () => {
      await apns?.close();
    },
  };
}

function apnsUrl(): string {
  return env().APNS_URL ?? env().PLATFORM_URL ?? 'https://api.push.apple.com';
}

/**
 * The issuer of a certificate; null is the platform's. Asking again for the same certificate gives the same issuer.
 * Throws `Unavailable` while the platform's certificate is asked for and none is configured.
 */
export function appleIssuerOf(certificate: AppleCertificate | null): AppleIssuer {
  const asked = certificate ?? platformCertificate();
  if (latest?.issuer.fingerprint === asked.fingerprint) return latest.issuer;
  const known = kept.get(asked.fingerprint);
  // Out and in again: what stands first was not used for longest.
  if (known !== undefined) kept.delete(asked.fingerprint);
  const found = known ?? open(asked);
  kept.set(asked.fingerprint, found);
  latest = found;
  const [oldest] = kept;
  if (kept.size > keptMax && oldest !== undefined) {
    kept.delete(oldest[0]);
    // Pushes under way are finished first; who still holds the lane is told to come again.
    void oldest[1].close();
  }
  return found.issuer;
}

/** The platform's pass type identifier. Throws `Unavailable` while no certificate is configured. */
export function platformPassType(): string {
  return appleIssuerOf(null).passTypeIdentifier;
}

/** Whether the platform has a pass certificate at all. */
export function isAppleConfigured(): boolean {
  const { APPLE_PASS_CERTIFICATE_FILE, APPLE_PASS_KEY_FILE, APPLE_WWDR_CERTIFICATE_FILE } = env();
  return Boolean(APPLE_PASS_CERTIFICATE_FILE && APPLE_PASS_KEY_FILE && APPLE_WWDR_CERTIFICATE_FILE);
}

/** Whether a pass type is the platform's. False while no certificate is configured. */
export function isPlatformPassType(passTypeIdentifier: string): boolean {
  return isAppleConfigured() && passTypeIdentifier === platformPassType();
}

/** Closes every push connection and forgets every key. Safe to repeat. */
export async function closeAppleIssuers(): Promise<void> {
  const closing = [...kept.values()];
  kept.clear();
  latest = undefined;
  platform = undefined;
  await Promise.all(closing.map((each) => each.close()));
  await closeLanes();
}
