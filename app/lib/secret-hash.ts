/**
 * Hashes of client secrets, by bcrypt at cost 12. One hash takes about half a second of a core, so it is done one at a time on a
 * thread of its own: a flood of bad secrets makes other token requests wait, never webhooks, phones or health checks.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';

import { invariant, Unavailable } from '#app/lib/errors.ts';

export type HashTask = { id: number; secret: string; hash: string | null };
export type HashResult = { id: number; result: string | boolean };

const waitingMax = 64;
const rememberedMax = 10_000;
const rememberedMs = 5 * 60_000;

type Waiting = { resolve: (result: string | boolean) => void; reject: (error: Error) => void };

let thread: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

function openThread(): Worker {
  if (thread !== undefined) return thread;
  const opened = new Worker(new URL('secret-hash-thread.ts', import.meta.url));
  opened.on('message', ({ id, result }: HashResult) => {
    waiting.get(id)?.resolve(result);
    waiting.delete(id);
    // The thread keeps the process alive only while somebody waits for it.
    if (waiting.size === 0) opened.unref();
  });
  opened.on('error', (cause) => {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(new Error('Broken invariant: hashing failed', { cause }));
    waiting.clear();
  });
  thread = opened;
  return opened;
}

function run(task: Omit<HashTask, 'id'>): Promise<string | boolean> {
  if (waiting.size >= waitingMax)
    return Promise.reject(new Unavailable('too-many-secret-checks', 'Too many secrets are being checked at once'));
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    const worker = openThread();
    worker.ref();
    worker.postMessage({ id, ...task } satisfies HashTask);
  });
}

/** The bcrypt hash to store for a secret. Throws `Unavailable` when too many are waiting. */
export async function hashSecret(secret: string): Promise<string> {
  const hash = await run({ secret, hash: null });
  invariant(typeof hash === 'string', 'hashing answers with a hash');
  return hash;
}

/**
 * Secrets found right a moment ago, as keyed digests under a key that lives in this process only: a client that fetches many
 * tokens pays for bcrypt once. Checks under way are shared; secrets found wrong are never kept.
 */
const memoryKey = randomBytes(32);
const remembered = new Map<string, { isRight: Promise<boolean>; until: number }>();

/** Whether a secret belongs to a hash. Throws `Unavailable` when too many are waiting. */
export function isSecretOf(secret: string, hash: string): Promise<boolean> {
  const key = createHmac('sha256', memoryKey).update(`${hash}\u0000${secret}`).digest('base64');
  const known = remembered.get(key);
  if (known !== undefined && known.until > Date.now()) return known.isRight;
  if (remembered.size >= rememberedMax) remembered.clear();
  const isRight = run({ secret, hash }).then((result) => result === true);
  remembered.set(key, { isRight, until: Date.now() + rememberedMs });
  const forget = () => remembered.delete(key);
  isRight.then((right) => right || forget(), forget);
  return isRight;
}
