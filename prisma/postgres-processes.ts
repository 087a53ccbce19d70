import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { DRAFT_PREFIX } from '#prisma/postgres-home.ts';
import type { PostgresHome } from '#prisma/postgres-home.ts';

const FAST_SHUTDOWN_MS = 15_000;
const KILL_WAIT_MS = 5000;
const POLL_MS = 20;

interface ProcessLine {
  pid: number;
  command: string;
  /** Where it works; empty where that is not told. */
  folder: string;
}

/**
 * Stops whatever still runs in this folder after its guard or its postmaster died: the postmaster by a fast shutdown,
 * backends without one by force (their shared memory belongs to nobody any more), and an `initdb` that nobody waits for.
 */
export async function stopLeftovers(home: PostgresHome, clusterName: string): Promise<void> {
  const title = `postgres: ${clusterName}: `;
  const draft = path.join(home.directory, DRAFT_PREFIX);
  const isServer = ({ command }: ProcessLine) => command.includes(` -D ${home.cluster} `);
  const isOurs = (line: ProcessLine) =>
    // What `initdb` starts is told its folder by the environment alone, and goes on for a moment without it.
    line.command.startsWith(title) ||
    line.command.includes(` -D ${draft}`) ||
    line.folder.startsWith(draft) ||
    isServer(line);
  const found = processes().filter(isOurs);
  for (const { pid } of found.filter(isServer)) {
    signal(pid, 'SIGINT');
    if (!(await isGone([pid], FAST_SHUTDOWN_MS))) signal(pid, 'SIGKILL');
  }
  for (const { pid } of processes().filter(isOurs)) signal(pid, 'SIGKILL');
  const pids = found.map(({ pid }) => pid);
  if (!(await isGone(pids, KILL_WAIT_MS))) throw new Error(`Old PostgreSQL processes will not end: ${pids.join(', ')}`);
}

function processes(): ProcessLine[] {
  if (process.platform === 'linux') return readdirSync('/proc').flatMap(linuxProcess);
  if (process.platform === 'win32') return [];
  const listing = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line) => {
    const match = /^\s*(\d+) (.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), command: `${match[2]} `, folder: '' }] : [];
  });
}

// Read directly, because slim images have no `ps`.
function linuxProcess(entry: string): ProcessLine[] {
  if (!/^\d+$/.test(entry)) return [];
  try {
    const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return [{ pid: Number(entry), command, folder: folderOf(entry) }];
  } catch {
    return []; // It ended in the meantime.
  }
}

/** Another account's process does not tell. */
function folderOf(entry: string): string {
  try {
    return readlinkSync(`/proc/${entry}/cwd`);
  } catch {
    return '';
  }
}

async function isGone(pids: number[], waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (pids.some(isAlive)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** A zombie counts as ended: it holds nothing any more, and only its parent can take it away. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
