/**
 * Whoever issues cards at Google: the platform, or a shop with an account of its own. A client remembers its access token,
 * so it is kept per account; those not used for longest make room.
 */
import { createHash } from 'node:crypto';

import type { GoogleAccount } from '#app/domain/cards/google-account.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { createGoogleWallet, type GoogleWallet } from '#app/gateways/google-wallet.ts';
import { appUrl, env } from '#app/lib/env.ts';

const keptMax = 500;
const kept = new Map<string, GoogleWallet>();

/** The wallet of an account; null is the platform's, and the answer is null while it has none. Repeating gives the same. */
export function googleWalletOf(account: GoogleAccount | null): GoogleWallet | null {
  if (account === null) return googleWallet();
  // The key is part of it: an account that was exchanged is another one.
  const name = createHash('sha256')
    .update(`${account.issuerId}\u0000${account.clientEmail}\u0000${account.privateKeyPem}`)
    .digest('base64');
  const known = kept.get(name);
  if (known !== undefined) kept.delete(name);
  const wallet = known ?? open(account);
  kept.set(name, wallet);
  const [oldest] = kept.keys();
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
  return wallet;
}

function open({ issuerId, clientEmail, privateKeyPem }: GoogleAccount): GoogleWallet {
  const baseUrl = env().GOOGLE_WALLET_URL ?? env().PLATFORM_URL;
  return createGoogleWallet({
    serviceAccount: { clientEmail, privateKeyPem },
    issuerId,
    origins: [appUrl()],
    ...(baseUrl !== undefined && { baseUrl: baseUrl.replace(/\/+$/, '') }),
    fetch,
  });
}
