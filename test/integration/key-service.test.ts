import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { notePlatformKeys } from '#app/data/system/key-registry.ts';
import { makeWrappedKey } from '#app/flows/keys/make-wrapped-key.ts';
import { unwrapKeyEntries } from '#app/gateways/key-wrapping.ts';
import { readEnvironment } from '#app/lib/env.ts';
import { type KeyService, startKeyService } from '#test/platform/key-service.ts';
import { openTestSystem, testEnvironment, type TestSystem } from '#test/support/factories.ts';

const arn = 'aws-kms:arn:aws:kms:eu-west-3:111122223333:key/1234';
const googleName = 'google-kms:projects/p/locations/europe-west9/keyRings/r/cryptoKeys/k';

let folder: string;
let service: KeyService;
let system: TestSystem;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'stampwell-keys-'));
  service = await startKeyService();
  const account = path.join(folder, 'account.json');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  writeFileSync(
    account,
    JSON.stringify({
      type: 'service_account',
      client_email: 'keys@p.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${service.url}/token`,
    }),
  );
  const names = {
    AWS_KMS_URL: service.url,
    GOOGLE_KMS_URL: service.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    GOOGLE_APPLICATION_CREDENTIALS: account,
  };
  for (const [name, value] of Object.entries(names)) vi.stubEnv(name, value);
  system = await openTestSystem();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await service.close();
  await system.close();
  rmSync(folder, { recursive: true });
});

type Outcome = { ok: boolean; error?: string; entry?: string; keys?: { id: string; state: string; shops: number }[] };

/** The operator's command in a process of its own. */
async function keys(
  words: string[],
  keyEncryptionKeys: string = testEnvironment.KEY_ENCRYPTION_KEYS,
): Promise<Outcome> {
  const options = {
    env: { ...process.env, ...testEnvironment, DATABASE_URL: system.url, KEY_ENCRYPTION_KEYS: keyEncryptionKeys },
    cwd: path.join(import.meta.dirname, '..', '..'),
  };
  const argv = ['--disable-warning=ExperimentalWarning', 'workers/keys.ts', ...words];
  const { stdout } = await promisify(execFile)(process.execPath, argv, options).catch(
    (error: { stdout: string }) => error,
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome;
}

/** What the environment says, opened as a start does. */
const open = (keyEncryptionKeys: string) =>
  unwrapKeyEntries(
    readEnvironment({ ...process.env, ...testEnvironment, KEY_ENCRYPTION_KEYS: keyEncryptionKeys }).KEY_ENCRYPTION_KEYS,
  );

describe('a key-encryption key of a key management service', () => {
  it.each([
    ['AWS KMS', 'kms-aws', arn],
    ['Google Cloud KMS', 'kms-google', googleName],
  ])('W08 of %s opens in its place among the others, and not when it was changed or renamed', async (_, id, name) => {
    const entry = await makeWrappedKey({ id, service: name });
    expect(entry.startsWith(`${id}:${name}#`)).toBe(true);
    const [first, second] = await open(`${entry},${testEnvironment.KEY_ENCRYPTION_KEYS}`);
    expect([first?.id, first?.bytes.length, second?.id]).toEqual([id, 32, 'test-1']);
    expect(entry).not.toContain(first?.bytes.toString('base64'));
    expect(await open(entry)).toEqual([first]);
    expect((await open(await makeWrappedKey({ id, service: name })))[0]?.bytes).not.toEqual(first?.bytes);
    const changed = entry.slice(0, -8) + (entry.at(-8) === 'A' ? 'B' : 'A') + entry.slice(-7);
    for (const refused of [changed, entry.replace(id, 'renamed')])
      await expect(open(refused)).rejects.toMatchObject({ name: 'Rejected', code: 'key-not-unwrapped' });
  });

  it.each([
    ['AWS KMS', arn],
    ['Google Cloud KMS', googleName],
  ])('is waited for while %s does not answer, and said so', async (_, name) => {
    const entry = await makeWrappedKey({ id: 'kms-down', service: name });
    service.fail(503);
    await expect(open(entry)).rejects.toMatchObject({ name: 'Unavailable', code: 'key-service-unavailable' });
    service.fail(null);
    expect(await open(entry)).toHaveLength(1);
  });

  it('is asked for by a name of the right form only', async () => {
    for (const [id, name] of [
      ['Bad Id', arn],
      ['good', 'vault:x'],
      ['good', 'aws-kms:'],
    ] as const)
      await expect(makeWrappedKey({ id, service: name })).rejects.toMatchObject({ code: 'key-name-invalid' });
  });

  it('W08 is made, named and counted by the operator’s command', async () => {
    const { entry = '' } = await keys(['wrap', 'kms-new', googleName]);
    const { keys: known } = await keys(['status'], `${entry},${testEnvironment.KEY_ENCRYPTION_KEYS}`);
    expect(known?.map(({ id, state, shops }) => ({ id, state, shops }))).toEqual([
      { id: 'kms-new', state: 'newest', shops: 0 },
      { id: 'test-1', state: 'in-use', shops: 0 },
    ]);
  });
});

describe('the boot guard', () => {
  it('L08 refuses keys of another environment, two keys of one name, and a name that was another key', async () => {
    const read = (environment: string, list: string) => () =>
      readEnvironment({ ...process.env, ...testEnvironment, STAMPWELL_ENV: environment, KEY_ENCRYPTION_KEYS: list });
    const key = (id: string) => `${id}:${Buffer.alloc(32, 9).toString('base64')}`;
    expect(read('test', key('live-1'))).toThrow(/keys of production are refused/);
    for (const id of ['demo-1', 'test-1', 'staging-1'])
      expect(read('production', key(id))).toThrow(/keys of a demo, a test or staging are refused/);
    expect(read('test', `${key('a')},${key('a')}`)).toThrow(/two keys have one id/);
    expect(await notePlatformKeys([{ id: 'test-1', fingerprint: 'another' }])).toEqual(['test-1']);
  });

  it('L08 ends a start on a database of another environment', async () => {
    await system.sql(`update system_fact set value = '"production"' where key = 'environment'`);
    const outcome = await keys(['status']);
    expect([outcome.ok, outcome.error]).toEqual([false, expect.stringContaining('the database is not one of test')]);
  });
});
