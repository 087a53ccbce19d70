import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type OpenSystem, openSystem } from '#app/flows/system/open-system.ts';
import { erasureDirectory } from '#app/lib/data-directory.ts';
import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { migrate } from '#prisma/migrate.ts';
import { call } from '#test/platform/http.ts';
import { eraseMember, runCommand, sqlIn } from '#test/support/continuity.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { createEmptyDatabase } from '#test/support/database.ts';
import { makeMember, makeShop, testEnvironment, type TestShop } from '#test/support/factories.ts';
import { makeFolder, until } from '#test/support/local-postgres.ts';
import { copyCluster, makeArchive } from '#test/support/second-postgres.ts';

// Each starts several programs, one after the other.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Postgres = { url: string; close: () => Promise<void> };
type Readiness = { status: string; replication_lag_seconds: number | null; dependencies: { standby: string } };

const folders: Awaited<ReturnType<typeof makeFolder>>[] = [];
let archive: string;
let primary: Postgres;
let system: OpenSystem;
let edge: Edge;
let shop: TestShop;

const folder = async () => {
  const made = await makeFolder({ isPrivate: false });
  folders.push(made);
  return made.directory;
};

/** What a load balancer is told. */
async function readiness(): Promise<{ status: number; body: Readiness }> {
  const answer = await call({ url: `${edge.url}/readyz` });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as Readiness };
}

let home: string;
beforeAll(async () => {
  process.env['STANDBYS_EXPECTED'] = '1';
  process.env['REPLICATION_LAG_SECONDS_MAX'] = '1';
  home = await folder();
  archive = makeArchive(home);
  const settings = {
    archive_mode: 'on',
    archive_command: `cp %p ${archive}/%f`,
    archive_timeout: '60',
    shared_buffers: '32MB',
  };
  primary = await openLocalPostgres({ directory: home, settings });
  await migrate(primary.url);
  system = await openSystem({ databaseUrl: primary.url, role: 'stampwell_worker', connectionsMax: 4 });
  edge = await startEdge();
  shop = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await primary.close();
  for (const { remove } of folders) await remove();
  await rm(erasureDirectory(), { recursive: true, force: true });
});

describe('a standby', () => {
  it('L12 is told by readiness with how far it is behind: missing, up, too far behind, up again', async () => {
    expect(await readiness()).toMatchObject({
      status: 200,
      body: { status: 'degraded', replication_lag_seconds: null, dependencies: { standby: 'missing' } },
    });
    const directory = await folder();
    await copyCluster({ url: primary.url, from: home, to: directory, signal: 'standby.signal' });
    const { port, password } = new URL(primary.url);
    const standby = await openLocalPostgres({
      directory,
      settings: {
        primary_conninfo: `host=127.0.0.1 port=${port} user=postgres password=${password}`,
        hot_standby: 'on',
        shared_buffers: '32MB',
      },
    });
    try {
      await until(async () => (await readiness()).body.dependencies.standby === 'up', 15_000);
      const member = await makeMember(shop);
      const isThere = async () =>
        (await sqlIn(standby.url, 'select id from member where id = $1', [member.memberId])).length === 1;
      await until(isThere, 15_000);
      let told = (await readiness()).body;
      await until(async () => {
        told = (await readiness()).body;
        return told.status === 'ready';
      }, 15_000);
      expect(told.replication_lag_seconds).toBeLessThan(1);
      await sqlIn(standby.url, 'select pg_wal_replay_pause()');
      await makeMember(shop);
      await until(async () => (await readiness()).body.dependencies.standby === 'behind', 15_000);
      expect(await readiness()).toMatchObject({ status: 200, body: { status: 'degraded' } });
      await sqlIn(standby.url, 'select pg_wal_replay_resume()');
      await until(async () => (await readiness()).body.status === 'ready', 15_000);
    } finally {
      await standby.close();
    }
    await until(async () => (await readiness()).body.dependencies.standby === 'missing', 15_000);
  });
});

describe('recovery to a point in time', () => {
  it('experiment 35 W28 C04 keeps what is older, drops what is newer, and erases again who was erased since', async () => {
    const directory = await folder();
    await copyCluster({ url: primary.url, from: home, to: directory, signal: 'recovery.signal' });
    const older = await makeMember(shop, { name: 'Older' });
    const erased = await makeMember(shop, { name: 'Erased Later' });
    const [point] = await sqlIn<{ now: string }>(primary.url, `select clock_timestamp()::text as now`);
    await delay(20);
    const newer = await makeMember(shop);
    await eraseMember(shop.shopId, erased.memberId);
    await sqlIn(primary.url, 'select pg_switch_wal()');
    const archived = async () =>
      (
        await sqlIn<{ n: number }>(
          primary.url,
          `select (last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216))::int as n from pg_stat_archiver`,
        )
      )[0]?.n === 1;
    await until(archived, 20_000);
    const recovered = await openLocalPostgres({
      directory,
      settings: {
        restore_command: `cp ${archive}/%f %p`,
        recovery_target_time: point?.now ?? '',
        recovery_target_action: 'promote',
        shared_buffers: '32MB',
      },
    });
    try {
      await until(
        async () => (await sqlIn<{ in: boolean }>(recovered.url, 'select pg_is_in_recovery() as in'))[0]?.in === false,
        15_000,
      );
      const states = async () =>
        Object.fromEntries(
          (await sqlIn<{ id: string; state: string }>(recovered.url, 'select id, state from member')).map(
            ({ id, state }) => [id, state],
          ),
        );
      expect(await states()).toMatchObject({ [older.memberId]: 'active', [erased.memberId]: 'active' });
      expect(Object.keys(await states())).not.toContain(newer.memberId);
      const backups = await mkdtemp(path.join(home, '..', 'backups-'));
      const { last } = await runCommand(
        { name: 'restore', url: recovered.url },
        '--directory',
        backups,
        '--recovered-to',
        new Date(point?.now ?? '').toISOString(),
      );
      expect(last).toMatchObject({ ok: true, erasedAgain: 1, erasuresKept: 1 });
      expect(await states()).toMatchObject({ [older.memberId]: 'active', [erased.memberId]: 'erased' });
      expect(await readdir(backups)).toEqual([]);
    } finally {
      await recovered.close();
    }
  });
});

describe('when the key that signed them was rotated away', () => {
  it('C04 F30 erasures that are kept still count, by the word the database has of their key', async () => {
    const next = `next-1:${randomBytes(32).toString('base64')}`;
    const both = { KEY_ENCRYPTION_KEYS: `${next},${testEnvironment.KEY_ENCRYPTION_KEYS}` };
    const alone = { KEY_ENCRYPTION_KEYS: next };
    const backups = await mkdtemp(path.join(home, '..', 'backups-'));
    const run = (name: 'keys' | 'backup' | 'restore', env: Record<string, string>, ...words: string[]) =>
      runCommand({ name, url: name === 'restore' ? target.url : primary.url, env }, ...words);
    const target = await createEmptyDatabase();
    try {
      expect((await run('keys', both, 'rewrap')).last).toMatchObject({ ok: true });
      expect((await run('backup', both, '--directory', backups)).last).toMatchObject({ ok: true, keyId: 'next-1' });
      const { last } = await run('restore', alone, '--directory', backups);
      expect(last).toMatchObject({ ok: true, erasuresKept: 1, erasedAgain: 0 });
    } finally {
      await target.drop();
    }
  });
});
