/** A running wallet side in which shops may have pass certificates of their own: Apple's intermediate is one we can issue with. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { addAppleCertificate, type AddedCertificate } from '#app/flows/certificates/add-apple-certificate.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import type { CredentialFiles } from '#app/gateways/read-credentials.ts';
import { type ApnsPlatform, startApns } from '#test/platform/apns.ts';
import type { ReadPass } from '#test/platform/pass-reader.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import {
  type AppleAuthority,
  type CertificateOrder,
  type IssuedCertificate,
  startAppleAuthority,
} from '#test/support/apple-authority.ts';
import type { TestShop } from '#test/support/factories.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

export type OwnCertificates = {
  apple: AppleAuthority;
  wallets: TestWallets;
  apns: ApnsPlatform;
  close: () => Promise<void>;
};

/** Starts the wallets' stand-ins and names everything in the environment. Call it before anything is opened. */
export async function startOwnCertificates(): Promise<OwnCertificates> {
  const apple = await startAppleAuthority();
  const wallets = await startWallets();
  const folder = await mkdtemp(path.join(tmpdir(), 'stampwell-trust-'));
  const trusted = path.join(folder, 'wwdr.pem');
  await writeFile(trusted, `${wallets.pems.wwdr}\n${apple.wwdrPem}`);
  process.env['APPLE_WWDR_CERTIFICATE_FILE'] = trusted;
  const forgetRoot = trustRoot(wallets.pems.root);
  const apns = await startApns({ certificates: { ...wallets.pems, wwdr: `${wallets.pems.wwdr}\n${apple.wwdrPem}` } });
  process.env['APNS_URL'] = apns.url;
  return {
    apple,
    wallets,
    apns,
    close: async () => {
      await apns.close();
      await wallets.close();
      await apple.close();
      forgetRoot();
      await rm(folder, { recursive: true });
    },
  };
}

/** The files of an upload as PEM. */
export function pemFiles({ certificatePem, keyPem }: IssuedCertificate): CredentialFiles {
  return { certificate: Buffer.from(certificatePem), key: Buffer.from(keyPem), password: '' };
}

/** Issues a certificate and uploads it for a shop. */
export async function addCertificate(
  apple: AppleAuthority,
  shop: TestShop,
  order: CertificateOrder,
): Promise<AddedCertificate & { issued: IssuedCertificate }> {
  const issued = await apple.issue(order);
  const added = await addAppleCertificate({ shopId: shop.shopId, files: pemFiles(issued), actor: 'staff:1' });
  return { ...added, issued };
}

/** Downloads a member's pass and reads it, against the authority that ought to have signed it. */
export async function downloadAndRead(cardUrl: string, rootPem: string): Promise<ReadPass> {
  const { body } = await downloadApplePass({ token: cardUrl.split('/').at(-1) ?? '' });
  return conformantPass(body, rootPem);
}
