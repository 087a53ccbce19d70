import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

/**
 * The folder of one local PostgreSQL. Besides the cluster it holds what its users share: the guard's address,
 * the password and port, the lock and the logs. Only the account that made it can read the secrets.
 */
export interface PostgresHome {
  directory: string;
  cluster: string;
  rendezvous: string;
  access: string;
  lock: string;
  guardLog: string;
  serverLog: string;
}

/** Begins the name of the folder in which a cluster is made before it gets its place. */
export const DRAFT_PREFIX = 'init-';

const rendezvousSchema = z.object({ port: z.number().int(), token: z.string(), pid: z.number().int() });
const accessSchema = z.object({ port: z.number().int(), password: z.string() });

/** Where the guard listens and the token that proves a caller may read this folder. */
export type Rendezvous = z.infer<typeof rendezvousSchema>;

/** What stays the same from start to start, so that a URL handed out once stays valid. */
export type Access = z.infer<typeof accessSchema>;

/** The account PostgreSQL runs under when we are root, which it refuses to run as. */
export interface Account {
  uid: number;
  gid: number;
}

export function homeAt(directory: string): PostgresHome {
  return {
    directory,
    cluster: path.join(directory, 'cluster'),
    rendezvous: path.join(directory, 'guard.json'),
    access: path.join(directory, 'access.json'),
    lock: path.join(directory, 'guard.lock'),
    guardLog: path.join(directory, 'guard.log'),
    serverLog: path.join(directory, 'postgres.log'),
  };
}

/**
 * Makes the folder and answers where it is. As root it must be one the unprivileged account can enter; below a private
 * folder it cannot, and a folder outside, named after the wanted one, takes its place.
 */
export function settleHome(wanted: string): PostgresHome {
  const directory = path.resolve(wanted);
  mkdirSync(directory, { recursive: true });
  const account = unprivilegedAccount();
  if (account === undefined) {
    refuseForeign(directory);
    chmodSync(directory, 0o700);
    return homeAt(directory);
  }
  chmodSync(directory, 0o711);
  if (canEnter(directory, account)) return homeAt(directory);
  const name = `stampwell-postgres-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
  for (const parent of ['/var/tmp', tmpdir()]) {
    const substitute = path.join(parent, name);
    if (!makeOwnFolder(substitute)) continue;
    if (canEnter(substitute, account)) return homeAt(substitute);
  }
  throw new Error(`PostgreSQL cannot run as root, and no other account can enter ${directory}. Set DATABASE_URL.`);
}

/** Undefined unless we are root. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: numberOf('-u', name), gid: numberOf('-g', name) };
    } catch {
      // No such account on this machine; the next one may exist.
    }
  }
  throw new Error('PostgreSQL cannot run as root and neither `postgres` nor `nobody` exists. Set DATABASE_URL.');
}

/** Undefined when the file is missing or half-written, which only means that nobody is there yet. */
export function readRendezvous(home: PostgresHome): Rendezvous | undefined {
  return rendezvousSchema.safeParse(readJson(home.rendezvous)).data;
}

export function readAccess(home: PostgresHome): Access | undefined {
  return accessSchema.safeParse(readJson(home.access)).data;
}

/** Replaces a secret file as a whole, so that no reader ever sees half of it. */
export function writeSecret(file: string, content: Rendezvous | Access): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
  renameSync(draft, file);
}

/** The last part of a log, for an error message. */
export function tailOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().slice(-2000);
  } catch {
    return '';
  }
}

/**
 * What a database process may know of our environment: no secret of the product, and neither the PG… variables nor the
 * locale, which would make the server depend on who started it.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'].filter((name) => process.env[name] !== undefined);
  const values = Object.fromEntries(kept.map((name) => [name, process.env[name]]));
  return { ...values, NODE_ENV: process.env.NODE_ENV, LC_ALL: 'C', TZ: 'UTC' };
}

export function removeQuietly(file: string): void {
  rmSync(file, { force: true, recursive: true, maxRetries: 5 });
}

function refuseForeign(directory: string): void {
  const own = process.getuid?.();
  if (own === undefined || statSync(directory).uid === own) return;
  throw new Error(`${directory} belongs to another account. Remove it as that account, or set DATABASE_URL.`);
}

function makeOwnFolder(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o711 });
    chmodSync(directory, 0o711);
    return true;
  } catch {
    // The name can be guessed: a folder or link somebody else put there must not be trusted.
    const found = lstatSync(directory, { throwIfNoEntry: false });
    return found !== undefined && found.isDirectory() && found.uid === 0;
  }
}

function canEnter(directory: string, account: Account): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { ...account, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function numberOf(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

function readJson(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || !existsSync(file)) return undefined;
    throw error;
  }
}
