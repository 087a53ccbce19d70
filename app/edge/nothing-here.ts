/** Addresses that only programs ask for and where nothing is, or not by that method: they read a problem, never a page. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { sendJson } from '#app/edge/http-exchange.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { describeStatus, problemMediaType } from '#app/web/problem.ts';

const areas = /^\/(api|oauth|webhooks|wallet|pos\/v1|storefront|proxy|test|healthz|readyz|\.well-known)(\/|$)/;

/** What the edge answers by one or two methods only. */
const methods: Readonly<Record<string, string>> = {
  '/webhooks/shopify': 'POST',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/trust.json': 'GET, HEAD',
  '/status.json': 'GET, HEAD',
  '/.well-known/security.txt': 'GET, HEAD',
  '/.well-known/evidence-keys.json': 'GET, HEAD',
};

/** Whether a path that no handler took is one of a program's. */
export function isForPrograms(path: string): boolean {
  return areas.test(path) || methods[path] !== undefined;
}

/** Answers 405 where another method would do, otherwise 404. */
export function handleNothing(request: IncomingMessage, response: ServerResponse, url: RequestTarget): Promise<void> {
  const allow = methods[url.pathname];
  const [status, code] = allow === undefined ? [404, 'not-found'] : [405, 'method-not-allowed'];
  const detail =
    allow === undefined ? 'There is nothing at this address.' : `Only ${allow.replace(', ', ' and ')} is allowed here.`;
  sendJson(response, status, {
    value: describeStatus(status, { code, detail, instance: url.pathname }),
    headers: { 'content-type': problemMediaType, ...(allow !== undefined && { allow }) },
  });
  request.resume();
  return Promise.resolve();
}
