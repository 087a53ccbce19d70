/** `/api/v1/…`, `/oauth/…` and the public keys: authenticate, limit, parse, hand over, answer. Errors are problem+json. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { apiLimits, noQuerySchema } from '#app/contracts/api.ts';
import { type ApiOperation, isMutation, matchPath } from '#app/contracts/api-operation.ts';
import { type ApiOperationId, apiOperations } from '#app/contracts/api-operations.ts';
import { openApiDocument } from '#app/contracts/openapi.ts';
import { type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { cardHandlers } from '#app/edge/api-cards.ts';
import { ledgerHandlers } from '#app/edge/api-ledger.ts';
import { memberHandlers } from '#app/edge/api-members.ts';
import { orderHandlers } from '#app/edge/api-orders.ts';
import { programHandlers } from '#app/edge/api-programs.ts';
import { rewardHandlers } from '#app/edge/api-rewards.ts';
import { HttpRefusal, parseJson, readText, sendJson, sendTagged } from '#app/edge/http-exchange.ts';
import { handleOauth } from '#app/edge/oauth.ts';
import { appUrl } from '#app/lib/env.ts';
import { RateLimited, Unauthenticated } from '#app/lib/errors.ts';
import { createTokenBuckets } from '#app/lib/token-bucket.ts';
import { type ApiCaller, authenticateApi, demandScope } from '#app/web/authenticate-api.ts';
import { describeFailure, describeStatus, problemMediaType } from '#app/web/problem.ts';

const documentPath = '/api/v1/openapi.json';
/** Per client and web process: a burst of 1,000 requests, and 100 a second in the long run. */
const rate = { capacity: 1_000, refillPerSecond: 100, keysMax: 10_000 };
const buckets = createTokenBuckets(rate);
const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

type Headers = Record<string, string | number>;
type Matched = { operation: ApiOperation<ApiOperationId>; parameters: Record<string, string> };

/** Every operation by its id. */
const handlers: ApiHandlers<ApiOperationId> = {
  ...memberHandlers,
  ...cardHandlers,
  ...ledgerHandlers,
  ...rewardHandlers,
  ...orderHandlers,
  ...programHandlers,
};

/** The operations at a path, with what stands in it. */
function operationsAt(path: string): Matched[] {
  return apiOperations.flatMap((operation) => {
    const parameters = matchPath(operation.path, path);
    return parameters === null ? [] : [{ operation, parameters }];
  });
}

function chooseOperation(request: IncomingMessage, path: string): Matched {
  const candidates = operationsAt(path);
  if (candidates.length === 0)
    throw new HttpRefusal(404, { code: 'not-found', detail: 'There is nothing at this address.' });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const chosen = candidates.find(({ operation }) => operation.method === method);
  if (chosen !== undefined) return chosen;
  const allow = candidates.map(({ operation }) => operation.method).join(', ');
  throw new HttpRefusal(405, {
    code: 'method-not-allowed',
    detail: `Only ${allow} is allowed here.`,
    headers: { allow },
  });
}

/** Takes from the caller's bucket and tells what is left. Throws `RateLimited`; the headers are told either way. */
function limitRate(caller: ApiCaller, headers: Headers): void {
  const taken = buckets.take(caller.clientId, performance.now());
  headers['ratelimit-limit'] = rate.capacity;
  headers['ratelimit-remaining'] = taken.remaining;
  headers['ratelimit-reset'] = taken.resetSeconds;
  if (!taken.isAllowed)
    throw new RateLimited('rate-limited', 'An API client asks too often', {
      retryAfterMs: taken.waitMs,
      publicMessage: 'Too many requests. Please slow down.',
    });
}

/** Numbers come as text in a query; a parameter given twice is a mistake. */
function readQuery(url: URL): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [name, text] of url.searchParams) {
    if (name in query)
      throw new HttpRefusal(400, { code: 'bad-query', detail: `${name.slice(0, 40)} is given twice.` });
    query[name] = name === 'limit' && /^\d{1,9}$/.test(text) ? Number(text) : text;
  }
  return query;
}

