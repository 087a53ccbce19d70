/** How each door of the product is knocked at by somebody of one shop, and what is told of the answer. */
import { randomUUID } from 'node:crypto';

import { call } from '#test/platform/http.ts';
import { signedQuery } from '#test/platform/app-proxy.ts';
import { mintShopperToken } from '#test/platform/session-token.ts';
import type { ExtensionRig } from '#test/support/extensions.ts';
import { testEnvironment } from '#test/support/factories.ts';
import type { Side } from '#test/support/crossing/sides.ts';

/** Who asks; all of them of the shop that asks, and allowed whatever may be allowed there. */
export type Caller = 'client' | 'client-itself' | 'staff' | 'shopper' | 'page' | 'phone' | 'nobody';

export type WireCall = {
  door: 'wire';
  as: Caller;
  method: string;
  path: string;
  body?: unknown;
  /** The shopper who is logged in; null is a guest. */
  customerId?: string | null;
};
export type PageCall = {
  door: 'page';
  page: string;
  handler: 'loader' | 'action';
  params?: Record<string, string>;
  query?: Record<string, string>;
  form?: Record<string, string>;
  /** Shoppers' pages are opened by their address alone. */
  isPublic?: true;
};
export type Call = WireCall | PageCall;

/** An answer: what a program reads off it. */
export type Told = { status: number; text: string };

export type Attacker = { rig: ExtensionRig; url: string; side: Side };

type Handler = (asked: {
  request: Request;
  params: Record<string, string>;
  context: Record<string, unknown>;
}) => Promise<unknown>;
export type PageModule = { loader?: Handler; action?: Handler };

export const pageModules = import.meta.glob<PageModule>('../../../app/routes/*.tsx');
export const modulePath = (page: string): string => `../../../app/routes/${page}.tsx`;

const [apiSecret = ''] = testEnvironment.SHOPIFY_API_SECRET.split(',');
const app = { apiKey: testEnvironment.SHOPIFY_API_KEY, apiSecret };

async function credentialsOf({ rig, side }: Attacker, { as, customerId = null }: WireCall): Promise<string | null> {
  const { domain } = side.shop;
  if (as === 'client') return `Bearer ${side.accessToken}`;
  if (as === 'client-itself')
    return `Basic ${Buffer.from(`${side.ids.clientId}:${side.clientSecret}`).toString('base64')}`;
  if (as === 'staff') return `Bearer ${await rig.shopify.mintSessionToken(domain, { subject: '1' })}`;
  if (as === 'phone') return `ApplePass ${side.passToken}`;
  if (as !== 'shopper') return null;
  return `Bearer ${await mintShopperToken(app, domain, customerId === null ? null : Number(customerId))}`;
}

async function sendWire(attacker: Attacker, asked: WireCall): Promise<Told> {
  const { method, path, body, as, customerId = null } = asked;
  const authorization = await credentialsOf(attacker, asked);
  const proxied = { shopDomain: attacker.side.shop.domain, customerId, secret: apiSecret };
  const form =
    as === 'client-itself' && body !== undefined ? new URLSearchParams(body as Record<string, string>) : null;
  const answer = await call({
    url: `${attacker.url}${path}${as === 'page' ? `?${signedQuery(proxied)}` : ''}`,
    method,
    headers: {
      ...(authorization !== null && { authorization }),
      'content-type': form === null ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(as === 'client' && method !== 'GET' && { 'idempotency-key': randomUUID() }),
    },
    ...(body !== undefined && { body: form?.toString() ?? JSON.stringify(body) }),
    timeoutMs: 30_000,
  });
  return { status: answer.status, text: answer.body.toString('utf8') };
}

async function textOf(answer: unknown): Promise<Told> {
  if (answer instanceof Response) {
    const where = answer.headers.get('location');
    return { status: answer.status, text: `${where === null ? '' : `to ${where} `}${await answer.text()}` };
  }
  // As Remix answers what was wrapped with a status.
  if (typeof answer === 'object' && answer !== null && 'type' in answer && answer.type === 'DataWithResponseInit') {
    const { data, init } = answer as unknown as { data: unknown; init: { status?: number } | null };
    return { status: init?.status ?? 200, text: JSON.stringify(data) };
  }
  return { status: 200, text: JSON.stringify(answer) ?? '' };
}

async function pageRequest({ rig, side }: Attacker, asked: PageCall): Promise<Request> {
  const { domain } = side.shop;
  const admin = asked.isPublic === true ? null : await rig.shopify.mintSessionToken(domain, { subject: '1' });
  const query = new URLSearchParams({ ...(admin !== null && { shop: domain, host: 'x' }), ...asked.query });
  return new Request(`https://stampwell.test/${asked.page}.data?${query.toString()}`, {
    headers: admin === null ? {} : { authorization: `Bearer ${admin}` },
    ...(asked.handler === 'action' && { method: 'POST', body: new URLSearchParams(asked.form ?? {}) }),
  });
}

async function openPage(attacker: Attacker, asked: PageCall): Promise<Told> {
  const handler = (await pageModules[modulePath(asked.page)]?.())?.[asked.handler];
  if (handler === undefined) throw new Error(`${asked.page} has no ${asked.handler}`);
  const request = await pageRequest(attacker, asked);
  try {
    return await textOf(await handler({ request, params: asked.params ?? {}, context: { clientAddress: '' } }));
  } catch (thrown) {
    if (thrown instanceof Response) return textOf(thrown);
    // Remix answers 500 for what it does not know, and tells nothing.
    return { status: 500, text: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

export const send = (attacker: Attacker, asked: Call): Promise<Told> =>
  asked.door === 'wire' ? sendWire(attacker, asked) : openPage(attacker, asked);
