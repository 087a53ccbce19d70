import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { summarizeErasures } from '#app/flows/continuity/check-erasures.ts';
import { erasureDirectory } from '#app/lib/data-directory.ts';
import { evidencePublicKeys, type Signed, verifyEvidence } from '#app/lib/evidence.ts';
import { findBackup, listBackups, type Manifest } from '#prisma/continuity/manifest.ts';
import { restoreBackup } from '#prisma/continuity/restore-backup.ts';
import { migrate } from '#prisma/migrate.ts';
import { writeBackup } from '#prisma/continuity/write-backup.ts';
import { createEmptyDatabase, type TestDatabase } from '#test/support/database.ts';
import {
  backUp,
  eraseMember,
  eraseShop,
  fingerprints,
  guards,
  killRestoring,
  memberIn,
  restoreMarks,
  runCommand,
  sqlIn,
} from '#test/support/continuity.ts';
import { type FilledShop, makeFilledShop } from '#test/support/every-table.ts';
import { deliver, drain, makeMember, openTestSystem, orderBody, type TestSystem } from '#test/support/factories.ts';

// Each starts several programs, one after the other.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let system: TestSystem;
let shop: FilledShop;
let leaving: FilledShop;
let directory: string;
let first: Manifest;
let second: Manifest;
let late: { memberId: string; customerId: string };
const canary = { email: 'wilhelmine.canary@example.com', name: 'Wilhelmine Canary' };
let canaryMember: { memberId: string; customerId: string };
let rowsAtFirst: Record<string, string>;
const targets: TestDatabase[] = [];

const target = async (): Promise<string> => {
  const made = await createEmptyDatabase();
  targets.push(made);
  return made.url;
};

const restore = (url: string, ...words: string[]) =>
  runCommand({ name: 'restore', url }, '--directory', directory, ...words);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stampwell-backups-'));
  system = await openTestSystem();
  shop = await makeFilledShop(system);
  leaving = await makeFilledShop(system);
  canaryMember = await makeMember(shop, canary);
  await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(canaryMember.customerId) } }), randomUUID());
  await drain(shop);
  // An old entry, of a month that a fresh database makes no partition for.
  await system.sql(`select ensure_ledger_partition('2021-05-01')`);
  rowsAtFirst = await fingerprints(system.url);
  first = await backUp(system.url, directory);
  late = await makeMember(shop);
  second = await backUp(system.url, directory);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  for (const made of targets) await made.drop();
  await system.close();
});

