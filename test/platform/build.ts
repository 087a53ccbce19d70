/** Builds the app and the extensions when the last build is older than what it was made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const rootDirectory = path.join(import.meta.dirname, '..', '..');
/** Node loads these themselves; no bundle holds them. */
const unbundled = /^(?:data|edge|flows|gateways|jobs|queries|web)\/|^server\.ts$/;
const lockPollMs = 200;

type Build = {
  name: string;
  /** Written last. */
  bundles: string[];
  sources: string[];
  program: string;
  words: string[];
};

const app: Build = {
  name: 'app',
  bundles: ['build/server/index.js'],
  sources: ['app', 'vite.config.ts', 'package.json'],
  program: 'node_modules/@remix-run/dev/dist/cli.js',
  words: ['vite:build'],
};

const handles = ['checkout-sign-up', 'pos-loyalty'];

const extensions: Build = {
  name: 'extensions',
  bundles: handles.map((handle) => `extensions/${handle}/dist/${handle}.js`),
  sources: handles.flatMap((handle) =>
    ['src', 'locales', 'shopify.extension.toml'].map((part) => `extensions/${handle}/${part}`),
  ),
  program: 'extensions/build.ts',
  words: [],
};

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

/** Whether what was built is as new as its sources. */
function isFresh({ bundles, sources }: Build): boolean {
  const builtAtMs = Math.min(...bundles.map((bundle) => changedAtMs(path.join(rootDirectory, bundle))));
  return builtAtMs > 0 && sources.every((source) => newestMs(source) <= builtAtMs);
}

const lockOf = (build: Build): string =>
  path.join(rootDirectory, '.data', build === app ? 'build.lock' : `build-${build.name}.lock`);

/** Whether the process that holds the lock is gone. */
function isLockStale(lockFile: string): boolean {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0);
    return false;
  } catch {
    return true;
  }
}

/** One build at a time: two writing into one folder would leave a mixture. */
async function takeLock(lockFile: string): Promise<void> {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch {
      if (isLockStale(lockFile)) rmSync(lockFile, { force: true });
      else await delay(lockPollMs);
    }
  }
}

async function ensure(build: Build): Promise<void> {
  if (isFresh(build)) return;
  const lockFile = lockOf(build);
  await takeLock(lockFile);
  try {
    if (!isFresh(build)) await run(build);
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** Makes sure there is a build of the app's current sources. Safe to ask for from several processes at once. */
export function ensureBuild(): Promise<void> {
  return ensure(app);
}

let extensionsUnderWay: Promise<void> | null = null;

/** The same for the extensions. */
export function ensureExtensions(): Promise<void> {
  // The lock knows processes; within one, the build under way serves everybody.
  extensionsUnderWay ??= ensure(extensions).finally(() => {
    extensionsUnderWay = null;
  });
  return extensionsUnderWay;
}

async function run({ name, program, words }: Build): Promise<void> {
  const child = spawn(process.execPath, [path.join(rootDirectory, program), ...words], {
    cwd: rootDirectory,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the ${name} did not build:\n${output.slice(-4000)}`);
}
