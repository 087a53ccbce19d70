/**
 * Owns one local PostgreSQL on behalf of every process that uses it. Each user holds one connection to this process;
 * a connection ends with its process, however that dies, and with the last one PostgreSQL is stopped. Runs detached,
 * so that Ctrl-C in a terminal reaches the users only.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { homeAt, removeQuietly, writeSecret } from '#prisma/postgres-home.ts';
import type { PostgresHome } from '#prisma/postgres-home.ts';
import { startServer, stopServer } from '#prisma/postgres-server.ts';
import type { PostgresServer } from '#prisma/postgres-server.ts';

/** Answered by a second guard of the same folder; its starter then finds the first. */
const BUSY_EXIT_CODE = 3;
const FIRST_USER_MS = 5000;
const GREETING_MS = 5000;
const FAREWELL_MS = 200;
/** So many deaths in a row, each soon after a start: starting again at once does not mend it. */
const RESTARTS_AT_ONCE_MAX = 5;
/** Then, as with a disk that is full, it is tried from time to time, for as long as somebody waits for it. */
const RETRY_PAUSE_MS = 2000;
const HEALTHY_MS = 2000;

interface Guard {
  home: PostgresHome;
  settings: Record<string, string>;
  token: string;
  listener: Server;
  users: Set<Socket>;
  server: Promise<PostgresServer>;
  isStopping: boolean;
  /** Whether it ever was ready. One that never was is not tried again: whoever asked for it is told why. */
  hasServed: boolean;
  /** When the running server was ready. */
  readyAtMs: number;
  restarts: number;
}

async function main(): Promise<void> {
  const [directory = '', settingsJson = '{}'] = process.argv.slice(2);
  const home = homeAt(directory);
  const settings = z.record(z.string(), z.string()).parse(JSON.parse(settingsJson));
  process.stderr.on('error', () => undefined); // Its file may be on the disk that is full.
  const lock = takeLock(home);
  if (!lock) process.exit(BUSY_EXIT_CODE);
  truncateSync(home.guardLog);
  removeQuietly(home.rendezvous); // It names a guard that is dead.
  const token = randomBytes(24).toString('hex');
  const listener = createServer();
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const guard: Guard = {
    home,
    settings,
    token,
    listener,
    users: new Set(),
    server: startServer(home, settings),
    isStopping: false,
    hasServed: false,
    readyAtMs: Date.now(),
    restarts: 0,
  };
  listener.on('connection', (socket) => greet(guard, socket));
  watch(guard);
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('The guard has no address.');
  writeSecret(home.rendezvous, { port: address.port, token, pid: process.pid });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(guard));
  process.on('SIGHUP', () => undefined);
  await delay(FIRST_USER_MS);
  if (guard.users.size === 0) await stop(guard);
}

/**
 * Held by the kernel for as long as this process lives, so that no crash leaves it behind and no two guards ever share
 * a folder. SQLite is the one portable file lock Node brings along.
 */
function takeLock(home: PostgresHome): DatabaseSync | undefined {
  const lock = new DatabaseSync(home.lock);
  chmodSync(home.lock, 0o600); // Or another account could hold it against us.
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    if (String(error).includes('locked')) return undefined;
    throw error;
  }
}

/** One connection: the token on the first line makes it a user, `leave` on the second ends that. */
function greet(guard: Guard, socket: Socket): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.setTimeout(GREETING_MS, () => {
    if (!guard.users.has(socket)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (guard.users.delete(socket) && guard.users.size === 0) void stop(guard);
  });
  socket.on('data', (chunk: string) => {
    received += chunk;
    const [token = '', request] = received.split('\n');
    const isGreeted = request !== undefined;
    if (isGreeted ? !isSame(token, guard.token) : received.length > guard.token.length) {
      socket.destroy();
    } else if (isGreeted && !guard.users.has(socket)) {
      guard.users.add(socket);
      void answer(guard, socket);
    }
    if (guard.users.has(socket) && request === 'leave') leave(guard, socket);
  });
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** First that this is the guard, then, once the server is up, its URL. */
async function answer(guard: Guard, socket: Socket): Promise<void> {
  socket.write(`${JSON.stringify({ isGuard: true })}\n`);
  try {
    const { url } = await guard.server;
    socket.write(`${JSON.stringify({ url })}\n`);
  } catch (error) {
    socket.end(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
  }
}

/** The last to leave hears back only when PostgreSQL is gone. */
function leave(guard: Guard, socket: Socket): void {
  if (guard.users.size > 1) {
    guard.users.delete(socket);
    socket.end();
  } else {
    void stop(guard);
  }
}

/** PostgreSQL died by itself: bring it back on the same port, and its users recover by connecting again. */
function watch(guard: Guard): void {
  guard.server.then(
    ({ child }) => {
      guard.readyAtMs = Date.now();
      guard.hasServed = true;
      if (child.exitCode === null && child.signalCode === null) child.once('exit', () => void restart(guard));
      else void restart(guard);
    },
    (error: unknown) => {
      // Not each time anew: what it says stays the same, and there may be no room for it.
      if (guard.restarts <= RESTARTS_AT_ONCE_MAX) process.stderr.write(`${String(error)}\n`);
      void (guard.hasServed ? restart(guard) : stop(guard));
    },
  );
}

async function restart(guard: Guard): Promise<void> {
  if (Date.now() - guard.readyAtMs > HEALTHY_MS) guard.restarts = 0;
  guard.restarts += 1;
  guard.readyAtMs = Number.POSITIVE_INFINITY;
  if (guard.restarts > RESTARTS_AT_ONCE_MAX) await delay(RETRY_PAUSE_MS);
  if (guard.isStopping) return;
  guard.server = startServer(guard.home, guard.settings);
  watch(guard);
}

async function stop(guard: Guard): Promise<void> {
  if (guard.isStopping) return;
  guard.isStopping = true;
  // From here on nobody finds this guard; who comes now waits for the lock and starts anew.
  guard.listener.close();
  removeQuietly(guard.home.rendezvous);
  try {
    await stopServer(await guard.server);
  } catch {
    await delay(FAREWELL_MS); // It never started, and its users are just being told why.
  }
  // The lock and the users' connections end with the process: who sees its connection close knows all is over.
  process.exit();
}

await main();