describe('a backup', () => {
  it('L13 C08 L02 brings every row of every table back, and holds nothing that could be read', async () => {
    const url = await target();
    const { code, last } = await restore(url, '--backup', first.backupId);
    expect(last).toMatchObject({ ok: true, backupId: first.backupId, ledger: first.ledger });
    expect(code).toBe(0);
    expect(await fingerprints(url)).toEqual(rowsAtFirst);
    expect(Object.values(first.tables).filter(({ rows }) => rows > 0).length).toBeGreaterThan(50);
    const bytes = await readFile(path.join(directory, first.file.name));
    const manifest = await readFile(path.join(directory, `${first.backupId}.manifest.json`), 'utf8');
    for (const text of [
      ...Object.values(canary),
      canaryMember.memberId,
      canaryMember.customerId,
      shop.domain,
      'shop_id',
      // Short words come up among sealed bytes by chance.
      '"columns"',
    ])
      expect(bytes.includes(text) || manifest.includes(text)).toBe(false);
    // Counters go on where they stood, partitions are guarded, phones fetch every card once more.
    const [counter] = await sqlIn<{ next: string; max: string }>(
      url,
      `select nextval('ledger_entry_id')::text as next, (select max(id) from ledger_entry)::text as max`,
    );
    expect(Number(counter?.next)).toBeGreaterThan(Number(counter?.max));
    expect(await guards(url)).toEqual(await guards(system.url));
    const stale = `select id from pass where changed_xid >= pg_snapshot_xmax(pg_current_snapshot())`;
    expect(await sqlIn(url, stale)).toEqual([]);
  });

  it('is made by a login that may read everything and write nothing', async () => {
    const password = randomBytes(12).toString('hex');
    const login = `backup_${Date.now()}`;
    await system.sql(`create role ${login} login password '${password}' in role stampwell_backup, stampwell_queue`);
    const url = new URL(system.url);
    url.username = login;
    url.password = password;
    const own = await mkdtemp(path.join(directory, 'own-'));
    try {
      const made = await writeBackup(url.href, own, { erasures: { count: 0, fingerprint: '' } });
      expect(made.tables['public.member']?.rows).toBe(second.tables['public.member']?.rows);
      await system.sql('drop policy whole on lot');
      await expect(writeBackup(url.href, own, { erasures: { count: 0, fingerprint: '' } })).rejects.toThrow(
        /whole: lot/,
      );
    } finally {
      await system.sql('create policy whole on lot for select to stampwell_backup using (true)');
      await system.sql(`drop role ${login}`);
    }
  });

  it('W28 is picked by time: what is older than the point is there, what is newer is not', async () => {
    const url = await target();
    const { last } = await restore(url, '--at', new Date(new Date(second.takenAt).getTime() - 1).toISOString());
    expect(last).toMatchObject({ ok: true, backupId: first.backupId });
    expect(await memberIn(url, canaryMember.memberId)).toEqual({ state: 'active', profiles: '1' });
    expect(await memberIn(url, late.memberId)).toBeUndefined();
    expect((await restore(await target(), '--at', '2020-01-01T00:00:00Z')).last).toMatchObject({ ok: false });
  });

  it('L13 is refused when it was cut short, altered, renamed, signed by somebody else or sealed with a key that is gone', async () => {
    const url = await target();
    const own = await mkdtemp(path.join(directory, 'altered-'));
    const file = path.join(own, first.file.name);
    const manifestFile = path.join(own, `${first.backupId}.manifest.json`);
    const fresh = async () => {
      await copyFile(path.join(directory, first.file.name), file);
      await copyFile(path.join(directory, `${first.backupId}.manifest.json`), manifestFile);
    };
    const tryOwn = () => restoreBackup(url, own, { manifest: first, isForced: false });
    await fresh();
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, -20));
    await expect(tryOwn()).rejects.toThrow(/bytes instead of/);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(tryOwn()).rejects.toThrow(/altered/);
    await fresh();
    const signed = JSON.parse(await readFile(manifestFile, 'utf8')) as Signed<Manifest>;
    const later = { ...signed.payload, takenAt: new Date().toISOString() };
    await writeFile(manifestFile, JSON.stringify({ ...signed, payload: later }));
    await expect(findBackup(own, { at: new Date() })).rejects.toThrow(/manifest/);
    await fresh();
    const otherKey = { KEY_ENCRYPTION_KEYS: `test-1:${randomBytes(32).toString('base64')}` };
    expect((await runCommand({ name: 'restore', url, env: otherKey }, '--directory', own)).last).toMatchObject({
      ok: false,
    });
    expect(await sqlIn(url, `select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it('L13 that only pretends to be whole fails as it loads, and leaves a database that nothing starts on', async () => {
    const own = await mkdtemp(path.join(directory, 'own-'));
    await system.sql('create table public.extra (id int primary key); grant select on extra to stampwell_backup');
    const made = await writeBackup(system.url, own, { erasures: await summarizeErasures() });
    await system.sql('drop table public.extra');
    const url = await target();
    const { last } = await runCommand({ name: 'restore', url }, '--directory', own, '--backup', made.backupId);
    expect(last).toMatchObject({ ok: false });
    expect(await sqlIn(url, 'select id from shop')).toEqual([]);
    expect(await restoreMarks(url)).toEqual([{ one: 1 }]);
  });
});

describe('a restore', () => {
  it('refuses a database that holds shops, unless forced, and one that another restore or a process is at work with', async () => {
    const url = await target();
    const both = await Promise.all([restore(url), restore(url)]);
    expect(both.filter(({ last }) => last['ok'] === true)).toHaveLength(1);
    expect(both.map(({ last }) => last['error']).join('')).toMatch(/Another restore|holds shops/);
    expect((await restore(system.url, '--force')).last).toMatchObject({
      ok: false,
      error: expect.stringMatching(/Stop them/),
    });
    const refused = await restore(url);
    expect(refused).toMatchObject({ code: 1, last: { ok: false, error: expect.stringMatching(/--force/) } });
    expect(await memberIn(url, late.memberId)).toMatchObject({ state: 'active' });
    expect((await restore(url, '--backup', first.backupId, '--force')).last).toMatchObject({ ok: true });
    expect(await memberIn(url, late.memberId)).toBeUndefined();
  });

  it('killed at any moment leaves nothing that looks whole, and works when repeated', async () => {
    let url = '';
    const marked = `select 1 as one from pg_namespace where nspname = 'stampwell_restoring'`;
    const loading = `select 1 as one from pg_stat_activity where application_name = 'stampwell-restore' and datname = current_database() and query like 'copy %'`;
    for (const moment of [marked, loading]) {
      url = await killRestoring({ directory, moment }, target);
      expect(await restoreMarks(url)).toEqual([{ one: 1 }]);
      const { last } = await runCommand({ name: 'backup', url }, '--directory', path.join(directory, 'none'));
      expect(last).toMatchObject({ ok: false, error: expect.stringMatching(/has not ended/) });
      // What every process of the product does first.
      await expect(migrate(url)).rejects.toThrow(/has not ended/);
    }
    expect((await restore(url)).last).toMatchObject({ ok: true });
    expect(await memberIn(url, late.memberId)).toMatchObject({ state: 'active' });
    expect(await restoreMarks(url)).toEqual([]);
  });
});

describe('after people and shops were erased', () => {
  beforeAll(async () => {
    await eraseMember(shop.shopId, canaryMember.memberId);
    await eraseShop(leaving.shopId);
  });

  it('C04 W17 a restored older backup has them erased again, and everything else as it was', async () => {
    const url = await target();
    const { last } = await restore(url, '--backup', second.backupId);
    expect(last).toMatchObject({ ok: true, erasedAgain: 2, ledger: second.ledger });
    expect(await memberIn(url, canaryMember.memberId)).toEqual({ state: 'erased', profiles: '0' });
    expect(await memberIn(url, late.memberId)).toEqual({ state: 'active', profiles: '1' });
    const shops = await sqlIn<{ id: string; state: string; key: boolean }>(
      url,
      'select id, state, data_key is not null as key from shop where id = any($1)',
      [[shop.shopId, leaving.shopId]],
    );
    expect(shops.toSorted((one) => (one.id === shop.shopId ? -1 : 1))).toEqual([
      { id: shop.shopId, state: 'installed', key: true },
      { id: leaving.shopId, state: 'redacted', key: false },
    ]);
    // Late news about them finds the tombstones, and their orders are nobody's.
    const named = await sqlIn(url, 'select order_id from order_state where customer_id = $1', [
      canaryMember.customerId,
    ]);
    expect(named).toEqual([]);
    expect(await sqlIn(url, `select 1 from erasure_case where origin = 'restore' and state = 'open'`)).toHaveLength(2);
  });

  it('C04 nothing is restored while the list of erasures is missing or was altered', async () => {
    const url = await target();
    await backUp(system.url, directory);
    const nowhere = { ERASURE_DIRECTORY: path.join(directory, 'nowhere') };
    const { last } = await runCommand(
      { name: 'restore', url, env: nowhere },
      '--directory',
      directory,
      '--backup',
      second.backupId,
    );
    expect(last).toMatchObject({ ok: false, error: expect.stringMatching(/ERASURE_DIRECTORY/) });
    const altered = await mkdtemp(path.join(directory, 'erasures-'));
    await cp(erasureDirectory(), altered, { recursive: true });
    for (const name of await readdir(altered)) {
      const text = await readFile(path.join(altered, name), 'utf8');
      await writeFile(path.join(altered, name), text.replace(canaryMember.memberId, late.memberId));
    }
    const attempt = { name: 'restore', url, env: { ERASURE_DIRECTORY: altered } } as const;
    expect((await runCommand(attempt, '--directory', directory)).last).toMatchObject({
      ok: false,
      error: expect.stringMatching(/altered/),
    });
    expect(await restoreMarks(url)).toEqual([{ one: 1 }]);
  });

  it('C04 a list of erasures that was lost fills again from the database', async () => {
    const fresh = await mkdtemp(path.join(directory, 'erasures-'));
    const own = path.join(directory, 'own-erasures');
    const { last } = await runCommand(
      { name: 'backup', url: system.url, env: { ERASURE_DIRECTORY: fresh } },
      '--directory',
      own,
    );
    expect(last).toMatchObject({ ok: true });
    expect((await readdir(fresh)).toSorted()).toEqual((await readdir(erasureDirectory())).toSorted());
  });

  it('L15 W28 the drill restores into a database of its own and signs how long that took and what would be lost', async () => {
    // Planted rows of these two prove nothing, and the drill would say so.
    await system.sql('delete from audit_segment; delete from consent_root');
    const { code, last } = await runCommand(
      { name: 'drill', url: system.url, env: { STAMPWELL_DATA_DIRECTORY: path.join(directory, 'data') } },
      '--directory',
      directory,
    );
    expect(last).toMatchObject({
      ok: true,
      verified: { ledger: { firstBad: null }, erasures: { checked: 2, firstBad: null } },
    });
    expect(code).toBe(0);
    const signed = JSON.parse(await readFile(String(last['report']), 'utf8')) as Signed<Record<string, unknown>>;
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(true);
    expect(verifyEvidence({ ...signed, payload: { ...signed.payload, rtoSeconds: 0 } }, evidencePublicKeys())).toBe(
      false,
    );
    for (const figure of ['rpoSeconds', 'rtoSeconds', 'rtoSecondsPerGigabyte'])
      expect(signed.payload[figure]).toBeGreaterThan(0);
    expect((await listBackups(directory)).broken).toEqual([]);
  });
});
