/**
 * Lanes to Apple, one for each certificate, on a thread of their own: HTTP/2 takes most of what a push costs, and beside it
 * the process goes on reading from the database and writing down what came of it.
 */
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';

import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import type { ApnsOptions } from '#app/gateways/apns.ts';
import { unavailable } from '#app/gateways/apns-outcome.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

export type LaneTask =
  | { kind: 'open'; lane: number; options: ApnsOptions }
  | { kind: 'push'; lane: number; batch: number; pushTokens: string[]; topic: string }
  | { kind: 'close'; lane: number; batch: number }
  /** Answered as soon as the thread has started. */
  | { kind: 'ready'; batch: number };

/** What could not be pushed at all, with what it takes to throw the same error here. */
type PushFailure = { kind: 'failed'; name: string; code: string; message: string };
export type PushReply = PushOutcome | PushFailure;
/** What came of each token of a batch, in their order. */
export type LaneAnswer = { batch: number; replies: PushReply[] };
export type LaneSetting = { trusted: string[] };

export type ApnsLane = {
  /**
   * Asks Apple to wake these devices for one topic (the pass type identifier). Answers what came of each, in their order.
   * Throws `Rejected` for a mistake of ours and `Unavailable` once the lane is closed.
   */
  push: (pushTokens: string[], topic: string) => Promise<PushOutcome[]>;
  /** Waits for the pushes under way and closes the connections. Safe to repeat. */
  close: () => Promise<void>;
};

type Waiting = { count: number; answer: (replies: PushReply[]) => void };
type Thread = {
  tell: (task: LaneTask) => void;
  /** What is answered for so many devices; also when the thread dies meanwhile. */
  ask: (task: LaneTask & { batch: number }, count: number) => Promise<PushReply[]>;
  end: () => Promise<unknown>;
};

let thread: Thread | undefined;
let lanesMade = 0;
let batchesMade = 0;
const nextBatch = () => (batchesMade += 1);

function openThread(): Thread {
  // Whom the process trusts by now; what it was told after its start does not reach a thread by itself.
  const workerData: LaneSetting = { trusted: tls.getCACertificates('default') };
  const worker = new Worker(new URL('apns-thread.ts', import.meta.url), { workerData });
  const waiting = new Map<number, Waiting>();
  worker.on('message', ({ batch, replies }: LaneAnswer) => {
    waiting.get(batch)?.answer(replies);
    waiting.delete(batch);
    // The thread keeps the process alive only while somebody waits for it.
    if (waiting.size === 0) worker.unref();
  });
  // Its end is told by 'exit' as well.
  worker.on('error', (error) => log.error('the pushing thread failed', { error, code: 'apns-thread-failed' }));
  worker.on('exit', () => {
    if (thread === opened) thread = undefined;
    for (const { count, answer } of waiting.values())
      answer(Array.from({ length: count }, () => unavailable('the pushing thread ended')));
  });
  const opened: Thread = {
    tell: (task) => worker.postMessage(task),
    ask: (task, count) =>
      new Promise((resolve) => {
        waiting.set(task.batch, { count, answer: resolve });
        worker.ref();
        worker.postMessage(task);
      }),
    end: () => worker.terminate(),
  };
  return opened;
}

/** Waits until the thread has started: who keeps to a pace takes their turn only then. */
export async function openLanes(): Promise<void> {
  thread ??= openThread();
  await thread.ask({ kind: 'ready', batch: nextBatch() }, 0);
}

/** Ends the thread. Comes after all lanes were closed; a push after it starts another. Safe to repeat. */
export async function closeLanes(): Promise<void> {
  const last = thread;
  thread = undefined;
  await last?.end();
}

/** A lane under one certificate. Nothing is opened until the first push; a thread that died is replaced at the next. */
export function createApnsLane(options: ApnsOptions): ApnsLane {
  lanesMade += 1;
  const lane = lanesMade;
  let openedIn: Thread | undefined;
  let isClosed = false;

  return {
    push: async (pushTokens, topic) => {
      if (isClosed) throw new Unavailable('apns-closed', 'The lane to Apple is closed');
      thread ??= openThread();
      if (openedIn !== thread) thread.tell({ kind: 'open', lane, options });
      openedIn = thread;
      const task = { kind: 'push', lane, batch: nextBatch(), pushTokens, topic } as const;
      return (await thread.ask(task, pushTokens.length)).map(outcomeOf);
    },
    close: async () => {
      isClosed = true;
      if (openedIn !== undefined && openedIn === thread)
        await thread.ask({ kind: 'close', lane, batch: nextBatch() }, 0);
    },
  };
}

function outcomeOf(reply: PushReply): PushOutcome {
  if (reply.kind !== 'failed') return reply;
  const { name, code, message } = reply;
  if (name === 'Unavailable') throw new Unavailable(code, message);
  throw new Rejected(code, message);
}
