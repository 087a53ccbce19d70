/** Child processes of a running system: started, watched, killed and started again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { nodeWords } from '#test/platform/node-words.ts';

export type Role = 'web' | 'worker';

export type ProcessOptions = {
  name: string;
  program: string;
  arguments: string[];
  environment: NodeJS.ProcessEnv;
  /** Whether it comes back by itself after a crash. */
  isRestarting: boolean;
  /** Gets every line it writes. */
  onLine: (line: string) => void;
  /** Told when it ended without being asked to. */
  onCrash: (reason: string) => void;
};

export type ManagedProcess = {
  name: string;
  pid: () => number | undefined;
  isRunning: () => boolean;
  /** Whether it has ended and nothing starts it again. */
  isOver: () => boolean;
  /** Resolves when it has ended; asks nicely first, and ends it by force after five seconds. */
  stop: () => Promise<void>;
  /** Ends it by a signal, without it coming back. Resolves with its exit status, null when the signal itself ended it. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>;
  start: () => void;
  /** What it wrote last. */
  tail: () => string;
};

const rootDirectory = path.join(import.meta.dirname, '..', '..');
const followParent = path.join(import.meta.dirname, 'follow-parent.ts');
const stopTimeoutMs = 5000;
const restartPauseMs = 500;
/** As `npm run start:web` and `start:worker` have them. */
const nodeOptions = [...nodeWords, '--experimental-async-context-frame'];
const tailLines = 40;

/** Starts a program of this repository under Node; it ends with us, whatever happens. */
export function startProcess(options: ProcessOptions): ManagedProcess {
  let child: ChildProcess | null = null;
  let isWanted = false;
  const lines: string[] = [];

  function keepLine(line: string): void {
    if (line === '') return;
    lines.push(line);
    if (lines.length > tailLines) lines.shift();
    options.onLine(line);
  }

  function start(): void {
    isWanted = true;
    const started = spawn(
      process.execPath,
      [...nodeOptions, '--import', followParent, options.program, ...options.arguments],
      // Detached, so that Ctrl-C in a terminal reaches the launcher only, which then stops everything in order.
      { cwd: rootDirectory, env: options.environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    child = started;
    for (const stream of [started.stdout, started.stderr]) readLines(stream, keepLine);
    started.once('exit', (code, signal) => {
      if (child === started) child = null;
      if (!isWanted) return;
      options.onCrash(`${options.name} ended with ${signal ?? code}`);
      if (options.isRestarting)
        void delay(restartPauseMs).then(() => (isWanted && child === null ? start() : undefined));
    });
  }

  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    isWanted = false;
    const running = child;
    if (running === null) return null;
    const ended = once(running, 'exit');
    running.kill(signal);
    const [code]: unknown[] = await ended;
    return typeof code === 'number' ? code : null;
  }

  async function stop(): Promise<void> {
    const running = child;
    const force = setTimeout(() => running?.kill('SIGKILL'), stopTimeoutMs);
    await kill('SIGTERM');
    clearTimeout(force);
  }

  start();
  return {
    name: options.name,
    pid: () => child?.pid,
    isRunning: () => child !== null,
    isOver: () => child === null && !(isWanted && options.isRestarting),
    stop,
    kill,
    start: () => {
      if (child === null) start();
    },
    tail: () => lines.join('\n'),
  };
}

function readLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) onLine(part);
  });
  stream?.on('end', () => onLine(rest));
}
