/** Reads the file that Google Cloud gives out for a service account. */
import { createPrivateKey } from 'node:crypto';

import { z } from 'zod';

import type { GoogleAccount } from '#app/domain/cards/google-account.ts';
import { InvalidInput, type InputIssue } from '#app/lib/errors.ts';

export const accountBytesMax = 16 * 1024;
const issuerPattern = /^\d{10,32}$/;
const accountSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.email().max(320).endsWith('.gserviceaccount.com'),
  private_key: z.string().max(8_192),
});

/** The account. Throws `InvalidInput` whose issues name the fields, `account` and `issuerId`, and what would be right. */
export function readGoogleAccount({ file, issuerId }: { file: Uint8Array; issuerId: string }): GoogleAccount {
  const issues: InputIssue[] = [];
  if (!issuerPattern.test(issuerId))
    issues.push({ path: 'issuerId', message: 'An issuer ID has ten or more digits, as in 3388000000012345678.' });
  const read = readFile(file);
  if (read.kind === 'refused') issues.push({ path: 'account', message: read.message });
  if (read.kind === 'refused' || issues.length > 0)
    throw new InvalidInput('google-account-refused', 'An uploaded Google account was refused', {
      publicMessage: issues.map(({ message }) => message).join(' '),
      issues,
    });
  return { issuerId, clientEmail: read.clientEmail, privateKeyPem: read.privateKeyPem };
}

type Reading = { kind: 'read'; clientEmail: string; privateKeyPem: string } | { kind: 'refused'; message: string };

const refused = (message: string): Reading => ({ kind: 'refused', message });

function readFile(file: Uint8Array): Reading {
  if (file.length > accountBytesMax) return refused('This file is too large. A service account key has about 2 KB.');
  const account = accountSchema.safeParse(parse(file));
  if (!account.success)
    return refused('This is not the key of a service account. Make one in Google Cloud, of the type JSON.');
  const { client_email: clientEmail, private_key: privateKeyPem } = account.data;
  return isRsaKey(privateKeyPem)
    ? { kind: 'read', clientEmail, privateKeyPem }
    : refused(
        'The private key in this file cannot be read. Make a new key in Google Cloud and upload its file unchanged.',
      );
}

function parse(file: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(file).toString('utf8'));
  } catch {
    return null;
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
