/** Builds the app when the last build is older than what it was made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const rootDirectory = path.join(import.meta.dirname, '..', '..');
const bundle = path.join(rootDirectory, 'build', 'server', 'index.js');
const builder = path.join(rootDirectory, 'node_modules', '@remix-run', 'dev', 'dist', 'cli.js');
const lockFile = path.join(rootDirectory, '.data', 'build.lock');
const sources = ['app', 'vite.config.ts', 'package.json'];
/** Node loads these themselves; no bundle holds them. */
const unbundled = /^(?:data|edge|flows|gateways|jobs|queries|web)\/|^server\.ts$/;
const lockPollMs = 200;

function changedAtMs(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function newestMs(relative: string): number {
  const full = path.join(rootDirectory, relative);
  if (!statSync(full).isDirectory()) return changedAtMs(full);
  const files = readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !unbundled.test(path.relative(full, file).replaceAll('\\', '/')));
  return Math.max(0, ...files.map(changedAtMs));
}

/** Whether the built app is as new as its sources. */
function isBuildFresh(): boolean {
  const builtAtMs = changedAtMs(bundle);
  return builtAtMs > 0 && sources.every((source) => newestMs(source) <= builtAtMs);
}

/** Whether the process that holds the lock is gone. */
function isLockStale(): boolean {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0);
    return false;
  } catch {
    return true;
  }
}

/** One build at a time: two writing into one folder would leave a mixture. */
async function takeLock(): Promise<void> {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch {
      if (isLockStale()) rmSync(lockFile, { force: true });
      else await delay(lockPollMs);
    }
  }
}

/** Makes sure there is a build of the current sources. Safe to ask for from several processes at once. */
export async function ensureBuild(): Promise<void> {
  if (isBuildFresh()) return;
  await takeLock();
  try {
    if (!isBuildFresh()) await build();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

async function build(): Promise<void> {
  const child = spawn(process.execPath, [builder, 'vite:build'], {
    cwd: rootDirectory,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the app did not build:\n${output.slice(-4000)}`);
}
