/**
 * Whoever came to our proxy without TLS gets nothing, before anything else is said: people are sent on to where there is TLS;
 * programs are refused, so that their makers notice what they sent in the clear.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { RequestTarget } from '#app/edge/request-target.ts';
import { appUrl, env } from '#app/lib/env.ts';

/** Load balancers ask inside, without TLS. */
const askedInside = new Set(['/healthz', '/readyz']);

/** What only programs call. */
const forPrograms =
  /^\/(?:(?:api|oauth|webhooks|wallet|pos|storefront|proxy)\/|\.well-known\/(?:jwks|evidence-keys)\.json$)/;

const stayWithTls = 'max-age=31536000; includeSubDomains';

/** What the nearest trusted proxy says about the caller's connection; null without such a proxy. */
function schemeAtProxy(request: IncomingMessage): string | null {
  if (env().TRUSTED_PROXY_HOPS === 0) return null;
  const said = String(request.headers['x-forwarded-proto'] ?? '').split(',');
  // Each proxy appends what it saw; the one nearest to the caller is as many hops back as are trusted.
  return said.at(-Math.min(said.length, env().TRUSTED_PROXY_HOPS))?.trim().toLowerCase() ?? null;
}

/** Tells browsers to come back with TLS only, where there is TLS: with whatever answer follows. */
export function demandHttps(response: ServerResponse): void {
  if (appUrl().startsWith('https:')) response.setHeader('strict-transport-security', stayWithTls);
}

const saysNothing = {
  'content-length': '0',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  connection: 'close',
};

/** Answers a request that came without TLS. False: it came with, or nobody can know. */
export function demandTls(request: IncomingMessage, response: ServerResponse, url: RequestTarget): boolean {
  if (schemeAtProxy(request) !== 'http' || askedInside.has(url.pathname)) return false;
  if (forPrograms.test(url.pathname)) {
    response.writeHead(403, saysNothing).end();
    return true;
  }
  // The host is ours to say: a caller's own would make this a redirect to anywhere.
  const { host } = new URL(appUrl());
  response.writeHead(308, { location: `https://${host}${url.pathname}${url.search}`, ...saysNothing }).end();
  return true;
}
