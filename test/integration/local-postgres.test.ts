import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { readRendezvous, settleHome, writeSecret } from '#prisma/postgres-home.ts';
import { isAlive } from '#prisma/postgres-processes.ts';
import {
  answers,
  ask,
  guardPid,
  makeFolder,
  serverPid,
  startUser,
  until,
  untilGone,
} from '#test/support/local-postgres.ts';
import type { PostgresUser } from '#test/support/local-postgres.ts';
import { leastMs } from '#test/support/timing.ts';

// Clusters are made and servers started, one after the other: slow where something else goes on.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const BACK_WITHIN_MS = 5000;
/** For what has to come, however long it takes. */
const PATIENCE_MS = 30_000;
const KILLS_MAX = 5;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let started: number[] = [];

beforeAll(async () => {
  folder = await makeFolder({ isPrivate: false });
});

afterEach(async () => {
  for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
  started = [];
  // The next test begins with nothing running, whatever this one left.
  const { close } = await openLocalPostgres(folder);
  await close();
});

afterAll(() => folder.remove());

async function user(directory = folder.directory): Promise<PostgresUser> {
  const { pid, ready } = startUser(directory);
  started.push(pid);
  return ready;
}

describe('the server', () => {
  test('is durable, speaks UTF-8 and listens on the loopback address only', async () => {
    const { url } = await user();
    const names = ['fsync', 'data_checksums', 'listen_addresses', 'unix_socket_directories', 'jit', 'wal_level'];
    const syncing = 'recovery_init_sync_method';
    const [row] = await ask(
      url,
      `select ${[...names, syncing].map((name) => `current_setting('${name}') as ${name}`).join()}`,
    );
    expect(row).toEqual({
      // Of the whole file system at once: file by file it is most of the outage after a crash.
      [syncing]: process.platform === 'linux' ? 'syncfs' : 'fsync',
      fsync: 'on',
      data_checksums: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      jit: 'off',
      wal_level: 'replica',
    });
    const [database] = await ask(
      url,
      `select pg_encoding_to_char(encoding) as encoding, datcollate from pg_database where datname = current_database()`,
    );
    expect(database).toEqual({ encoding: 'UTF8', datcollate: 'C' });
  });

  test('asks for a password that only its owner can read', async () => {
    const { url } = await user();
    const wrong = new URL(url);
    wrong.password = 'guessed';
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    const home = settleHome(folder.directory);
    for (const file of [home.access, home.rendezvous, home.lock]) expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('is told nothing of the environment of the process that starts it', async () => {
    const environment = { ...process.env };
    process.env['SHOPIFY_API_SECRET'] = 'a-secret';
    const { close } = await openLocalPostgres(folder).finally(() => (process.env = environment));
    const pids = [guardPid(folder.directory), await serverPid(folder.directory)];
    const isLinux = process.platform === 'linux';
    const seen = isLinux ? pids.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8')).join('\0') : '';
    await close();
    expect(seen).not.toContain('a-secret');
    expect(seen.includes('LC_ALL=C')).toBe(isLinux);
  });
});

describe('sharing', () => {
  test('later users attach to the first one’s server, and the last to close stops it', async () => {
    const first = await user();
    const second = await user();
    const pids = [await serverPid(folder.directory), guardPid(folder.directory)];
    expect(second.url).toBe(first.url);
    await first.close();
    expect(await answers(second.url)).toBe(true);
    await second.close();
    // A process that has ended is on the list for another moment.
    await untilGone(pids, 10_000);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('closing resolves only when PostgreSQL has stopped, and may be repeated', async () => {
    const { close } = await openLocalPostgres(folder);
    const pid = await serverPid(folder.directory);
    await close();
    expect(isAlive(pid)).toBe(false);
    await expect(close()).resolves.toBeUndefined();
  });

  test('processes that start at the same moment get one cluster', async () => {
    const fresh = await makeFolder({ isPrivate: false });
    const users = await Promise.all([user(fresh.directory), user(fresh.directory), user(fresh.directory)]);
    const identities = await Promise.all(
      users.map(({ url }) =>
        ask(url, 'select system_identifier::text, pg_postmaster_start_time() from pg_control_system()'),
      ),
    );
    await Promise.all(users.map(({ close }) => close()));
    await fresh.remove();
    expect(identities[1]).toEqual(identities[0]);
    expect(identities[2]).toEqual(identities[0]);
  });

  test('a stranger without the token can neither attach nor stop it', async () => {
    const { url } = await user();
    const rendezvous = readRendezvous(settleHome(folder.directory));
    const stranger = connect(rendezvous?.port ?? 0, '127.0.0.1');
    stranger.end('guessed\nleave\n');
    const heard: Buffer[] = await stranger.toArray();
    expect(heard).toEqual([]);
    expect(await answers(url)).toBe(true);
  });

  test('the URL stays the same from start to start', async () => {
    const first = await openLocalPostgres(folder);
    await first.close();
    const second = await openLocalPostgres(folder);
    await second.close();
    expect(second.url).toBe(first.url);
  });
});

describe('the death of a user', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('by %s leaves no server behind', async (signal) => {
    const only = await user();
    const pids = [await serverPid(folder.directory), guardPid(folder.directory)];
    await only.kill(signal);
    await untilGone(pids, PATIENCE_MS);
    const next = await user();
    expect(await answers(next.url)).toBe(true);
  });

  test('takes nothing away from the others', async () => {
    const victim = await user();
    const other = await user();
    const pid = await serverPid(folder.directory);
    await victim.kill('SIGKILL');
    expect(await answers(other.url)).toBe(true);
    expect(await serverPid(folder.directory)).toBe(pid);
  });

  test('in the middle of the first start leaves no half-made cluster', async () => {
    const fresh = await killFirstStart();
    const home = settleHome(fresh.directory);
    const next = await user(fresh.directory);
    const isAnswering = await answers(next.url);
    const leftovers = readdirSync(home.directory).filter((name) => name.startsWith('init-'));
    await next.close();
    await fresh.remove();
    expect(isAnswering).toBe(true);
    expect(leftovers).toEqual([]);
  });
});

describe('the death of the guard', () => {
  test('is made good by the users that remain: same URL, and still no orphan at the end', async () => {
    const only = await user();
    const guard = guardPid(folder.directory);
    process.kill(guard, 'SIGKILL');
    await until(() => isReplaced(guard), PATIENCE_MS);
    await until(() => answers(only.url), PATIENCE_MS);
    const pids = [await serverPid(folder.directory), guardPid(folder.directory)];
    await only.kill('SIGKILL');
    await untilGone(pids, PATIENCE_MS);
    expect(pids).not.toContain(guard);
  });

  test('together with its users leaves a server that the next start ends first', async () => {
    const only = await user();
    const [orphan, guard] = [await serverPid(folder.directory), guardPid(folder.directory)];
    process.kill(guard, 'SIGKILL');
    await only.kill('SIGKILL');
    const next = await user();
    expect(isAlive(orphan)).toBe(false);
    expect(await answers(next.url)).toBe(true);
    expect(await serverPid(folder.directory)).not.toBe(orphan);
  });

  test('together with the server leaves a stale lock file that does not stop the next start', async () => {
    const only = await user();
    const pids = [guardPid(folder.directory), await serverPid(folder.directory)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await only.kill('SIGKILL');
    const next = await user();
    expect(await answers(next.url)).toBe(true);
  });
});

describe('the death of the server', () => {
  test('by kill -9 is repaired within seconds, at the same URL, without losing what was committed', async () => {
    const { url } = await user();
    await ask(url, 'create table kept as select 42 as answer');
    const backAfterMs = await leastMs(BACK_WITHIN_MS, async () => {
      // A backend that never looks up keeps its shared memory, which would stop a careless restart.
      const busy = ask(url, 'do $$ begin loop end loop; end $$').catch((error: unknown) => error);
      const isBusy = `select from pg_stat_activity where query like 'do $$%'`;
      await until(async () => (await ask(url, isBusy)).length > 0, PATIENCE_MS);
      const pid = await serverPid(folder.directory);
      process.kill(pid, 'SIGKILL');
      await untilGone([pid], PATIENCE_MS);
      const tookMs = await until(() => answers(url), PATIENCE_MS);
      expect(await ask(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
      expect(await busy).toBeInstanceOf(Error);
      return tookMs;
    });
    expect(backAfterMs).toBeLessThan(BACK_WITHIN_MS);
    await ask(url, 'drop table kept');
  });

  test('while it cannot start, as with a full disk, is repaired when it can again, and nobody has to be started anew', async () => {
    const { url } = await user();
    const home = settleHome(folder.directory);
    const version = path.join(home.cluster, 'PG_VERSION');
    renameSync(version, `${version}.aside`);
    process.kill(await serverPid(folder.directory), 'SIGKILL');
    const failures = () => readFileSync(home.guardLog, 'utf8').split('did not start').length - 1;
    await until(() => failures() > 2, PATIENCE_MS).finally(() => renameSync(`${version}.aside`, version));
    await until(() => answers(url), PATIENCE_MS);
    expect(await answers(url)).toBe(true);
  });

  test('before it ever ran is reported with its own words', async () => {
    const broken = await makeFolder({ isPrivate: false });
    const { close } = await openLocalPostgres(broken);
    await close();
    await writeFile(path.join(settleHome(broken.directory).cluster, 'PG_VERSION'), '9.6\n');
    await expect(openLocalPostgres(broken)).rejects.toThrow(/did not start[^]*9\.6/);
    await broken.remove();
  });
});

describe('where it lives', () => {
  test('a checkout below a private folder works', async () => {
    const hidden = await makeFolder({ isPrivate: true });
    const { url, close } = await openLocalPostgres(hidden);
    const isAnswering = await answers(url);
    const again = await openLocalPostgres(hidden);
    await close();
    await again.close();
    await hidden.remove();
    expect(isAnswering).toBe(true);
    expect(again.url).toBe(url);
  });

  test('a stale address that leads to somebody else’s silent service does not stop the start', async () => {
    const stranger = createServer(() => undefined);
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const address = stranger.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    writeSecret(settleHome(folder.directory).rendezvous, { port, token: 'stale', pid: process.pid });
    const { url, close } = await openLocalPostgres(folder);
    const isAnswering = await answers(url);
    await close();
    stranger.close();
    expect(isAnswering).toBe(true);
  });
});

/** A folder in which the first start was killed while its cluster was made; where it was ready before that was seen, another one. */
async function killFirstStart(): ReturnType<typeof makeFolder> {
  for (let kill = 1; kill <= KILLS_MAX; kill += 1) {
    const fresh = await makeFolder({ isPrivate: false });
    const home = settleHome(fresh.directory);
    const starting = startUser(fresh.directory);
    starting.ready.catch(() => undefined);
    await until(() => readdirSync(home.directory).some((name) => name.startsWith('init-')), PATIENCE_MS);
    const guard = guardPid(fresh.directory);
    for (const pid of [starting.pid, guard]) process.kill(pid, 'SIGKILL');
    await untilGone([starting.pid, guard], PATIENCE_MS);
    if (!existsSync(home.cluster)) return fresh;
    // The next start ends what this one left.
    await (await user(fresh.directory)).close();
    await fresh.remove();
  }
  throw new Error(`It was over ${KILLS_MAX} times before this was seen.`);
}

function isReplaced(guard: number): boolean {
  // The one who takes over removes the dead guard's file first.
  const pid = readRendezvous(settleHome(folder.directory))?.pid;
  return pid !== undefined && pid !== guard;
}
