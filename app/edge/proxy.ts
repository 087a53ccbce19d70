/**
 * `/proxy/v1`: what the blocks in a shop's theme ask, through Shopify's proxy of the shop's own origin. No CORS: a page of
 * another origin has no business here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { shownCartBytesMax, shownEstimateQuerySchema } from '#app/contracts/shown-estimate.ts';
import { HttpRefusal, parseJson, readText, sendJson } from '#app/edge/http-exchange.ts';
import type { RequestTarget } from '#app/edge/request-target.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { findInstalledShop } from '#app/queries/find-installed-shop.ts';
import { shownEstimate } from '#app/queries/shown-estimate.ts';
import { describeFailure, describeStatus, problemMediaType } from '#app/web/problem.ts';
import { verifyProxyRequest } from '#app/web/proxy-signature.ts';

const estimatePath = '/proxy/v1/estimate';

async function estimate(request: IncomingMessage, url: RequestTarget): Promise<unknown> {
  const { shopDomain, customerId } = verifyProxyRequest(url.searchParams);
  const shopId = await findInstalledShop(shopDomain);
  const parsed = shownEstimateQuerySchema.safeParse(parseJson(await readText(request, shownCartBytesMax)));
  if (!parsed.success) throw new InvalidInput('input-invalid', 'A theme sent a cart that does not fit');
  return shownEstimate(shopId, { ...parsed.data, customerId, channel: 'online', locationId: null });
}

type Refusal = { code: string; detail?: string; headers?: Record<string, string> };

function refuse(
  response: ServerResponse,
  status: number,
  { code, detail, headers: more }: Refusal,
  url: RequestTarget,
): void {
  const headers = { 'content-type': problemMediaType, ...more };
  sendJson(response, status, { value: describeStatus(status, { code, detail, instance: url.pathname }), headers });
}

/** Handles one request below `/proxy/v1/`. */
export async function handleProxy(
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestTarget,
): Promise<void> {
  if (url.pathname !== estimatePath) return refuse(response, 404, { code: 'not-found' }, url);
  if (request.method !== 'POST')
    return refuse(response, 405, { code: 'method-not-allowed', headers: { allow: 'POST' } }, url);
  try {
    sendJson(response, 200, { value: await estimate(request, url) });
  } catch (error) {
    if (error instanceof HttpRefusal) return refuse(response, error.status, error.details, url);
    const { status, problem, headers } = describeFailure(error, url.pathname);
    // A 401 names the scheme; this one is Shopify's own.
    const challenge = status === 401 ? { 'www-authenticate': 'Shopify-Proxy realm="Stampwell"' } : {};
    const all = { 'content-type': problemMediaType, ...challenge, ...headers };
    sendJson(response, status, { value: problem, headers: all });
  }
}
