/** Apple's five PassKit endpoints, and the pictures Google fetches. Paths and headers are Apple's. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { dataHeaders } from '#app/edge/data-headers.ts';
import { noteReports } from '#app/edge/device-reports.ts';
import { parseHttpDate, writeHttpDate } from '#app/edge/http-date.ts';
import { readRawBody } from '#app/edge/raw-body.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { listChangedPasses } from '#app/flows/cards/list-changed-passes.ts';
import { registerDevice, unregisterDevice } from '#app/flows/cards/register-device.ts';
import { type ServedPass, servePass } from '#app/flows/cards/serve-pass.ts';
import { noteFetch } from '#app/flows/cards/watch-fetches.ts';
import { requestAddress } from '#app/web/request-address.ts';

const prefix = '/wallet/apple/v1/';
const bodyBytesMax = 32 * 1024;
const identifierLengthMax = 255;
/** What can stand in the path of a push as it is. Only Apple knows which of these are tokens. */
const pushTokenPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,200}$/;

type Exchange = { request: IncomingMessage; response: ServerResponse; parts: string[]; url: RequestTarget };

const alwaysHeaders = {
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  ...dataHeaders,
};

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body?: Buffer | string,
): void {
  // An answer without content must not say how long that is: a cache would take it for the length of what it keeps.
  const length = status === 204 || status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body ?? '')) };
  const challenge = status === 401 ? { 'www-authenticate': 'ApplePass realm="Stampwell"' } : {};
  response.writeHead(status, { ...alwaysHeaders, ...length, ...challenge, ...headers });
  response.end(body);
}

/** `Authorization: ApplePass <token>`, however the scheme is capitalized; any other scheme is no token. */
function tokenOf(request: IncomingMessage): string | null {
  const match = /^ApplePass ([A-Za-z0-9_-]{16,255})$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readRawBody(request, bodyBytesMax);
  if (!Buffer.isBuffer(body)) return body;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

function pushTokenOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('pushToken' in body)) return null;
  return typeof body.pushToken === 'string' && pushTokenPattern.test(body.pushToken) ? body.pushToken : null;
}

async function register({ request, response, parts }: Exchange): Promise<void> {
  const [, device = '', , passTypeIdentifier = '', serialNumber = ''] = parts;
  const claim = { device, passTypeIdentifier, serialNumber, token: tokenOf(request) };
  if (request.method === 'DELETE') {
    return answer(response, (await unregisterDevice(claim)) === 'done' ? 200 : 401);
  }
  const body = await readJson(request);
  if (claim.token === null) return answer(response, 401);
  if (body === 'too-large') return answer(response, 413, { connection: 'close' });
  const pushToken = pushTokenOf(body);
  if (pushToken === null) return answer(response, 400);
  const outcome = await registerDevice({ ...claim, pushToken });
  answer(response, { created: 201, updated: 200, unauthorized: 401 }[outcome]);
}

async function list({ response, parts, url }: Exchange): Promise<void> {
  const [, device = '', , passTypeIdentifier = ''] = parts;
  const changed = await listChangedPasses(device, {
    passTypeIdentifier,
    tag: url.searchParams.get('passesUpdatedSince'),
  });
  if (changed === null) return answer(response, 204);
  answer(response, 200, { 'content-type': 'application/json' }, JSON.stringify(changed));
}

async function serve({ request, response, parts }: Exchange): Promise<void> {
  const [, passTypeIdentifier = '', serialNumber = ''] = parts;
  const startedAt = performance.now();
  let isFailed = true;
  try {
    const served = await servePass({
      passTypeIdentifier,
      serialNumber,
      token: tokenOf(request),
      ifModifiedSince: parseHttpDate(request.headers['if-modified-since'] ?? ''),
      isProbe: request.method === 'HEAD',
    });
    sendPass({ request, response }, served);
    isFailed = false;
  } finally {
    noteFetch({ durationMs: performance.now() - startedAt, isFailed });
  }
}

function sendPass({ request, response }: Pick<Exchange, 'request' | 'response'>, served: ServedPass): void {
  if (served.kind === 'unauthorized') return answer(response, 401);
  const lastModified = { 'last-modified': writeHttpDate(served.lastModified) };
  if (served.kind === 'not-modified') return answer(response, 304, lastModified);
  const headers = {
    ...lastModified,
    'content-type': 'application/vnd.apple.pkpass',
    'content-length': String(served.body.length),
  };
  answer(response, 200, headers, request.method === 'HEAD' ? undefined : served.body);
}

async function takeLog({ request, response }: Exchange): Promise<void> {
  const body = await readJson(request);
  if (body === 'too-large') return answer(response, 413, { connection: 'close' });
  const lines =
    typeof body === 'object' && body !== null && 'logs' in body && Array.isArray(body.logs) ? body.logs : null;
  if (lines === null) return answer(response, 400);
  if (await noteReports({ lines, address: requestAddress(request) })) return answer(response, 200);
  answer(response, 429, { 'retry-after': '60' });
}

type Endpoint = { methods: string[]; handle: (exchange: Exchange) => Promise<void> };

/** Endpoints by their shape: how many parts a path has, and the fixed words in it. */
const endpoints: Record<string, Endpoint> = {
  'devices/registrations/5': { methods: ['POST', 'DELETE'], handle: register },
  'devices/registrations/4': { methods: ['GET'], handle: list },
  'passes//3': { methods: ['GET', 'HEAD'], handle: serve },
  'log//1': { methods: ['POST'], handle: takeLog },
};

function endpointOf(parts: string[]): Endpoint | undefined {
  const [area = '', , middle = ''] = parts;
  return endpoints[`${area}/${area === 'devices' ? middle : ''}/${parts.length}`];
}

function partsOf(path: string): string[] | null {
  try {
    const parts = path.slice(prefix.length, path.endsWith('/') ? -1 : undefined).split('/');
    if (path.includes('%')) parts.forEach((part, place) => (parts[place] = decodeURIComponent(part)));
    return parts.some((part) => part.length === 0 || part.length > identifierLengthMax || part.includes('\0'))
      ? null
      : parts;
  } catch {
    return null;
  }
}

/** Handles one request below `/wallet/apple/`. */
export function handleWallet(request: IncomingMessage, response: ServerResponse, url: RequestTarget): Promise<void> {
  const parts = url.pathname.startsWith(prefix) ? partsOf(url.pathname) : null;
  const endpoint = parts === null ? undefined : endpointOf(parts);
  if (parts !== null && endpoint?.methods.includes(request.method ?? 'GET') === true)
    return endpoint.handle({ request, response, parts, url });
  if (endpoint === undefined) answer(response, 404);
  else answer(response, 405, { allow: endpoint.methods.join(', ') });
  return Promise.resolve();
}
