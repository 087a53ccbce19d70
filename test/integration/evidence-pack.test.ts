import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { takeEvidencePack } from '#app/flows/continuity/build-evidence-pack.ts';
import { evidencePublicKeys, type Signed, verifyEvidence } from '#app/lib/evidence.ts';
import { writeSigned } from '#app/lib/signed-file.ts';
import { type Outcome, runCommand } from '#test/support/continuity.ts';
import { makeFilledShop } from '#test/support/every-table.ts';
import { makeMember, makeShop, openTestSystem, testEnvironment, type TestSystem } from '#test/support/factories.ts';
import { writePartsList } from '#workers/parts-list.ts';

type PackList = { kind: string; files: { name: string; bytes: number; sha256: string }[] };

const root = path.join(import.meta.dirname, '..', '..');
const drillReport = {
  kind: 'drill-report',
  drilledAt: '2026-03-01T04:00:00.000Z',
  rpoSeconds: 60,
  rtoSeconds: 4,
  ok: true,
  tables: 'rows-of-all-shops',
};
let system: TestSystem;
let directory: string;
let shopId: string;
let files: Record<string, string>;
let outcome: Outcome;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stampwell-evidence-'));
  process.env['BACKUP_DIRECTORY'] = path.join(directory, 'backups');
  system = await openTestSystem();
  const shop = await makeFilledShop(system);
  shopId = shop.shopId;
  await makeMember(shop, { name: 'Wilhelmine Canary', email: 'wilhelmine.canary@example.com' });
  const env = {
    BACKUP_DIRECTORY: path.join(directory, 'backups'),
    STAMPWELL_DATA_DIRECTORY: path.join(directory, 'data'),
  };
  const drills = path.join(env.BACKUP_DIRECTORY, 'drills');
  await mkdir(drills, { recursive: true });
  await writeSigned(path.join(drills, 'one.drill.json'), drillReport);
  const output = path.join(directory, 'pack.zip');
  outcome = await runCommand({ name: 'evidence', url: system.url, env }, '--output', output);
  const unpacked = Object.entries(unzipSync(new Uint8Array(await readFile(output))));
  files = Object.fromEntries(unpacked.map(([name, data]) => [name, Buffer.from(data).toString('utf8')]));
}, 60_000);
afterAll(async () => {
  delete process.env['BACKUP_DIRECTORY'];
  await rm(directory, { recursive: true, force: true });
  await system.close();
});

