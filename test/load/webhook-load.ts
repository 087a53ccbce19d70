/** A cheap source of signed webhooks: raw sockets, requests signed beforehand, a fresh id for each. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type SignedBody = { body: Buffer; hmac: string };
export type LoadTarget = { port: number; path: string; shopDomain: string; bodies: SignedBody[] };
export type LoadOutcome = { ok: number; failed: number; perSecond: number; latenciesMs: number[] };

type Connection = { send: (startedAt: number) => void; close: () => void };
type Counters = { ok: number; failed: number; latenciesMs: number[] };

function requestHead(target: LoadTarget, signed: SignedBody): string {
  return [
    `POST ${target.path} HTTP/1.1`,
    `host: 127.0.0.1:${target.port}`,
    'content-type: application/json',
    'user-agent: Shopify-Captain-Hook',
    `content-length: ${signed.body.length}`,
    'x-shopify-topic: orders/paid',
    `x-shopify-hmac-sha256: ${signed.hmac}`,
    `x-shopify-shop-domain: ${target.shopDomain}`,
    'x-shopify-api-version: 2026-07',
    `x-shopify-event-id: ${randomUUID()}`,
    `x-shopify-triggered-at: ${new Date().toISOString()}`,
    'x-shopify-webhook-id: ',
  ].join('\r\n');
}

/** One keep-alive connection with one request at a time. Every answer has an empty body, so its head is all of it. */
async function openConnection(
  target: LoadTarget,
  counters: Counters,
  onFree: (own: Connection) => void,
): Promise<Connection> {
  const heads = target.bodies.map((signed) => requestHead(target, signed));
  const socket: Socket = connect(target.port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  let startedAt = 0;
  let received = '';
  let next = Math.floor(Math.random() * heads.length);
  const connection: Connection = {
    send: (at) => {
      startedAt = at;
      next = (next + 1) % heads.length;
      socket.cork();
      socket.write(`${heads[next] ?? ''}${randomUUID()}\r\n\r\n`, 'latin1');
      socket.write(target.bodies[next]?.body ?? '');
      socket.uncork();
    },
    close: () => socket.destroy(),
  };
  socket.on('data', (chunk: string) => {
    received += chunk;
    if (!received.endsWith('\r\n\r\n')) return;
    if (received.startsWith('HTTP/1.1 2')) counters.ok += 1;
    else counters.failed += 1;
    received = '';
    counters.latenciesMs.push(performance.now() - startedAt);
    onFree(connection);
  });
  // A connection that breaks is a failure as well.
  socket.on('error', () => (counters.failed += 1));
  return connection;
}

async function openAll(
  target: LoadTarget,
  counters: Counters,
  options: { connections: number; onFree: (own: Connection) => void },
): Promise<Connection[]> {
  return Promise.all(
    Array.from({ length: options.connections }, () => openConnection(target, counters, options.onFree)),
  );
}

/** As fast as it goes: every connection sends the next as soon as the last was answered. */
export async function sendFlatOut(
  target: LoadTarget,
  options: { connections: number; durationMs: number },
): Promise<LoadOutcome> {
  const counters: Counters = { ok: 0, failed: 0, latenciesMs: [] };
  let busy = options.connections;
  const endsAt = performance.now() + options.durationMs;
  const connections = await openAll(target, counters, {
    connections: options.connections,
    onFree: (own) => {
      if (performance.now() < endsAt) own.send(performance.now());
      else busy -= 1;
    },
  });
  const startedAt = performance.now();
  for (const connection of connections) connection.send(startedAt);
  while (busy > 0 && performance.now() < endsAt + 5_000) await delay(1);
  const perSecond = (counters.ok * 1000) / (performance.now() - startedAt);
  for (const connection of connections) connection.close();
  return { ...counters, perSecond };
}

/**
 * At a steady pace, whether answers come or not. A request that has to wait for a connection has waited since it was due,
 * so slow moments are not left out of the latencies.
 */
export async function sendPaced(
  target: LoadTarget,
  options: { connections: number; durationMs: number; perSecond: number },
): Promise<LoadOutcome> {
  const counters: Counters = { ok: 0, failed: 0, latenciesMs: [] };
  const free: Connection[] = [];
  const due: number[] = [];
  const sendDue = (): void => {
    while (due.length > 0 && free.length > 0) free.pop()?.send(due.shift() ?? 0);
  };
  const connections = await openAll(target, counters, {
    connections: options.connections,
    onFree: (own) => {
      free.push(own);
      sendDue();
    },
  });
  free.push(...connections);
  const startedAt = performance.now();
  const total = Math.floor((options.perSecond * options.durationMs) / 1000);
  for (let sent = 0; sent < total;) {
    const wanted = Math.min(total, Math.floor(((performance.now() - startedAt) * options.perSecond) / 1000));
    for (; sent < wanted; sent += 1) due.push(startedAt + (sent * 1000) / options.perSecond);
    sendDue();
    await delay(1);
  }
  while (counters.ok + counters.failed < total && performance.now() < startedAt + options.durationMs + 10_000)
    await delay(2);
  const perSecond = (counters.ok * 1000) / (performance.now() - startedAt);
  for (const connection of connections) connection.close();
  return { ...counters, perSecond };
}
