import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newClientSecret } from '#app/lib/client-secret.ts';
import { scanForSecrets } from '#test/support/secret-scan.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stampwell-scan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Put together here, so that none of them stands in this file. */
const planted: [kind: string, text: string][] = [
  ['API client secret', newClientSecret('production')],
  ['API client secret', `const secret = '${newClientSecret('test')}';`],
  ['private key', String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))],
  [
    'private key',
    JSON.stringify({
      key: String(
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
      ),
    }),
  ],
  ['AWS access key', ['AK', 'IA', 'ABCDEFGHIJKLMNOP'].join('')],
  ['Shopify token', ['shp', 'at_', '0123456789abcdef'.repeat(2)].join('')],
  ['GitHub token', ['gh', 'p_', 'a1B2'.repeat(9)].join('')],
  ['Stripe key', ['sk', '_live_', 'a1B2c3D4e5'.repeat(3)].join('')],
  ['key-encryption key', ['KEY_ENCRYPTION_KEYS', `live-1:${randomBytes(32).toString('base64')}`].join('=')],
];

describe('the secret scan', () => {
  it.each(planted)('F31 finds a planted %s, says where, and does not repeat it', (kind, text) => {
    const below = path.join(folder, kind.replaceAll(' ', '-'), 'deep');
    mkdirSync(below, { recursive: true });
    writeFileSync(path.join(below, 'notes.txt'), `one\ntwo\n${text}\n`);
    const found = scanForSecrets(folder);
    expect(found).toEqual([{ file: path.relative(folder, path.join(below, 'notes.txt')), line: 3, kind }]);
    rmSync(path.join(folder, kind.replaceAll(' ', '-')), { recursive: true });
  });

  it('F31 leaves alone what only looks like one', () => {
    const secret = newClientSecret('production');
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    writeFileSync(
      path.join(folder, 'plain.txt'),
      `${wrong}\nsws_production_\n-----BEGIN PRIVATE KEY-----\n…\nKEY_ENCRYPTION_KEYS=id:base64`,
    );
    expect(scanForSecrets(folder)).toEqual([]);
  });

  it('F31 finds nothing in this repository', () => {
    expect(scanForSecrets(path.resolve(import.meta.dirname, '..', '..'))).toEqual([]);
  });
});
