/** `/api/v1/…`, `/oauth/…` and the public keys: authenticate, limit, parse, hand over, answer. Errors are problem+json. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { apiLimits, noQuerySchema } from '#app/contracts/api.ts';
import { type ApiOperation, isMutation, matchPath } from '#app/contracts/api-operation.ts';
import { type ApiOperationId, apiOperations } from '#app/contracts/api-operations.ts';
import { openApiDocument } from '#app/contracts/openapi.ts';
import { demandPrograms, hideNames, openNames } from '#app/edge/api-bounds.ts';
import { type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { cardHandlers } from '#app/edge/api-cards.ts';
import { ledgerHandlers } from '#app/edge/api-ledger.ts';
import { memberHandlers } from '#app/edge/api-members.ts';
import { orderHandlers } from '#app/edge/api-orders.ts';
import { privacyHandlers } from '#app/edge/api-privacy.ts';
import { programHandlers } from '#app/edge/api-programs.ts';
import { watched } from '#app/edge/api-watch.ts';
import { rewardHandlers } from '#app/edge/api-rewards.ts';
import {
  bearerChallenge,
  HttpRefusal,
  parseJson,
  readText,
  sendJson,
  sendTagged,
  tagOf,
} from '#app/edge/http-exchange.ts';
import { handleOauth } from '#app/edge/oauth.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { sortedJson } from '#app/edge/sorted-json.ts';
import { recordApiCall } from '#app/flows/api/record-api-call.ts';
import { appUrl } from '#app/lib/env.ts';
import { Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { limitApiRate } from '#app/web/api-rate.ts';
import { countApiCall } from '#app/web/api-usage.ts';
import { authenticateApi, demandScope } from '#app/web/authenticate-api.ts';
import { requestAddress } from '#app/web/request-address.ts';
import { describeFailure, describeStatus, problemMediaType } from '#app/web/problem.ts';
import { demandOpenNetwork, watchMiss } from '#app/web/watchers.ts';

const documentPath = '/api/v1/openapi.json';
const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

type Headers = Record<string, string | number>;
type Exchange = { request: IncomingMessage; response: ServerResponse; url: RequestTarget };
/** What is known of a call so far: for its answer, and for the note of it. */
type About = { headers: Headers; noted: { shopId: ShopId; clientId: string; operation: string } | null };
type Matched = { operation: ApiOperation<ApiOperationId>; parameters: Record<string, string> };

/** Every operation by its id. */
const handlers: ApiHandlers<ApiOperationId> = watched({
  ...memberHandlers,
  ...privacyHandlers,
  ...cardHandlers,
  ...ledgerHandlers,
  ...rewardHandlers,
  ...orderHandlers,
  ...programHandlers,
});

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

/** Numbers come as text in a query; a parameter given twice is a mistake. */
function readQuery(url: RequestTarget): Record<string, unknown> {
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

async function answerOperation(exchange: Exchange, about: About): Promise<void> {
  const { headers } = about;
  const { request, response, url } = exchange;
  const { operation, parameters } = chooseOperation(request, url.pathname);
  const caller = await authenticateApi(request.headers.authorization, requestAddress(request));
  countApiCall(caller, response);
  await limitApiRate(caller, headers);
  about.noted = { shopId: caller.shopId, clientId: caller.clientId, operation: operation.id };
  demandScope(caller, operation.scope);
  const query = readQuery(url);
  parse(operation.query, query);
  const key = idempotencyKeyOf(request, operation);
  const body = operation.body === null ? null : await readBody(request, operation);
  const call = openNames(
    {
      caller,
      parameters,
      query,
      body,
      idempotencyKey: key,
      request: { clientId: caller.clientId, key, inputs: sortedJson([operation.id, parameters, body]) },
      ifMatch: operation.heedsIfMatch === true ? (request.headers['if-match'] ?? null) : null,
    },
    operation,
  );
  await demandPrograms(call, operation);
  const answer = hideNames(await handlers[operation.id](call), call, operation);
  await noteCall(request, about, answer.status);
  const told = { value: answer.value, headers: { ...headers, ...answer.headers } };
  if (operation.method === 'GET') sendTagged(exchange, { ...told, tag: answer.tag ?? null });
  else
    sendJson(response, answer.status, {
      ...told,
      headers: { ...told.headers, ...(answer.tag && { etag: answer.tag }) },
    });
}

/** Once for each call, before it is answered. A call whose caller is not known yet leaves no note. */
async function noteCall(request: IncomingMessage, about: About, status: number): Promise<void> {
  const { noted } = about;
  about.noted = null;
  if (noted === null) return;
  await recordApiCall({ ...noted, status, address: requestAddress(request) });
  if (status === 404) await watchMiss({ shopId: noted.shopId, subject: `api:${noted.clientId}` });
}

/** A body that may say nothing at all may also be left out. */
async function readBody(request: IncomingMessage, operation: ApiOperation): Promise<unknown> {
  const text = await readText(request, operation.bodyBytesMax ?? apiLimits.bodyBytesMax);
  return text === '' && operation.body?.safeParse({}).success === true ? {} : parseJson(text);
}

/** Making it takes long, anybody may ask for it, and it stays the same as long as the process lives. */
let apiDocument: ReturnType<typeof describeApi> | undefined;

function answerDocument(exchange: Exchange): void {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD')
    throw new HttpRefusal(405, {
      code: 'method-not-allowed',
      detail: 'Only GET is allowed here.',
      headers: { allow: 'GET' },
    });
  parse(noQuerySchema, readQuery(exchange.url));
  apiDocument ??= describeApi();
  sendTagged(exchange, { ...apiDocument, headers: { 'cache-control': 'public, max-age=300' } });
}

function describeApi() {
  const value = openApiDocument(appUrl());
  return { value, text: JSON.stringify(value), tag: tagOf(value) };
}

function challengeOf(error: unknown, code: string, request: IncomingMessage): Headers {
  if (error instanceof Unauthenticated)
    return { 'www-authenticate': bearerChallenge('Stampwell API', request.headers) };
  return code === 'insufficient-scope'
    ? { 'www-authenticate': 'Bearer realm="Stampwell API", error="insufficient_scope"' }
    : {};
}

async function refuse({ request, response, url }: Exchange, error: unknown, about: About): Promise<void> {
  const path = url.pathname;
  const described =
    error instanceof HttpRefusal
      ? {
          status: error.status,
          problem: describeStatus(error.status, { ...error.details, instance: path }),
          headers: error.details.headers ?? {},
        }
      : describeFailure(error, path);
  const { noted } = about;
  if (error instanceof Forbidden && noted !== null) {
    const { shopId, clientId, operation: route } = noted;
    log.security('access refused', { code: error.code, shopId, actor: `api:${clientId}`, route });
  }
  await noteCall(request, about, described.status);
  const headers = { ...about.headers, ...challengeOf(error, described.problem.code, request), ...described.headers };
  sendJson(response, described.status, {
    value: described.problem,
    headers: { ...headers, 'content-type': problemMediaType },
  });
}

/** Handles one request to the API or its OAuth endpoints. */
export async function handleApi(request: IncomingMessage, response: ServerResponse, url: RequestTarget): Promise<void> {
  const path = url.pathname;
  if (!path.startsWith('/api/')) return handleOauth(request, response, path);
  const exchange = { request, response, url };
  const about: About = { headers: {}, noted: null };
  try {
    if (path === documentPath) answerDocument(exchange);
    else {
      demandOpenNetwork(requestAddress(request));
      await answerOperation(exchange, about);
    }
  } catch (error) {
    await refuse(exchange, error, about);
  }
}
