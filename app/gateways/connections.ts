/**
 * The connections of this process to the wallets, made from the environment at first use and kept. Gateways themselves
 * take their settings as arguments; this file is the one place that reads them.
 */
import { z } from 'zod';

import { closeAppleIssuers } from '#app/gateways/apple-issuers.ts';
import { createGoogleCallbacks, type GoogleCallbacks } from '#app/gateways/google-callbacks.ts';
import { createGoogleWallet, type GoogleWallet } from '#app/gateways/google-wallet.ts';
import { createPassArtwork, type PassArtwork } from '#app/gateways/pass-artwork.ts';
import { createPassStrings, type PassStrings } from '#app/gateways/pass-strings.ts';
import { appUrl, env } from '#app/lib/env.ts';

const artworkEntriesMax = 2_000;
const stringsEntriesMax = 500;

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The language files of passes, remembered. */
export const passStrings: () => PassStrings = once(() => createPassStrings({ entriesMax: stringsEntriesMax }));

/** Pictures for passes, remembered. */
export const passArtwork: () => PassArtwork = once(() => createPassArtwork({ entriesMax: artworkEntriesMax }));

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

/** Reads the calls that Google makes to us. */
export const googleCallbacks: () => GoogleCallbacks = once(() => {
  const { GOOGLE_WALLET_URL, PLATFORM_URL } = env();
  const baseUrl = GOOGLE_WALLET_URL ?? PLATFORM_URL;
  const site = baseUrl === undefined ? 'https://pay.google.com' : `${baseUrl.replace(/\/+$/, '')}/pay`;
  return createGoogleCallbacks({ keysUrl: `${site}/gp/m/issuer/keys`, fetch });
});

/** Closes what stays open. Safe to repeat. */
export async function closeConnections(): Promise<void> {
  await closeAppleIssuers();
}
