/** Both wallets for a test: certificates made once for all runs, and a Google that is ours. Call it before anything is opened. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  type CertificateFiles,
  type CertificatePems,
  ensureCertificates,
  readCertificates,
} from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { type GoogleWalletPlatform, startGoogleWallet } from '#test/platform/google-wallet.ts';

export type TestWallets = { pems: CertificatePems; google: GoogleWalletPlatform; close: () => Promise<void> };

function nameApple(files: CertificateFiles): void {
  Object.assign(process.env, {
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
  });
}

/** Starts the stand-in and names everything in the environment. */
export async function startWallets(): Promise<TestWallets> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'test-certificates'));
  nameApple(files);
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
    pems: await readCertificates(files),
    google,
    close: async () => {
      await google.close();
      await rm(folder, { recursive: true });
    },
  };
}
