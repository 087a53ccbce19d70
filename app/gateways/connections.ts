/**
 * The connections of this process to the wallets, made from the environment at first use and kept. Gateways themselves
 * take their settings as arguments; this file is the one place that reads them.
 */
import { z } from 'zod';

import { type ApnsClient, createApnsClient } from '#app/gateways/apns.ts';
import { createGoogleWallet, type GoogleWallet } from '#app/gateways/google-wallet.ts';
import { createPassArtwork, type PassArtwork } from '#app/gateways/pass-artwork.ts';
import { createSigner, type PassSigner } from '#app/gateways/pass-sealer.ts';
import { appUrl, env } from '#app/lib/env.ts';
import { Unavailable } from '#app/lib/errors.ts';

const artworkEntriesMax = 2_000;

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function passFiles(): { certificatePem: string; keyPem: string; wwdrPem: string } {
  const { APPLE_PASS_CERTIFICATE_FILE, APPLE_PASS_KEY_FILE, APPLE_WWDR_CERTIFICATE_FILE } = env();
  if (!APPLE_PASS_CERTIFICATE_FILE || !APPLE_PASS_KEY_FILE || !APPLE_WWDR_CERTIFICATE_FILE)
    throw new Unavailable('apple-wallet-not-configured', 'The Apple pass certificate is not configured', {
      publicMessage: 'Apple Wallet is not available at the moment.',
    });
  return {
    certificatePem: APPLE_PASS_CERTIFICATE_FILE,
    keyPem: APPLE_PASS_KEY_FILE,
    wwdrPem: APPLE_WWDR_CERTIFICATE_FILE,
  };
}

/** Signs Apple passes. Throws `Unavailable` while no certificate is configured. */
export const applePassSigner: () => PassSigner = once(() => createSigner(passFiles()));

/** Pictures for passes, remembered. */
export const passArtwork: () => PassArtwork = once(() => createPassArtwork({ entriesMax: artworkEntriesMax }));

let apnsMade: ApnsClient | undefined;

/** Pushes to Apple devices. Throws `Unavailable` while no certificate is configured. */
export function apns(): ApnsClient {
  if (apnsMade === undefined) {
    const { certificatePem, keyPem } = passFiles();
    const url = env().APNS_URL ?? env().PLATFORM_URL ?? 'https://api.push.apple.com';
    apnsMade = createApnsClient({ url, certificatePem, keyPem });
  }
  return apnsMade;
}

const serviceAccountSchema = z.object({
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY'),
});

/** Google Wallet, or null while no issuer is configured. */
export const googleWallet: () => GoogleWallet | null = once(() => {
  const { GOOGLE_SERVICE_ACCOUNT_FILE, GOOGLE_ISSUER_ID, GOOGLE_WALLET_URL, PLATFORM_URL } = env();
  if (!GOOGLE_SERVICE_ACCOUNT_FILE || !GOOGLE_ISSUER_ID) return null;
  const account = serviceAccountSchema.parse(JSON.parse(GOOGLE_SERVICE_ACCOUNT_FILE));
  const baseUrl = GOOGLE_WALLET_URL ?? PLATFORM_URL;
  return createGoogleWallet({
    serviceAccount: { clientEmail: account.client_email, privateKeyPem: account.private_key },
    issuerId: GOOGLE_ISSUER_ID,
    origins: [appUrl()],
    ...(baseUrl !== undefined && { baseUrl: baseUrl.replace(/\/+$/, '') }),
    fetch,
  });
});

/** Closes what stays open. Safe to repeat. */
export async function closeConnections(): Promise<void> {
  const closing = apnsMade;
  apnsMade = undefined;
  await closing?.close();
}
