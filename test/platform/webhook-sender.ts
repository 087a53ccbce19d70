/**
 * Sends webhooks the way Shopify does: signed over the raw bytes, five seconds to answer, everything that is not 2xx
 * tried again with growing pauses, no promise about order. A test may duplicate, delay, hold back, reorder and drop.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { call } from '#test/platform/http.ts';

type Attempt = { at: Date; status: number | null; durationMs: number; problem: string | null };

export type Delivery = {
  webhookId: string;
  eventId: string;
  topic: string;
  shopDomain: string;
  body: Buffer;
  triggeredAt: Date;
  attempts: Attempt[];
  state: 'held' | 'pending' | 'delivered' | 'failed' | 'dropped';
};

type WebhookInput = {
  shopDomain: string;
  topic: string;
  body: Buffer | string | object;
  /** One action of a merchant causes one event, which may be told by several topics. */
  eventId?: string;
  webhookId?: string;
  triggeredAt?: Date;
  delayMs?: number;
  isDropped?: boolean;
  /** Added to or replacing the headers; an empty value removes one. */
  headers?: Record<string, string>;
};

export type WebhookSender = {
  /** Sends one; resolves when it was taken, given up or dropped. */
  send: (input: WebhookInput) => Promise<Delivery>;
  /** Sends an earlier one again with the same ids, as at-least-once delivery does. */
  sendAgain: (delivery: Delivery) => Promise<Delivery>;
  /** From now on nothing leaves until `release`, which may reorder what waits. */
  hold: () => void;
  release: (arrange?: (waiting: Delivery[]) => Delivery[]) => Promise<Delivery[]>;
  deliveries: () => Delivery[];
  /** Gives up what is still being tried. */
  close: () => void;
};

export type WebhookSenderOptions = {
  /** Where the app takes webhooks; asked at each attempt. */
  url: () => string;
  secret: string;
  attemptsMax?: number;
  /** The first pause; each next one doubles, up to `retryMaxMs`. */
  retryBaseMs?: number;
  retryMaxMs?: number;
  timeoutMs?: number;
  onAttempt?: (delivery: Delivery, attempt: Attempt) => void;
};

const logLength = 20_000;

/** Signs bytes as Shopify does. */
export function signWebhook(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** The headers of one delivery. */
export function webhookHeaders(secret: string, delivery: Delivery): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Shopify-Captain-Hook',
    'x-shopify-topic': delivery.topic,
    'x-shopify-hmac-sha256': signWebhook(secret, delivery.body),
    'x-shopify-shop-domain': delivery.shopDomain,
    'x-shopify-api-version': '2026-07',
    'x-shopify-webhook-id': delivery.webhookId,
    'x-shopify-event-id': delivery.eventId,
    'x-shopify-triggered-at': delivery.triggeredAt.toISOString(),
  };
}

function bytesOf(body: Buffer | string | object): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function mergeHeaders(headers: Record<string, string>, changes: Record<string, string>): Record<string, string> {
  const changed = Object.entries(changes).map(([name, value]) => [name.toLowerCase(), value]);
  const merged: Record<string, string> = { ...headers, ...Object.fromEntries(changed) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

/** Makes a sender. It keeps a log of what it sent, the newest last. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { attemptsMax = 9, retryBaseMs = 250, retryMaxMs = Infinity, timeoutMs = 5000 } = options;
  const log: Delivery[] = [];
  let waiting: { delivery: Delivery; start: () => void }[] | null = null;
  const end = new AbortController();

  async function attempt(delivery: Delivery, headers: Record<string, string>): Promise<Attempt> {
    const at = new Date();
    const startedAt = performance.now();
    try {
      const signed = mergeHeaders(webhookHeaders(options.secret, delivery), headers);
      const answer = await call({
        url: options.url(),
        method: 'POST',
        headers: signed,
        body: delivery.body,
        timeoutMs,
      });
      return { at, status: answer.status, durationMs: answer.durationMs, problem: null };
    } catch (error) {
      return { at, status: null, durationMs: performance.now() - startedAt, problem: String(error) };
    }
  }

  async function deliver(delivery: Delivery, headers: Record<string, string>): Promise<Delivery> {
    delivery.state = 'pending';
    for (let number = 1; number <= attemptsMax && !end.signal.aborted; number += 1) {
      const outcome = await attempt(delivery, headers);
      delivery.attempts.push(outcome);
      options.onAttempt?.(delivery, outcome);
      if (outcome.status !== null && outcome.status >= 200 && outcome.status < 300) {
        delivery.state = 'delivered';
        return delivery;
      }
      if (number < attemptsMax) {
        await delay(Math.min(retryMaxMs, retryBaseMs * 2 ** (number - 1)), undefined, { ref: false });
      }
    }
    delivery.state = 'failed';
    return delivery;
  }

  function record(delivery: Delivery): void {
    log.push(delivery);
    if (log.length > logLength) log.splice(0, log.length - logLength);
  }

  async function start(delivery: Delivery, headers: Record<string, string>): Promise<Delivery> {
    const held = waiting;
    if (held === null) return deliver(delivery, headers);
    delivery.state = 'held';
    await new Promise<void>((resolve) => held.push({ delivery, start: resolve }));
    return deliver(delivery, headers);
  }

  async function send(input: WebhookInput): Promise<Delivery> {
    const delivery: Delivery = {
      webhookId: input.webhookId ?? randomUUID(),
      eventId: input.eventId ?? randomUUID(),
      topic: input.topic,
      shopDomain: input.shopDomain,
      body: bytesOf(input.body),
      triggeredAt: input.triggeredAt ?? new Date(),
      attempts: [],
      state: 'pending',
    };
    record(delivery);
    if (input.isDropped === true) {
      delivery.state = 'dropped';
      return delivery;
    }
    if (input.delayMs !== undefined) await delay(input.delayMs, undefined, { ref: false });
    return start(delivery, input.headers ?? {});
  }

  async function release(arrange: (held: Delivery[]) => Delivery[] = (held) => held): Promise<Delivery[]> {
    const held = waiting ?? [];
    waiting = null;
    const arranged = arrange(held.map((entry) => entry.delivery));
    for (const delivery of arranged) {
      held.find((entry) => entry.delivery === delivery)?.start();
      // Each waits for the one before it, or the order asked for would be lost on the way.
      while (delivery.state === 'held' || delivery.state === 'pending') await delay(2);
    }
    return arranged;
  }

  return {
    send,
    sendAgain: (delivery) => {
      const again: Delivery = { ...delivery, attempts: [], state: 'pending' };
      record(again);
      return start(again, {});
    },
    hold: () => {
      waiting ??= [];
    },
    release,
    deliveries: () => [...log],
    close: () => {
      end.abort();
    },
  };
}
