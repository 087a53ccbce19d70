/** The note a running demo leaves, so that other commands and tests find it. It holds secrets: readable by us only. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { dataDirectory } from '#test/platform/data-directory.ts';

const runningFile = (): string => path.join(dataDirectory(), 'running.json');

const runningSchema = z.object({
  pid: z.number().int(),
  /** Of the web and worker processes, as they were started first. */
  processIds: z.array(z.number().int()),
  appUrl: z.string(),
  walletUrl: z.string(),
  platformUrl: z.string(),
  databaseUrl: z.string(),
  environment: z.record(z.string(), z.string()),
});

export type Running = z.infer<typeof runningSchema>;

/** Leaves the note. */
export function writeRunning(running: Running): void {
  mkdirSync(path.dirname(runningFile()), { recursive: true });
  const draft = `${runningFile()}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(running, null, 2), { mode: 0o600 });
  renameSync(draft, runningFile());
}

/** The system that runs now, or null. A note whose launcher is dead counts for nothing. */
export function readRunning(): Running | null {
  try {
    const running = runningSchema.parse(JSON.parse(readFileSync(runningFile(), 'utf8')));
    process.kill(running.pid, 0);
    return running;
  } catch {
    return null;
  }
}

/** Takes our own note away; that of another launcher stays. */
export function removeRunning(): void {
  if (readRunning()?.pid === process.pid) rmSync(runningFile(), { force: true });
}