describe('the evidence pack', () => {
  it('F30 holds what an auditor asks for, and a signed list that tells when one of its files was changed', () => {
    expect(outcome).toMatchObject({ code: 0, last: { ok: true, shops: 1 } });
    const { 'evidence.json': list = '', ...others } = files;
    const signed = JSON.parse(list) as Signed<PackList>;
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(true);
    expect(signed.payload.kind).toBe('evidence-pack');
    const measured = Object.entries(others).map(([name, text]) => ({
      name,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    }));
    expect(signed.payload.files).toEqual(measured.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
    const kinds = ['access', 'chains', 'retention', 'keys'].map((name) => `shops/${shopId}/${name}.json`);
    for (const name of [
      ...kinds,
      'platform/sbom.cdx.json',
      'platform/configuration.json',
      'platform/keys.json',
      'platform/requirements.json',
    ])
      expect(Object.keys(others)).toContain(name);
    const access = JSON.parse(files[`shops/${shopId}/access.json`] ?? '') as { people: unknown[]; reviews: unknown[] };
    expect([access.people.length, access.reviews.length]).toEqual([1, 1]);
    expect(JSON.parse(files[`shops/${shopId}/keys.json`] ?? '')).toMatchObject({ wrapped: { kekId: 'test-1' } });
    expect(JSON.parse(files[`shops/${shopId}/chains.json`] ?? '')).toMatchObject({
      consent: { hash: expect.any(String) },
    });
  });

  it('L15 F30 holds the drills with their figures, each signed by itself', () => {
    const drills = Object.entries(files).filter(([name]) => name.startsWith('platform/drills/'));
    expect(drills).toHaveLength(1);
    const drill = JSON.parse(drills[0]?.[1] ?? '') as Signed<Record<string, unknown>>;
    expect(verifyEvidence(drill, evidencePublicKeys())).toBe(true);
    expect(drill.payload).toEqual(drillReport);
  });

  it('F30 K05 holds no secret and names no shopper', () => {
    const whole = Object.values(files).join('\n');
    const secrets = [
      ...testEnvironment.SHOPIFY_API_SECRET.split(','),
      testEnvironment.KEY_ENCRYPTION_KEYS.split(':')[1] ?? '',
    ];
    // As it stands in an address: a password may be a word that stands elsewhere for itself.
    const database = `:${new URL(system.url).password}@`;
    for (const text of ['Wilhelmine', 'wilhelmine.canary', database, ...secrets])
      expect(whole.includes(text)).toBe(false);
    expect(JSON.parse(files['platform/configuration.json'] ?? '')).toMatchObject({
      STAMPWELL_ENV: 'test',
      SHOPIFY_API_SECRET: 'set',
      KEY_ENCRYPTION_KEYS: 'set',
    });
  });
});

describe('the evidence pack that a shop takes by itself', () => {
  it('F30 holds this shop alone, and of the platform only what is public: nothing of another shop, its size or its settings', async () => {
    const other = await makeShop();
    const { memberId } = await makeMember(other, { name: 'Somebody Else' });
    const actor = 'staff:4711';
    const archive = await takeEvidencePack({ shopId: other.shopId, actor, at: new Date() });
    const own = Object.fromEntries(
      Object.entries(unzipSync(new Uint8Array(archive))).map(([name, data]) => [
        name,
        Buffer.from(data).toString('utf8'),
      ]),
    );
    const parts = ['access', 'chains', 'retention', 'keys'].map((name) => `shops/${other.shopId}/${name}.json`);
    expect(Object.keys(own).toSorted()).toEqual(
      [
        'evidence.json',
        'platform/drills.json',
        'platform/evidence-keys.json',
        'platform/requirements.json',
        ...parts,
      ].toSorted(),
    );
    const signed = JSON.parse(own['evidence.json'] ?? '') as Signed<PackList>;
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(true);
    expect(signed.payload.files.map(({ name }) => name).toSorted()).toEqual(
      Object.keys(own)
        .filter((name) => name !== 'evidence.json')
        .toSorted(),
    );
    const drills = JSON.parse(own['platform/drills.json'] ?? '') as Signed<{ drills: unknown[] }>;
    expect(verifyEvidence(drills, evidencePublicKeys())).toBe(true);
    expect(drills.payload.drills).toEqual([
      { drilledAt: drillReport.drilledAt, rpoSeconds: 60, rtoSeconds: 4, ok: true },
    ]);
    const whole = Object.values(own).join('\n');
    for (const text of [shopId, 'rows-of-all-shops', 'Somebody Else', memberId, system.url, 'BACKUP_DIRECTORY'])
      expect([text, whole.includes(text)]).toEqual([text, false]);
    const records = await system.sql(
      `select actor, shop_id as "shopId" from audit_record where action = 'evidence.take'`,
    );
    expect(records).toEqual([{ actor, shopId: other.shopId }]);
  });
});

describe('the list of parts', () => {
  it('L10 is CycloneDX and holds every dependency that runs in production, made from the lockfile alone', async () => {
    const { output } = await writePartsList();
    const parts = JSON.parse(await readFile(output, 'utf8')) as {
      bomFormat: string;
      specVersion: string;
      components: { name: string; version: string }[];
    };
    expect(parts).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.\d$/) });
    const named = new Set(parts.components.map(({ name, version }) => `${name}@${version}`));
    const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Manifest;
    const missing = Object.entries(dependencies).filter(([name, version]) => !named.has(`${name}@${version}`));
    expect(missing).toEqual([]);
    expect(named.size).toBeGreaterThan(Object.keys(dependencies).length);
    // And nothing that is there for development alone.
    expect([...named].filter((name) => /^(vitest|knip|playwright-core|axe-core)@/.test(name))).toEqual([]);
  });
});

type Manifest = { dependencies: Record<string, string> };
