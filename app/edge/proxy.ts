/**
 * `/proxy/v1`: what the blocks in a shop's theme ask, through Shopify's proxy of the shop's own origin. No CORS: a page of
 * another origin has no business here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { shownCartBytesMax, shownEstimateQuerySchema } from '#app/contracts/shown-estimate.ts';
import { HttpRefusal, parseJson, readText, sendJson } from '#app/edge/http-exchange.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { findInstalledShop } from '#app/queries/find-installed-shop.ts';
import { shownEstimate } from '#app/queries/shown-estimate.ts';
import { describeFailure, describeStatus, problemMediaType } from '#app/web/problem.ts';
import { verifyProxyRequest } from '#app/web/proxy-signature.ts';

const estimatePath = '/proxy/v1/estimate';

async function estimate(request: IncomingMessage, url: URL): Promise<unknown> {
  const { shopDomain, customerId } = verifyProxyRequest(url.searchParams);
  const shopId = await findInstalledShop(shopDomain);
  const parsed = shownEstimateQuerySchema.safeParse(parseJson(await readText(request, shownCartBytesMax)));
  if (!parsed.success) throw new InvalidInput('input-invalid', 'A theme sent a cart that does not fit');
  const { cart } = parsed.data;
  return shownEstimate(shopId, { customerId, cart, channel: 'online', locationId: null });
}

function refuse(response: ServerResponse, status: number, code: string, extra: Record<string, string> = {}): void {
  const headers = { 'content-type': problemMediaType, ...extra };
  sendJson(response, status, { value: describeStatus(status, { code }), headers });
}

/** Handles one request below `/proxy/v1/`. */
export async function handleProxy(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  if (url.pathname !== estimatePath) return refuse(response, 404, 'not-found');
  if (request.method !== 'POST') return refuse(response, 405, 'method-not-allowed', { allow: 'POST' });
  try {
    sendJson(response, 200, { value: await estimate(request, url) });
  } catch (error) {
    if (error instanceof HttpRefusal) return refuse(response, error.status, error.details.code, error.details.headers);
    const { status, problem, headers } = describeFailure(error, url.pathname);
    sendJson(response, status, { value: problem, headers: { 'content-type': problemMediaType, ...headers } });
  }
}
