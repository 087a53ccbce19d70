/** How the tests ended the last time they ran, file by file: what the promises are checked against. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const root = path.join(import.meta.dirname, '..', '..', '..');
const resultsFile = path.join(root, '.data', 'test-results.json');
/** What a test's outcome depends on. */
const sources = ['app', 'workers', 'prisma', 'extensions', 'test', 'docs', 'package-lock.json', 'shopify.app.toml'];
const notSources = new Set(['generated', 'node_modules', 'dist', 'images']);

const resultsSchema = z.record(
  z.string(),
  z.object({ ranAt: z.number(), tests: z.record(z.string(), z.enum(['passed', 'failed'])) }),
);

/** Per file, relative to the project's root: when it ran (milliseconds since 1970), and how each test ended, by its own name. */
export type TestResults = z.infer<typeof resultsSchema>;

/** All results on record; empty when there are none, or none that can be read. */
export function readResults(): TestResults {
  if (!existsSync(resultsFile)) return {};
  try {
    return resultsSchema.parse(JSON.parse(readFileSync(resultsFile, 'utf8')));
  } catch {
    return {};
  }
}

/** Replaces the results of the files that ran; others stay. */
export function addResults(results: TestResults): void {
  mkdirSync(path.dirname(resultsFile), { recursive: true });
  writeFileSync(resultsFile, JSON.stringify({ ...readResults(), ...results }));
}

function newestChange(at: string): number {
  const status = statSync(at);
  if (!status.isDirectory()) return status.mtimeMs;
  const inside = readdirSync(at).filter((name) => !notSources.has(name));
  return Math.max(0, ...inside.map((name) => newestChange(path.join(at, name))));
}

/** Files among `files` whose results are missing or older than something they depend on. */
export function filesToRun(files: string[], results: TestResults): string[] {
  const changedAt = Math.max(...sources.map((name) => newestChange(path.join(root, name))));
  return files.filter((file) => (results[file]?.ranAt ?? 0) < changedAt);
}
