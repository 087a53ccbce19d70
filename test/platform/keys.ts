/** The secrets of a local system: made once per folder, readable by this account only, never committed. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { makeServiceAccount } from '#test/platform/google-wallet.ts';

const keysSchema = z.object({
  shopifyApiKey: z.string(),
  shopifyApiSecret: z.string(),
  keyEncryptionKeys: z.string(),
  googleServiceAccount: z.object({ clientEmail: z.string(), privateKeyPem: z.string() }),
});

export type LocalKeys = z.infer<typeof keysSchema>;

/** Writes a file only this account can read. When another process was faster, its content stays. */
function writeOnce(file: string, content: string): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch {
    // It exists already.
  } finally {
    rmSync(draft);
  }
}

function read(file: string): LocalKeys | undefined {
  try {
    return keysSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The keys of a folder and the service account file that goes with them. */
export function ensureKeys(directory: string): { keys: LocalKeys; googleServiceAccountFile: string } {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'demo-keys.json');
  const accountFile = path.join(directory, 'google-service-account.json');
  if (read(file) === undefined) {
    rmSync(file, { force: true });
    const made: LocalKeys = {
      shopifyApiKey: randomBytes(16).toString('hex'),
      shopifyApiSecret: `shpss_${randomBytes(16).toString('hex')}`,
      keyEncryptionKeys: `demo-1:${randomBytes(32).toString('base64')}`,
      googleServiceAccount: makeServiceAccount(),
    };
    writeOnce(file, JSON.stringify(made, null, 2));
  }
  const keys = keysSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const account = {
    type: 'service_account',
    client_email: keys.googleServiceAccount.clientEmail,
    private_key: keys.googleServiceAccount.privateKeyPem,
  };
  const content = JSON.stringify(account, null, 2);
  if (readText(accountFile) !== content) {
    writeFileSync(accountFile, content, { mode: 0o600 });
    chmodSync(accountFile, 0o600);
  }
  return { keys, googleServiceAccountFile: accountFile };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
