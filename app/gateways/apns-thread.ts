/** The thread behind `apns-lanes.ts`: an APNs client for each lane, pushing what it is asked to. */
import tls from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

import { type ApnsClient, createApnsClient } from '#app/gateways/apns.ts';
import type { LaneAnswer, LaneSetting, LaneTask, PushReply } from '#app/gateways/apns-lanes.ts';
import { isFailure } from '#app/lib/errors.ts';

const clients = new Map<number, ApnsClient>();
const answer = (told: LaneAnswer): void => parentPort?.postMessage(told);

tls.setDefaultCACertificates((workerData as LaneSetting).trusted);
parentPort?.on('message', (task: LaneTask) => {
  if (task.kind === 'open') clients.set(task.lane, createApnsClient(task.options));
  else if (task.kind === 'push') void push(task);
  else if (task.kind === 'close') void close(task);
  else answer({ batch: task.batch, replies: [] });
});

async function push({ lane, batch, pushTokens, topic }: Extract<LaneTask, { kind: 'push' }>): Promise<void> {
  const client = clients.get(lane);
  const pushOne = async (pushToken: string): Promise<PushReply | undefined> =>
    client?.push(pushToken, topic).catch(failureOf);
  const replies = await Promise.all(pushTokens.map(pushOne));
  answer({ batch, replies: replies.filter((reply) => reply !== undefined) });
}

async function close({ lane, batch }: Extract<LaneTask, { kind: 'close' }>): Promise<void> {
  await clients.get(lane)?.close();
  clients.delete(lane);
  answer({ batch, replies: [] });
}

/** An error as what can be handed to another thread. */
function failureOf(error: unknown): PushReply {
  const message = error instanceof Error ? error.message : String(error);
  if (!isFailure(error)) return { kind: 'failed', name: 'Error', code: 'apns-failed', message };
  return { kind: 'failed', name: error.name, code: error.code, message };
}
