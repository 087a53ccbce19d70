import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { cleanEnvironment, readRendezvous, settleHome, tailOf } from '#prisma/postgres-home.ts';
import type { PostgresHome } from '#prisma/postgres-home.ts';

const guardProgram = path.join(import.meta.dirname, 'postgres-guard.ts');
const BUSY_EXIT_CODE = 3;
const OPEN_TIMEOUT_MS = 90_000;
const GUARD_ANSWER_MS = 4000;
const POLL_MS = 30;

const replySchema = z.object({
  isGuard: z.literal(true).optional(),
  url: z.string().optional(),
  error: z.string().optional(),
});

type Reply = z.infer<typeof replySchema>;

interface Attachment {
  url: string;
  socket: Socket;
}

/**
 * Opens the PostgreSQL that comes with the repository, keeping its data below `directory`. The first process to ask
 * starts it, later ones share it, and it stops with the last one, whether that closes, is interrupted or is killed.
 * Should the server itself die, it comes back at the same URL within seconds. `settings` are server settings;
 * those of the process that starts it count. The URL is the superuser's.
 *
 * `close` may be called twice; called by the last user it resolves when PostgreSQL has stopped.
 */
export async function openLocalPostgres(options: {
  directory: string;
  settings?: Record<string, string>;
}): Promise<{ url: string; close: () => Promise<void> }> {
  const home = settleHome(options.directory);
  const settings = options.settings ?? {};
  let attachment = await attach(home, settings);
  let isClosed = false;
  const keepAttached = (): void => {
    attachment.socket.once('close', () => {
      if (isClosed) return;
      // The guard was killed. A new one takes over the server, so that it still ends when we do.
      attach(home, settings).then(
        (renewed) => {
          attachment = renewed;
          if (isClosed) void detach(renewed.socket);
          else keepAttached();
        },
        () => undefined, // Without a guard the server is gone too, which every query will report.
      );
    });
  };
  keepAttached();
  const close = async (): Promise<void> => {
    isClosed = true;
    await detach(attachment.socket);
  };
  return { url: attachment.url, close };
}

async function attach(home: PostgresHome, settings: Record<string, string>): Promise<Attachment> {
  const deadline = Date.now() + OPEN_TIMEOUT_MS;
  let starting: ChildProcess | undefined;
  while (Date.now() < deadline) {
    const attachment = await greet(home);
    if (attachment) return attachment;
    const exitCode = starting?.exitCode ?? null;
    if (exitCode !== null && exitCode !== 0 && exitCode !== BUSY_EXIT_CODE) {
      throw new Error(`The guard of the local PostgreSQL could not start:\n${tailOf(home.guardLog)}`);
    }
    if (!starting || exitCode !== null || starting.signalCode !== null) starting = startGuard(home, settings);
    await delay(POLL_MS);
  }
  throw new Error(`The local PostgreSQL did not start in time:\n${tailOf(home.guardLog)}`);
}

function startGuard(home: PostgresHome, settings: Record<string, string>): ChildProcess {
  const log = openSync(home.guardLog, 'a', 0o600);
  const flags = ['--disable-warning=ExperimentalWarning', guardProgram];
  const guard = spawn(process.execPath, [...flags, home.directory, JSON.stringify(settings)], {
    cwd: '/',
    detached: true,
    env: cleanEnvironment(),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  guard.unref();
  return guard;
}

/** Undefined when no guard answers; throws what the guard says when it cannot provide a server. */
async function greet(home: PostgresHome): Promise<Attachment | undefined> {
  const rendezvous = readRendezvous(home);
  if (!rendezvous) return undefined;
  const socket = connect(rendezvous.port, '127.0.0.1');
  socket.setEncoding('utf8');
  // After a crash the port may be somebody else's, who need not ever answer.
  socket.setTimeout(GUARD_ANSWER_MS, () => socket.destroy());
  socket.write(`${rendezvous.token}\n`);
  const reply = await new Promise<Reply | undefined>((resolve) => {
    let received = '';
    socket.on('data', (chunk: string) => {
      received += chunk;
      const replies = received.split('\n').slice(0, -1).map(parseReply);
      if (replies[0]?.isGuard === true) socket.setTimeout(0);
      else if (replies.length > 0) socket.destroy();
      if (replies.length > 1) resolve(replies[1]);
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
  if (reply?.error !== undefined) throw new Error(reply.error);
  if (reply?.url === undefined) {
    socket.destroy();
    return undefined;
  }
  // Holding the server must not hold the process: one that has nothing else to do may end.
  socket.unref();
  return { url: reply.url, socket };
}

function parseReply(line: string): Reply | undefined {
  try {
    return replySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function detach(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.ref();
  socket.write('leave\n');
  await closed;
}
