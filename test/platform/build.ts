/** Builds the app when the last build is older than what it was made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const rootDirectory = path.join(import.meta.dirname, '..', '..');
const bundle = path.join(rootDirectory, 'build', 'server', 'index.js');
const builder = path.join(rootDirectory, 'node_modules', '@remix-run', 'dev', 'dist', 'cli.js');
const sources = ['app', 'vite.config.ts', 'package.json'];

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
  const files = readdirSync(full, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((entry) => changedAtMs(path.join(entry.parentPath, entry.name))));
}

/** Whether the built app is as new as its sources. */
function isBuildFresh(): boolean {
  const builtAtMs = changedAtMs(bundle);
  return builtAtMs > 0 && sources.every((source) => newestMs(source) <= builtAtMs);
}

/** Makes sure there is a build of the current sources; says how long it took, 0 when there was one. */
export async function ensureBuild(): Promise<{ durationMs: number }> {
  if (isBuildFresh()) return { durationMs: 0 };
  const startedAt = performance.now();
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
  return { durationMs: performance.now() - startedAt };
}
