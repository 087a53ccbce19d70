/** `/trust.json` and `/.well-known/security.txt`: what anybody may know, for machines. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { sendTagged } from '#app/edge/http-exchange.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl, env } from '#app/lib/env.ts';
import { trust } from '#app/queries/trust.ts';

const dayMs = 86_400_000;
/** RFC 9116 asks for less than a year; the file is made anew at every request. */
const validDays = 180;

/** RFC 9116. */
function securityText(): string {
  const { SECURITY_CONTACT: contact } = env();
  const expires = new Date(now().getTime() + validDays * dayMs).toISOString();
  return [
    ...(contact === undefined ? [] : [`Contact: ${contact}`]),
    `Contact: ${appUrl()}/security-report`,
    `Expires: ${expires}`,
    'Preferred-Languages: en, de, fr, es',
    `Canonical: ${appUrl()}/.well-known/security.txt`,
    `Policy: ${appUrl()}/trust`,
    '',
  ].join('\n');
}

/** Handles one request. */
export async function handleTrust(
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestTarget,
): Promise<void> {
  if (url.pathname === '/trust.json') {
    const headers = { 'cache-control': 'public, max-age=60', 'access-control-allow-origin': '*' };
    return sendTagged({ request, response }, { value: await trust(), headers, tag: null });
  }
  const body = securityText();
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
