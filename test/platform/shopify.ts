/**
 * The stand-in Shopify: token endpoint, Admin GraphQL, webhooks and the shops themselves, over HTTP below
 * `/shopify/<shop domain>`. It checks what it gets as strictly as the published schema allows.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { adminRoot } from '#test/platform/admin-resolvers.ts';
import { runOperation } from '#test/platform/admin-schema.ts';
import { readFields, sendJson } from '#test/platform/http.ts';
import { mintSessionToken } from '#test/platform/session-token.ts';
import type { AppIdentity, SessionTokenOverrides } from '#test/platform/session-token.ts';
import { createShop, isShopDomain } from '#test/platform/shopify-shops.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';
import { answerToken, expireAccessTokens, findGrant, revokeTokens } from '#test/platform/shopify-tokens.ts';
import type { Issuer } from '#test/platform/shopify-tokens.ts';
import { createWebhookSender } from '#test/platform/webhook-sender.ts';
import type { WebhookSender, WebhookSenderOptions } from '#test/platform/webhook-sender.ts';

export type ShopifyOptions = {
  app: AppIdentity;
  /** What the app asks for; every installation is granted all of it. */
  scopes: string[];
  /** Where the app takes webhooks. */
  webhookUrl: () => string;
  webhooks?: Pick<WebhookSenderOptions, 'attemptsMax' | 'retryBaseMs' | 'retryMaxMs' | 'timeoutMs' | 'onAttempt'>;
};

type AdminCallLog = { shopDomain: string; operation: string; status: number; errors: string[] };

export type Shopify = {
  app: AppIdentity;
  webhooks: WebhookSender;
  /** The shop of a domain, made when it is new. */
  shop: (domain: string) => Shop;
  mintSessionToken: (domain: string, overrides?: SessionTokenOverrides) => Promise<string>;
  expireAccessTokens: (domain: string) => void;
  /** Ends the tokens of a shop and tells the app, as uninstalling does. */
  uninstall: (domain: string) => Promise<void>;
  adminCalls: AdminCallLog[];
  /** Answers requests whose path starts with `/shopify/`. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  close: () => void;
};

const pathPattern = /^\/shopify\/([^/]+)(\/.*)$/;
const graphqlPath = '/admin/api/2026-07/graphql.json';
const callLogLength = 2000;

/** Makes a stand-in Shopify. It knows no shop until one is asked for. */
export function createShopify(options: ShopifyOptions): Shopify {
  const { app } = options;
  const shops = new Map<string, Shop>();
  const adminCalls: AdminCallLog[] = [];
  const webhooks = createWebhookSender({ url: options.webhookUrl, secret: app.apiSecret, ...options.webhooks });

  function shopOf(domain: string): Shop {
    if (!isShopDomain(domain)) throw new Error(`${domain} is not a shop's domain`);
    const shop = shops.get(domain) ?? createShop(domain);
    shops.set(domain, shop);
    return shop;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, domain = '', path = ''] = pathPattern.exec((request.url ?? '').split('?')[0] ?? '') ?? [];
    if (!isShopDomain(domain) || request.method !== 'POST') return sendJson(response, 404, { errors: 'Not Found' });
    const issuer: Issuer = { app, shop: shopOf(domain), scopes: options.scopes };
    if (path === '/admin/oauth/access_token') return answerToken(issuer, request, response);
    if (path !== graphqlPath) return sendJson(response, 404, { errors: 'Not Found' });
    return answerAdmin(issuer, adminCalls, request, response);
  }

  return {
    app,
    webhooks,
    shop: shopOf,
    mintSessionToken: (domain, overrides) => mintSessionToken(app, domain, overrides),
    expireAccessTokens: (domain) => expireAccessTokens(shopOf(domain)),
    uninstall: async (domain) => {
      const shop = shopOf(domain);
      revokeTokens(shop);
      await webhooks.send({
        shopDomain: domain,
        topic: 'app/uninstalled',
        body: { id: shop.id, domain, name: shop.name },
      });
    },
    adminCalls,
    handle,
    close: webhooks.close,
  };
}

/** A fault that a test asked for, or null. */
function takeFault(shop: Shop): { status: number; body: unknown } | null {
  if (shop.faults.failingCalls > 0) {
    shop.faults.failingCalls -= 1;
    return { status: 502, body: { errors: 'Bad Gateway' } };
  }
  if (shop.faults.throttledCalls > 0) {
    shop.faults.throttledCalls -= 1;
    const throttled = {
      message: 'Throttled',
      extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
    };
    return { status: 200, body: { errors: [throttled], extensions: { cost: costOf(0) } } };
  }
  return null;
}

function costOf(currentlyAvailable: number): unknown {
  return {
    requestedQueryCost: 10,
    actualQueryCost: 10,
    throttleStatus: { maximumAvailable: 2000, currentlyAvailable, restoreRate: 100 },
  };
}

async function answerAdmin(
  issuer: Issuer,
  calls: AdminCallLog[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { shop } = issuer;
  const fields = await readFields(request);
  const token = request.headers['x-shopify-access-token'];
  const grant = typeof token === 'string' ? findGrant(issuer, token) : null;
  const record = (status: number, errors: string[]): void => {
    const query = String(fields['query']);
    calls.push({
      shopDomain: shop.domain,
      operation: /\b(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? '',
      status,
      errors,
    });
    if (calls.length > callLogLength) calls.shift();
  };
  if (grant === null) {
    record(401, []);
    return sendJson(response, 401, {
      errors: '[API] Invalid API key or access token (unrecognized login or wrong password)',
    });
  }
  const fault = takeFault(shop);
  if (fault !== null) {
    record(fault.status, ['fault']);
    return sendJson(response, fault.status, fault.body);
  }
  if (shop.faults.requestDelayMs > 0) {
    await delay(shop.faults.requestDelayMs);
    if (response.destroyed) return;
  }
  const variables = fields['variables'];
  const result = await runOperation({
    query: String(fields['query']),
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
    scopes: grant.scopes,
    root: adminRoot(shop, grant.scopes),
  });
  record(
    200,
    (result.errors ?? []).map((error) => error.message),
  );
  if (shop.faults.answerDelayMs > 0) await delay(shop.faults.answerDelayMs);
  if (shop.faults.lostAnswers > 0) {
    shop.faults.lostAnswers -= 1;
    // Shopify's own library repeats a call that is answered so.
    return sendJson(response, 503, { errors: 'Service Unavailable' });
  }
  return sendJson(response, 200, { ...result, extensions: { cost: costOf(1990) } });
}