function idempotencyKeyOf(request: IncomingMessage, operation: ApiOperation): string {
  if (!isMutation(operation)) return '';
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && idempotencyKeyPattern.test(key)) return key;
  throw new HttpRefusal(400, {
    code: 'idempotency-key-required',
    detail: `Send an Idempotency-Key of 1 to ${apiLimits.idempotencyKeyLengthMax} visible ASCII characters.`,
  });
}

async function answerOperation(
  exchange: { request: IncomingMessage; response: ServerResponse; url: URL },
  headers: Headers,
): Promise<void> {
  const { request, response, url } = exchange;
  const { operation, parameters } = chooseOperation(request, url.pathname);
  const caller = await authenticateApi(request.headers.authorization);
  limitRate(caller, headers);
  demandScope(caller, operation.scope);
  const query = readQuery(url);
  parse(operation.query, query);
  const key = idempotencyKeyOf(request, operation);
  const body = operation.body === null ? null : await readBody(request, operation);
  const answer = await handlers[operation.id]({
    caller,
    parameters,
    query,
    body,
    idempotencyKey: key,
    request: { clientId: caller.clientId, key, inputs: JSON.stringify([operation.id, parameters, body]) },
    ifMatch: operation.heedsIfMatch === true ? (request.headers['if-match'] ?? null) : null,
  });
  const told = { value: answer.value, headers: { ...headers, ...answer.headers } };
  if (operation.method === 'GET') sendTagged(exchange, { ...told, tag: answer.tag ?? null });
  else
    sendJson(response, answer.status, {
      ...told,
      headers: { ...told.headers, ...(answer.tag && { etag: answer.tag }) },
    });
}

/** A body that may say nothing at all may also be left out. */
async function readBody(request: IncomingMessage, operation: ApiOperation): Promise<unknown> {
  const text = await readText(request, operation.bodyBytesMax ?? apiLimits.bodyBytesMax);
  return text === '' && operation.body?.safeParse({}).success === true ? {} : parseJson(text);
}

function answerDocument(exchange: { request: IncomingMessage; response: ServerResponse; url: URL }): void {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD')
    throw new HttpRefusal(405, {
      code: 'method-not-allowed',
      detail: 'Only GET is allowed here.',
      headers: { allow: 'GET' },
    });
  parse(noQuerySchema, readQuery(exchange.url));
  sendTagged(exchange, {
    value: openApiDocument(appUrl()),
    headers: { 'cache-control': 'public, max-age=300' },
    tag: null,
  });
}

function challengeOf(error: unknown, code: string): Headers {
  if (error instanceof Unauthenticated)
    return { 'www-authenticate': 'Bearer realm="Stampwell API", error="invalid_token"' };
  return code === 'insufficient-scope'
    ? { 'www-authenticate': 'Bearer realm="Stampwell API", error="insufficient_scope"' }
    : {};
}

function refuse(response: ServerResponse, error: unknown, about: { path: string; headers: Headers }): void {
  const described =
    error instanceof HttpRefusal
      ? {
          status: error.status,
          problem: describeStatus(error.status, { ...error.details, instance: about.path }),
          headers: error.details.headers ?? {},
        }
      : describeFailure(error, about.path);
  const headers = { ...about.headers, ...challengeOf(error, described.problem.code), ...described.headers };
  sendJson(response, described.status, {
    value: described.problem,
    headers: { ...headers, 'content-type': problemMediaType },
  });
}

/** Handles one request to the API or its OAuth endpoints. */
export async function handleApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname;
  if (!path.startsWith('/api/')) return handleOauth(request, response, path);
  const headers: Headers = {};
  try {
    if (path === documentPath) answerDocument({ request, response, url });
    else await answerOperation({ request, response, url }, headers);
  } catch (error) {
    refuse(response, error, { path, headers });
  }
}
