/** Requests that keep coming while something else is done: whoever sends them must not notice it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { openMemberLink } from '#app/data/cards/card-links.ts';
import { type Edge, headersOf } from '#test/support/edge.ts';
import { orderBody } from '#test/support/factories.ts';
import { createDevice, type HeldPass } from '#test/support/wallet-device.ts';
import { call } from '#test/platform/http.ts';

const timeoutMs = 30_000;

export type Traffic = {
  /** Resolves when so many more were answered. */
  untilServed: (count: number) => Promise<void>;
  /** Stops, waits for what is under way and tells how it went. */
  stop: () => Promise<{ sent: number; perSecond: number; failures: string[] }>;
};

/** Sends requests in turns, 125 a second where the machine can; each throws when it was not served. */
export function startTraffic(requests: Record<string, (index: number) => Promise<void>>): Traffic {
  const everyMs = 8;
  // A machine that cannot keep up is not flooded.
  const underWayMax = 40;
  const named = Object.entries(requests);
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let isStopping = false;
  let sent = 0;
  let answered = 0;

  const send = (): void => {
    const [name, request] = named[sent % named.length] ?? [];
    if (name === undefined || request === undefined) return;
    sent += 1;
    const one = request(sent)
      .catch(
        (error: unknown) => void failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        answered += 1;
        underWay.delete(one);
      });
    underWay.add(one);
  };

  const going = (async () => {
    while (!isStopping) {
      if (underWay.size < underWayMax) send();
      // Timers are late by a little: two at once make up for it.
      if (underWay.size < underWayMax && sent < (performance.now() - startedAt) / everyMs) send();
      await delay(everyMs);
    }
  })();
  return {
    untilServed: async (count) => {
      const enough = answered + count;
      while (answered < enough) await delay(everyMs);
    },
    stop: async () => {
      isStopping = true;
      await going;
      const seconds = (performance.now() - startedAt) / 1000;
      await Promise.all(underWay);
      return { sent, perSecond: sent / seconds, failures: [...new Set(failures)] };
    },
  };
}

type ApiRequest = { method?: string; body?: unknown; headers?: Record<string, string> };

/** Asks for JSON; anything but success is thrown. */
export async function ask(edge: Edge, path: string, request: ApiRequest = {}): Promise<Record<string, unknown>> {
  const { status, body } = await call({
    url: `${edge.url}${path}`,
    method: request.method ?? 'GET',
    headers: { 'content-type': 'application/json', ...request.headers },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    timeoutMs,
  });
  const text = body.toString('utf8');
  if (status >= 300) throw new Error(`${status} ${text}`);
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

type Webhook = { shop: string; topic?: string; secret?: string };

async function sendWebhook(edge: Edge, webhook: Webhook, content: Record<string, unknown>): Promise<void> {
  const body = JSON.stringify(content);
  const headers = headersOf({ body, ...webhook });
  const { status } = await call({ url: `${edge.url}/webhooks/shopify`, method: 'POST', headers, body, timeoutMs });
  if (status !== 200) throw new Error(`a webhook was answered with ${status}`);
}

type Subject = {
  edge: Edge;
  pass: HeldPass;
  domain: string;
  /** Of a member there is. */
  email: string;
  token: () => string;
  cardUrl: () => string;
};

/** Everything that reads or writes something sealed, signed or keyed. */
export function usesOfKeys({
  edge,
  pass,
  domain,
  email,
  token,
  cardUrl,
}: Subject): Record<string, (index: number) => Promise<void>> {
  const authorization = () => ({ authorization: `Bearer ${token()}` });
  const expectStatus = (status: number, expected: number) => {
    if (status !== expected) throw new Error(`it was answered with ${status}`);
  };
  return {
    'find by e-mail': async () => {
      const found = await ask(edge, `/api/v1/members?email=${encodeURIComponent(email)}`, { headers: authorization() });
      if ((found['members'] as unknown[]).length !== 1) throw new Error('the member was not found');
    },
    'create a member': async (index) => {
      const body = { email: `new-${index}-${randomUUID()}@example.com`, externalId: randomUUID() };
      const headers = { ...authorization(), 'idempotency-key': randomUUID() };
      await ask(edge, '/api/v1/members', { method: 'POST', body, headers });
    },
    'fetch a pass': async () => expectStatus((await createDevice(edge).get(pass)).status, 200),
    'register a device': async () => expectStatus(await createDevice(edge).register(pass), 201),
    'open a link': async () => {
      await openMemberLink(cardUrl().split('/').at(-1) ?? '', { purpose: 'card', at: new Date() });
    },
    'webhook under the newest secret': () => sendWebhook(edge, { shop: domain, secret: 'test-secret' }, orderBody()),
    'webhook under the secret before': () => sendWebhook(edge, { shop: domain, secret: 'older-secret' }, orderBody()),
    'webhook about a person': () =>
      sendWebhook(
        edge,
        { shop: domain, topic: 'customers/data_request' },
        { shop_domain: domain, customer: { id: 77, email: 'x@example.com' }, orders_requested: [] },
      ),
  };
}
