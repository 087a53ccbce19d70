/** Which requests the edge answers itself, and with what. Everything else is a page. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { dataHeaders } from '#app/edge/data-headers.ts';
import { handleApi } from '#app/edge/api.ts';
import { handleEvidenceKeys } from '#app/edge/evidence-keys.ts';
import { handleExtensionApi } from '#app/edge/extension-api.ts';
import { handleGoogleCallback } from '#app/edge/google-callback.ts';
import { handleHealth, measure } from '#app/edge/health.ts';
import { demandHttps, demandTls } from '#app/edge/https-only.ts';
import { handleImage } from '#app/edge/images.ts';
import { handleNothing, isForPrograms } from '#app/edge/nothing-here.ts';
import { handleProxy } from '#app/edge/proxy.ts';
import { type RequestTarget, targetOf } from '#app/edge/request-target.ts';
import { handleStatus } from '#app/edge/status.ts';
import { handleTestClock } from '#app/edge/test-clock.ts';
import { handleTrust } from '#app/edge/trust.ts';
import { handleWallet } from '#app/edge/wallet.ts';
import { handleWebhook } from '#app/edge/webhooks.ts';
import { env } from '#app/lib/env.ts';
import { isFailure } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, url: RequestTarget) => Promise<void>;
/** `isWhole`: its answers bring every header that answers of the edge must have. For the others they are set beforehand. */
type Route = {
  area: string;
  matches: (path: string, method: string) => boolean;
  handle: Handle;
  isWhole?: boolean;
};

const retryAfterSeconds = 5;

const routes: Route[] = [
  { area: 'webhooks', matches: (path, method) => path === '/webhooks/shopify' && method === 'POST', handle: handleWebhook },
  { area: 'wallet', matches: (path) => path.startsWith('/wallet/apple/'), handle: handleWallet, isWhole: true },
  { area: 'wallet', matches: (path) => path === '/wallet/google/callback', handle: handleGoogleCallback },
  { area: 'images', matches: (path, method) => path.startsWith('/images/') && (method === 'GET' || method === 'HEAD'), handle: (_, response, url) => handleImage(response, url.pathname) },
  { area: 'extensions', matches: (path) => path.startsWith('/pos/v1/') || path.startsWith('/storefront/v1/'), handle: handleExtensionApi },
  { area: 'proxy', matches: (path) => path.startsWith('/proxy/v1/'), handle: handleProxy },
  { area: 'api', matches: (path) => path.startsWith('/api/v1/') || path.startsWith('/oauth/') || path === '/.well-known/jwks.json', handle: handleApi },
  { area: 'trust', matches: (path, method) => path === '/.well-known/evidence-keys.json' && (method === 'GET' || method === 'HEAD'), handle: handleEvidenceKeys },
  { area: 'trust', matches: (path, method) => (path === '/trust.json' || path === '/.well-known/security.txt') && (method === 'GET' || method === 'HEAD'), handle: handleTrust },
  { area: 'health', matches: (path, method) => (path === '/healthz' || path === '/readyz') && (method === 'GET' || method === 'HEAD'), handle: (request, response, url) => handleHealth(request, response, url.pathname) },
  { area: 'health', matches: (path, method) => path === '/status.json' && (method === 'GET' || method === 'HEAD'), handle: handleStatus },
  { area: 'clock', matches: (path, method) => path === '/test/clock' && method === 'POST' && env().isTestClockAllowed, handle: handleTestClock },
  { area: 'nothing', matches: (path) => isForPrograms(path), handle: handleNothing },
]; // prettier-ignore

/** Whatever escapes a handler becomes a plain answer; details stay in the log. */
function fail(response: ServerResponse, area: string, error: unknown): void {
  log.error('a request failed', { route: area, error, ...(isFailure(error) && { code: error.code }) });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isTemporary = isFailure(error) && error.name === 'Unavailable';
  demandHttps(response);
  response.writeHead(isTemporary ? 503 : 500, {
    'content-length': '0',
    'cache-control': 'no-store',
    ...dataHeaders,
    ...(isTemporary && { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end();
}

/** Answers the request when it belongs to the edge. False: it is a page's. */
export function routeEdge(request: IncomingMessage, response: ServerResponse): boolean {
  const url = targetOf(request.url ?? '/');
  const route = routes.find((candidate) => url !== null && candidate.matches(url.pathname, request.method ?? 'GET'));
  if (route?.isWhole !== true) demandHttps(response);
  if (url !== null && demandTls(request, response, url)) return true;
  if (route === undefined || url === null) return false;
  measure(route.area, response);
  if (route.isWhole !== true) for (const [name, value] of Object.entries(dataHeaders)) response.setHeader(name, value);
  route.handle(request, response, url).catch((error: unknown) => fail(response, route.area, error));
  return true;
}
