/** The environment that the processes of a local system get. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';

import type { CertificateFiles } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { testGoogleIssuerId } from '#test/platform/google-wallet.ts';
import { ensureKeys } from '#test/platform/keys.ts';

const rootDirectory = path.join(import.meta.dirname, '..', '..');

export type SystemAddresses = { app: string; wallet: string; platform: string; webs: string[] };

/** What a caller may set for every process; it wins over our own environment and over what we decide. */
export type GivenEnvironment = Record<string, string> | undefined;

const manifestSchema = z.object({ access_scopes: z.object({ scopes: z.string() }) });

/** The scopes the app asks for. */
export async function readScopes(): Promise<string[]> {
  const manifest = manifestSchema.parse(
    parseToml(await readFile(path.join(rootDirectory, 'shopify.app.toml'), 'utf8')),
  );
  return manifest.access_scopes.scopes.split(',').map((scope) => scope.trim());
}

/** A variable set from outside, which wins over a stand-in of ours. */
export function preset(given: GivenEnvironment, name: string): string | undefined {
  // Test runners set NODE_ENV for themselves, which says nothing about the app.
  const value = given?.[name] ?? (name === 'NODE_ENV' ? undefined : process.env[name]);
  return value === undefined || value === '' ? undefined : value;
}

/** Our root beside what the machine or the caller trusts already; Node takes one file only. */
function writeTrusted(rootFile: string, givenFile: string | undefined): string {
  if (givenFile === undefined) return rootFile;
  const file = path.join(dataDirectory(), 'trusted.pem');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${readFileSync(rootFile, 'utf8')}\n${readFileSync(givenFile, 'utf8')}`);
  renameSync(draft, file);
  return file;
}

/** Decides everything a process needs to know. */
export function buildEnvironment(parts: {
  given: GivenEnvironment;
  stage: 'test' | 'demo';
  databaseUrl: string;
  addresses: SystemAddresses;
  apnsUrl: string | undefined;
  googleUrl: string | undefined;
  smtpUrl: string | undefined;
  files: CertificateFiles;
}): Record<string, string> {
  const { keys, googleServiceAccountFile } = ensureKeys(dataDirectory());
  const { files, addresses } = parts;
  const decided: Record<string, string | undefined> = {
    STAMPWELL_ENV: parts.stage,
    APP_URL: addresses.app,
    WALLET_URL: addresses.wallet,
    SHOPIFY_API_KEY: keys.shopifyApiKey,
    SHOPIFY_API_SECRET: keys.shopifyApiSecret,
    KEY_ENCRYPTION_KEYS: keys.keyEncryptionKeys,
    PLATFORM_URL: addresses.platform,
    APNS_URL: parts.apnsUrl,
    GOOGLE_WALLET_URL: parts.googleUrl,
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
    GOOGLE_SERVICE_ACCOUNT_FILE: googleServiceAccountFile,
    GOOGLE_ISSUER_ID: testGoogleIssuerId,
    SMTP_URL: parts.smtpUrl,
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
  };
  const entries = Object.entries(decided).map(([name, value]): [string, string] => [
    name,
    preset(parts.given, name) ?? value ?? '',
  ]);
  const trusted = writeTrusted(files.root, preset(parts.given, 'NODE_EXTRA_CA_CERTS'));
  const fixed = { DATABASE_URL: parts.databaseUrl, HOST: '127.0.0.1', NODE_EXTRA_CA_CERTS: trusted };
  return { ...Object.fromEntries(entries), ...parts.given, ...fixed };
}
