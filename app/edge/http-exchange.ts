/** Small pieces of HTTP that the API's handlers share: reading JSON, answering JSON, refusing. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { readRawBody } from '#app/edge/raw-body.ts';
import { repeatsName } from '#app/lib/json-names.ts';

type RefusalDetails = { code: string; detail: string; headers?: Record<string, string> };

/** A request that is wrong as HTTP, before it means anything to the product: 400, 404, 405, 413. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(status: number, details: RefusalDetails) {
    super(details.code);
    this.name = 'HttpRefusal';
    this.status = status;
    this.details = details;
  }
}

/** The body as text. Throws `HttpRefusal`. */
export async function readText(request: IncomingMessage, bytesMax: number): Promise<string> {
  const body = await readRawBody(request, bytesMax);
  if (body === 'too-large')
    throw new HttpRefusal(413, {
      code: 'body-too-large',
      detail: `The body must not be larger than ${bytesMax} bytes.`,
      headers: { connection: 'close' },
    });
  if (body === 'aborted' || !isUtf8(body))
    throw new HttpRefusal(400, { code: 'bad-body', detail: 'The body is not UTF-8 text.' });
  return body.toString('utf8');
}

/** A text as JSON, in which nobody has to guess which of two values counts. Throws `HttpRefusal`. */
export function parseJson(text: string): unknown {
  const value = valueOf(text);
  if (repeatsName(text))
    throw new HttpRefusal(400, { code: 'bad-json', detail: 'A name stands twice in one object of the body.' });
  return value;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpRefusal(400, { code: 'bad-json', detail: 'The body is not JSON.' });
  }
}

/** What a 401 asks for (RFC 6750, 3.1): who sent no token at all is not told that it was wrong. */
export function bearerChallenge(realm: string, { authorization }: IncomingMessage['headers']): string {
  return `Bearer realm="${realm}"${authorization === undefined ? '' : ', error="invalid_token"'}`;
}

const alwaysHeaders = {
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

/** What is answered; `text` is the value written as JSON already. */
type JsonAnswer = { value: unknown; text?: string; headers?: Record<string, string | number> };

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, answer: JsonAnswer): void {
  const body = answer.text ?? JSON.stringify(answer.value);
  response.writeHead(status, {
    ...alwaysHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

/** Answers a GET with JSON and its ETag (a digest of it, unless there is a better one), or with 304 when the caller has the same already. */
export function sendTagged(
  exchange: { request: IncomingMessage; response: ServerResponse },
  answer: JsonAnswer & { tag: string | null },
): void {
  const etag = answer.tag ?? tagOf(answer.value);
  const headers = { 'cache-control': 'private, no-cache', vary: 'authorization', ...answer.headers, etag };
  const known = (exchange.request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes('*') || known.includes(etag.replace(/^W\//, ''))) {
    exchange.response.writeHead(304, { ...alwaysHeaders, ...headers });
    exchange.response.end();
    return;
  }
  sendJson(exchange.response, 200, { ...answer, headers });
}

/** The entity tag of what has no better one: a digest of it. */
export function tagOf(value: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27)}"`;
}
