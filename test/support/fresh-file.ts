/**
 * Test files follow one another in one process, which spares each the start of its own and the loading of every library. Of
 * ours nothing is carried over: each file gets modules that were never evaluated, the environment the process started with,
 * empty metrics and real timers.
 */
import type { Worker } from 'node:worker_threads';

import { register } from 'prom-client';
import { vi } from 'vitest';

type Process = { environment: NodeJS.ProcessEnv; threads: Set<Worker> };
const key = Symbol.for('stampwell.test-process');

/** What has to be known of this process outlives the modules, this one included. */
function processState(): Process {
  const kept: unknown = Reflect.get(globalThis, key);
  if (isProcess(kept)) return kept;
  const made: Process = { environment: { ...process.env }, threads: new Set() };
  process.on('worker', (thread) => made.threads.add(thread));
  Reflect.set(globalThis, key, made);
  return made;
}

function isProcess(value: unknown): value is Process {
  return typeof value === 'object' && value !== null && 'environment' in value;
}

const { environment, threads } = processState();
vi.unstubAllEnvs();
for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
Object.assign(process.env, environment);
for (const thread of threads) void thread.terminate();
threads.clear();
register.clear();
vi.useRealTimers();
vi.unstubAllGlobals();
vi.resetModules();
