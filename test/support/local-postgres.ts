import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from 'pg';

import { readRendezvous, settleHome } from '#prisma/postgres-home.ts';
import { isAlive } from '#prisma/postgres-processes.ts';

const program = path.join(import.meta.dirname, 'local-postgres-user.ts');

/** Another process that has the local PostgreSQL open. */
export interface PostgresUser {
  url: string;
  pid: number;
  kill: (signal: NodeJS.Signals) => Promise<void>;
  close: () => Promise<void>;
}

/** A folder for one cluster; `remove` takes away what stands in for it elsewhere too. */
export async function makeFolder({ isPrivate }: { isPrivate: boolean }) {
  const parent = await mkdtemp(path.join(tmpdir(), 'stampwell-test-'));
  await chmod(parent, isPrivate ? 0o700 : 0o711);
  const directory = path.join(parent, 'pg');
  const remove = async () => {
    const home = settleHome(directory);
    await rm(home.directory, { recursive: true, force: true });
    await rm(parent, { recursive: true, force: true });
  };
  return { directory, remove };
}

/** Starts a process that opens the folder; `ready` resolves once it has the URL. */
export function startUser(directory: string): { pid: number; ready: Promise<PostgresUser> } {
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  const close = async () => {
    child.stdin.write('close\n');
    await ended;
  };
  const ready = lines.next().then(({ value, done }) => {
    if (done === true) throw new Error('The process ended without a URL.');
    return { url: value, pid, kill, close };
  });
  return { pid, ready };
}

export async function serverPid(directory: string): Promise<number> {
  const text = await readFile(path.join(settleHome(directory).cluster, 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

export function guardPid(directory: string): number {
  const rendezvous = readRendezvous(settleHome(directory));
  if (!rendezvous) throw new Error('There is no guard.');
  return rendezvous.pid;
}

/** How long it took until `condition` held, in milliseconds; fails when it does not within `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`Not within ${timeoutMs} ms: ${String(condition)}`);
    await delay(20);
  }
  return performance.now() - startedAt;
}

export function untilGone(pids: number[], timeoutMs: number): Promise<number> {
  return until(() => !pids.some(isAlive), timeoutMs);
}

/** One statement over a connection of its own. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // The statement rejects as well.
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

export async function answers(url: string): Promise<boolean> {
  try {
    await ask(url, 'select 1');
    return true;
  } catch {
    return false;
  }
}
