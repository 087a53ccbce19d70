/**
 * `POST /webhooks/shopify`. 200: stored (also when seen before); 401: not from Shopify; 400: bad JSON or headers;
 * 413: over 2 MiB; 503 with Retry-After: could not be stored, or not in time. Never 200 for what is not stored.
 */
import { isUtf8 } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import { type IncomingDelivery, receiveWebhook } from '#app/flows/orders/receive-webhook.ts';
import { readRawBody } from '#app/edge/raw-body.ts';
import { env } from '#app/lib/env.ts';
import { isFailure, Unavailable } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

const bodyBytesMax = 2 * 1024 * 1024;
const headerLengthMax = 255;
const retryAfterSeconds = 5;
/** Shopify waits five seconds for an answer, from when it connects. */
const storeWithinMs = 4_000;
/** Base64 of 32 bytes, spelled the one canonical way. */
const hmacPattern = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const shopPattern = /^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/;
const topicPattern = /^[a-z_]{1,60}(\/[a-z_]{1,60})+$/;

/** Whether any of our current secrets signed these bytes. Every secret is tried, so the time tells nothing. */
export function isSignedByShopify(body: Buffer, header: string | string[] | undefined): boolean {
  if (typeof header !== 'string' || !hmacPattern.test(header)) return false;
  const given = Buffer.from(header, 'base64');
  let isSigned = false;
  for (const secret of env().SHOPIFY_API_SECRET) {
    if (timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given)) isSigned = true;
  }
  return isSigned;
}

type DeliveryHeaders = { topic: string; shopDomain: string; webhookId: string; triggeredAt: Date | null };

function readHeader(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value.length > 0 && value.length <= headerLengthMax ? value : null;
}

function readHeaders(headers: IncomingHttpHeaders): DeliveryHeaders | null {
  const topic = readHeader(headers, 'x-shopify-topic')?.toLowerCase();
  const shopDomain = readHeader(headers, 'x-shopify-shop-domain')?.toLowerCase();
  const webhookId = readHeader(headers, 'x-shopify-webhook-id');
  const triggered = readHeader(headers, 'x-shopify-triggered-at');
  const encoding = headers['content-encoding'];
  if (!topic || !topicPattern.test(topic) || !shopDomain || !shopPattern.test(shopDomain) || !webhookId) return null;
  // Shopify never compresses; unpacking what strangers send is how servers run out of memory.
  if (encoding !== undefined && encoding !== 'identity') return null;
  const at = triggered === null ? Number.NaN : Date.parse(triggered);
  return { topic, shopDomain, webhookId, triggeredAt: Number.isNaN(at) ? null : new Date(at) };
}

function parseJson(body: Buffer): { text: string; value: unknown } | null {
  if (!isUtf8(body)) return null;
  const text = body.toString('utf8');
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': '0', ...headers });
  response.end();
}

/** A 401 names the scheme; this one is Shopify's own. */
const challenge = { 'www-authenticate': 'Shopify-Hmac-SHA256 realm="Stampwell"' };

/**
 * Stores a delivery, or throws `Unavailable` before the caller loses patience with a database that hangs. It may still be
 * stored after that: when it comes again it is known already.
 */
async function storeInTime(delivery: IncomingDelivery): Promise<void> {
  const storing = receiveWebhook(delivery);
  // What fails after the answer has nobody left to hear of it.
  storing.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const give = () => reject(new Unavailable('delivery-not-stored-in-time', 'The database takes too long to answer'));
    timer = setTimeout(give, storeWithinMs);
  });
  try {
    await Promise.race([storing, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Handles one webhook request from first byte to answer. */
export async function handleWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRawBody(request, bodyBytesMax);
  if (body === 'too-large') {
    answer(response, 413, { connection: 'close' });
    return;
  }
  if (body === 'aborted') return;
  if (!isSignedByShopify(body, request.headers['x-shopify-hmac-sha256'])) return answer(response, 401, challenge);
  const headers = readHeaders(request.headers);
  const json = headers === null ? null : parseJson(body);
  if (headers === null || json === null) return answer(response, 400);
  try {
    await storeInTime({ ...headers, body: json.value, text: json.text });
  } catch (error) {
    log.error('a delivery could not be stored', {
      topic: headers.topic,
      error,
      ...(isFailure(error) && { code: error.code }),
    });
    return answer(response, 503, { 'retry-after': String(retryAfterSeconds) });
  }
  answer(response, 200);
}
