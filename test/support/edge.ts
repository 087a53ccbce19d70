/** The edge lane on a port of its own, and callers that may be as rude as the real world. */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';

import { routeEdge } from '#app/edge/router.ts';
import { type Answer, call, closeServer, listen } from '#test/platform/http.ts';

export type Edge = { url: string; port: number; close: () => Promise<void> };

/** Starts the edge lane; what is not the edge's is answered with 404. */
export async function startEdge(): Promise<Edge> {
  const server = createServer((request, response) => {
    if (!routeEdge(request, response)) response.writeHead(404).end();
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, port, close: () => closeServer(server) };
}

export type Delivery = {
  body: string | Buffer;
  shop: string;
  topic?: string;
  webhookId?: string;
  secret?: string;
  /** Headers that replace or join the usual ones; undefined takes one away. */
  headers?: Record<string, string | undefined>;
};

export function hmacOf(body: string | Buffer, secret = 'test-secret'): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** The headers Shopify sends with a body. */
export function headersOf(delivery: Delivery): Record<string, string> {
  const headers = {
    'content-type': 'application/json',
    'x-shopify-topic': delivery.topic ?? 'orders/paid',
    'x-shopify-shop-domain': delivery.shop,
    'x-shopify-webhook-id': delivery.webhookId ?? randomUUID(),
    'x-shopify-hmac-sha256': hmacOf(delivery.body, delivery.secret),
    'x-shopify-triggered-at': new Date().toISOString(),
    ...delivery.headers,
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Posts a delivery the way Shopify does. */
export function post(edge: Edge, delivery: Delivery): Promise<Answer> {
  return call({
    url: `${edge.url}/webhooks/shopify`,
    method: 'POST',
    headers: headersOf(delivery),
    body: delivery.body,
  });
}

/** Writes bytes to a socket and reads until it ends. `write` may go on after the answer has begun; a cut is no error. */
export function talk(
  edge: Edge,
  write: (send: (bytes: string | Buffer) => Promise<boolean>) => Promise<void>,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(edge.port, '127.0.0.1');
    let answer = '';
    const send = (bytes: string | Buffer) =>
      new Promise<boolean>((done) => {
        if (socket.destroyed || !socket.writable) done(false);
        else socket.write(bytes, (error) => done(!error));
      });
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.on('end', () => socket.destroy());
    socket.on('connect', () => void write(send));
  });
}
