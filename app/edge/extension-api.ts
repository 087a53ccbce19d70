/**
 * `/pos/v1` and `/storefront/v1`: what the POS and checkout extensions call, from other origins, with a session token as
 * bearer. Only simple methods: the answers to preflights name no others. Every refusal is a problem with CORS headers,
 * or the extension could not read why.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { z } from 'zod';

import { chooseLanguage } from '#app/domain/members/languages.ts';
import type { ExtensionCall, ExtensionRoute } from '#app/edge/extension-route.ts';
import { bearerChallenge } from '#app/edge/http-exchange.ts';
import { readRawBody } from '#app/edge/raw-body.ts';
import { posRoutes } from '#app/edge/pos-routes.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { storefrontRoutes } from '#app/edge/storefront-routes.ts';
import { Forbidden, InvalidInput, Unauthenticated } from '#app/lib/errors.ts';
import { repeatsName } from '#app/lib/json-names.ts';
import { log } from '#app/lib/log.ts';
import { unsoundTextIn } from '#app/lib/sound-text.ts';
import { findInstalledShop } from '#app/queries/find-installed-shop.ts';
import { describeFailure, describeStatus, problemMediaType } from '#app/web/problem.ts';
import { requestAddress } from '#app/web/request-address.ts';
import { bearerToken, verifySessionToken } from '#app/web/session-token.ts';

const bodyBytesMax = 16 * 1024;

const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'cache-control': 'no-store',
};

const routes: ExtensionRoute[] = [...posRoutes, ...storefrontRoutes];

function send(response: ServerResponse, status: number, body: unknown, extra: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
    ...extra,
  });
  response.end(text);
}

type Refusal = { code: string; instance: string; headers?: Record<string, string> };

function refuse(response: ServerResponse, status: number, { code, instance, headers: more }: Refusal): void {
  send(response, status, describeStatus(status, { code, instance }), { 'content-type': problemMediaType, ...more });
}

function parse<Input>(schema: z.ZodType<Input>, value: unknown): Input {
  const unsound = unsoundTextIn(value);
  const parsed = schema.safeParse(value);
  if (unsound === null && parsed.success) return parsed.data;
  const paths = unsound === null ? (parsed.error?.issues.map((issue) => issue.path.join('.')) ?? []) : [unsound];
  const fields = [...new Set(paths.map((path) => path || '(body)'))].slice(0, 10);
  throw new InvalidInput('input-invalid', 'An extension sent input that does not fit', {
    publicMessage: `These do not fit: ${fields.join(', ')}`,
  });
}

type Known = Pick<ExtensionCall, 'shopId' | 'session'>;
type Read = { ok: true; value: unknown } | { ok: false; status: 400 | 413 | null };

async function readInput(
  request: IncomingMessage,
  { url, route }: { url: RequestTarget; route: ExtensionRoute },
): Promise<Read> {
  if (request.method === 'GET') return { ok: true, value: Object.fromEntries(url.searchParams) };
  const body = await readRawBody(request, route.bodyBytesMax ?? bodyBytesMax);
  if (body === 'too-large') return { ok: false, status: 413 };
  if (body === 'aborted') return { ok: false, status: null };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    return repeatsName(text) ? { ok: false, status: 400 } : { ok: true, value };
  } catch {
    return { ok: false, status: 400 };
  }
}

async function answerRoute(
  request: IncomingMessage,
  response: ServerResponse,
  asked: { url: RequestTarget; route: ExtensionRoute },
): Promise<void> {
  const { url, route } = asked;
  let known: Known | null = null;
  try {
    const session = await verifySessionToken(bearerToken(request.headers.authorization));
    const shopId = await findInstalledShop(session.shopDomain);
    known = { shopId, session };
    const read = await readInput(request, asked);
    if (!read.ok) {
      const instance = url.pathname;
      if (read.status === 413)
        refuse(response, 413, { code: 'body-too-large', instance, headers: { connection: 'close' } });
      else if (read.status === 400) refuse(response, 400, { code: 'body-unreadable', instance });
      return;
    }
    const address = requestAddress(request);
    const language = chooseLanguage(request.headers['accept-language'] ?? null);
    const input = <Input>(schema: z.ZodType<Input>) => parse(schema, read.value);
    send(response, 200, await route.answer({ shopId, session, address, language, input }));
  } catch (error) {
    logRefusal(error, route.path, known);
    const { status, problem, headers: more } = describeFailure(error, url.pathname);
    const challenge = status === 401 ? { 'www-authenticate': bearerChallenge('Stampwell', request.headers) } : {};
    send(response, status, problem, { 'content-type': problemMediaType, ...challenge, ...more });
  }
}

/** What a caller may not do is logged; of shoppers, who they are is not. */
function logRefusal(error: unknown, route: string, known: Known | null): void {
  if (error instanceof Unauthenticated) log.security('authentication failed', { code: error.code, route });
  if (!(error instanceof Forbidden)) return;
  const userId = known?.session.userId ?? null;
  log.security('access refused', {
    code: error.code,
    route,
    ...(known !== null && { shopId: known.shopId }),
    ...(userId !== null && { actor: `staff:${userId}` }),
  });
}

/** Handles one request below `/pos/v1/` or `/storefront/v1/`. */
export async function handleExtensionApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestTarget,
): Promise<void> {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...headers, 'access-control-max-age': '7200' });
    response.end();
    return;
  }
  const here = routes.filter((route) => route.path === url.pathname);
  const route = here.find((candidate) => candidate.method === request.method);
  if (route !== undefined) return answerRoute(request, response, { url, route });
  const instance = url.pathname;
  if (here.length === 0) return refuse(response, 404, { code: 'not-found', instance });
  const allow = [...here.map((candidate) => candidate.method), 'OPTIONS'].join(', ');
  refuse(response, 405, { code: 'method-not-allowed', instance, headers: { allow } });
}
