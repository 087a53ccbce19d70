/** A merchant's address for alerts on the web: a real TLS server, and a way there that keeps all rules of fetching. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';

import { createGuardedFetch, type GuardedFetch } from '#app/lib/guarded-fetch.ts';
import { listen } from '#test/platform/http.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';

export type ReceivedAlert = {
  type: string;
  data: Record<string, unknown>;
  headers: Record<string, string>;
  body: string;
};

export type AlertListener = {
  url: string;
  fetch: GuardedFetch;
  /** What was received with a good signature; anything else is answered with 401. */
  received: ReceivedAlert[];
  /** What it answers from now on. */
  answer: (status: number) => void;
  setSecret: (secret: string) => void;
  close: () => void;
};

const toleranceSeconds = 300;

/** Checked the way Standard Webhooks 1.0 tells receivers to. */
function isSigned(secret: string, headers: Record<string, string>, body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const [version, given = ''] = signature.split(',');
    const bytes = Buffer.from(given, 'base64');
    return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

/** Starts one. */
export async function startAlertListener(): Promise<AlertListener> {
  const { pems } = await keptCertificates();
  const received: ReceivedAlert[] = [];
  let status = 204;
  let secret = '';
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts).toString('utf8');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const isGenuine = isSigned(secret, headers, body);
    if (status < 300 && isGenuine)
      received.push({ ...(JSON.parse(body) as Pick<ReceivedAlert, 'type' | 'data'>), headers, body });
    response.writeHead(isGenuine ? status : 401).end();
  };
  const server = createServer({ cert: pems.serverCertificate, key: pems.serverKey }, (request, response) => {
    void take(request, response);
  });
  const port = await listen(server, 0);
  return {
    url: 'https://localhost/alerts',
    received,
    fetch: createGuardedFetch({
      resolve: () => Promise.resolve(['93.184.216.34']),
      dial: () => ({ host: '127.0.0.1', port, ca: pems.root }),
    }),
    answer: (next) => {
      status = next;
    },
    setSecret: (next) => {
      secret = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
