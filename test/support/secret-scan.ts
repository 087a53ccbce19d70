/** Looks for secrets that stand in files where they do not belong. Tells where and of what kind, never what they say. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { findClientSecrets } from '#app/lib/client-secret.ts';

export type FoundSecret = { file: string; line: number; kind: string };

/** What is made or fetched, and never committed. */
const skipped = new Set(['node_modules', '.git', '.data', 'build', 'dist', 'generated', '.shopify', 'coverage']);
const bytesMax = 4 * 1024 * 1024;

const patterns: [kind: string, pattern: RegExp][] = [
  ['private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/=]{48,}/g],
  ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['Shopify token', /\bshp(?:at|ca|pa|ss|ua)_[0-9a-f]{32}\b/g],
  ['GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b/g],
  ['Stripe key', /\b[rs]k_live_[0-9A-Za-z]{20,}\b/g],
  ['Slack token', /\bxox[abprs]-[0-9A-Za-z-]{20,}\b/g],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/g],
  ['key-encryption key', /KEY_ENCRYPTION_KEYS["']?\s*[=:]\s*["'`]?[a-z0-9-]{1,16}:[A-Za-z0-9+/]{43}=/g],
];

function secretsIn(text: string): { kind: string; index: number }[] {
  const ours = findClientSecrets(text).map((secret) => ({ kind: 'API client secret', index: text.indexOf(secret) }));
  const others = patterns.flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)].map(({ index }) => ({ kind, index })),
  );
  return [...ours, ...others];
}

function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* filesBelow(full);
    if (entry.isFile() && statSync(full).size <= bytesMax) yield full;
  }
}

/** Every secret below a directory, by file and line. */
export function scanForSecrets(directory: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const file of filesBelow(directory)) {
    const text = readFileSync(file, 'latin1');
    for (const { kind, index } of secretsIn(text))
      found.push({ file: path.relative(directory, file), line: text.slice(0, index).split('\n').length, kind });
  }
  return found.toSorted((one, two) => one.file.localeCompare(two.file) || one.line - two.line);
}
