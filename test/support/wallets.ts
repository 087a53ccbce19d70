/** Both wallets for a test: certificates made once for all runs, and a Google that is ours. Call it before anything is opened. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { CertificatePems } from '#test/platform/certificates.ts';
import { type GoogleWalletPlatform, startGoogleWallet } from '#test/platform/google-wallet.ts';
import { keptCertificates, namePassCertificate } from '#test/support/kept-certificates.ts';

export type TestWallets = { pems: CertificatePems; google: GoogleWalletPlatform; close: () => Promise<void> };

/** Starts the stand-in and names everything in the environment. */
export async function startWallets(): Promise<TestWallets> {
  const { files, pems } = await keptCertificates();
  namePassCertificate(files);
  // Room for what a busy test process does late; the bench asks for exactly twenty.
  const google = await startGoogleWallet({ callsPerSecondMax: 25 });
  const folder = await mkdtemp(path.join(tmpdir(), 'stampwell-test-'));
  const account = path.join(folder, 'account.json');
  const { clientEmail, privateKeyPem } = google.serviceAccount;
  await writeFile(account, JSON.stringify({ client_email: clientEmail, private_key: privateKeyPem }), { mode: 0o600 });
  Object.assign(process.env, {
    GOOGLE_SERVICE_ACCOUNT_FILE: account,
    GOOGLE_ISSUER_ID: google.issuerId,
    GOOGLE_WALLET_URL: google.url,
  });
  return {
    pems,
    google,
    close: async () => {
      await google.close();
      await rm(folder, { recursive: true });
    },
  };
}
