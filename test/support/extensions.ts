/** The extensions' API on a bare HTTP server, with the stand-in Shopify behind it. */
import http from 'node:http';
import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';
import { z } from 'zod';

import { readCardView } from '#app/data/cards/card-view.ts';
import { verifyBalances } from '#app/data/ledger/ledger-audit.ts';
import { writeOfflineSession } from '#app/data/shops/sessions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { handleExtensionApi } from '#app/edge/extension-api.ts';
import { exchangeToken } from '#app/gateways/shopify.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { openTestSystem, testEnvironment, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { createShopify, type Shopify } from '#test/platform/shopify.ts';
import type { SessionTokenOverrides } from '#test/platform/session-token.ts';

const answerSchema = z.record(z.string(), z.unknown());

const apiScopes = [
  'read_orders', 'read_customers', 'read_products', 'read_locations', 'write_discounts',
  'read_store_credit_accounts', 'write_store_credit_account_transactions', 'write_gift_cards',
]; // prettier-ignore

export type StandInShopify = { shopify: Shopify; url: string; close: () => Promise<void> };

/** The stand-in Shopify on a port of its own; our gateways are pointed to it. Comes before anything reads the environment. */
export async function startShopify(): Promise<StandInShopify> {
  const [apiSecret = ''] = testEnvironment.SHOPIFY_API_SECRET.split(',');
  const shopify = createShopify({
    app: { apiKey: testEnvironment.SHOPIFY_API_KEY, apiSecret },
    scopes: apiScopes,
    webhookUrl: () => '',
  });
  const server = http.createServer((request, response) => void shopify.handle(request, response));
  const port = await listen(server, 0);
  const url = `http://127.0.0.1:${port}`;
  process.env['PLATFORM_URL'] = url;
  return {
    shopify,
    url,
    close: async () => {
      delete process.env['PLATFORM_URL'];
      shopify.close();
      await closeServer(server);
    },
  };
}

/** Gives a shop an offline session from the stand-in. */
export async function authorize(shopify: Shopify, shop: TestShop): Promise<void> {
  shopify.shop(shop.domain).currency = 'USD';
  const grant = await exchangeToken(shop.domain, await shopify.mintSessionToken(shop.domain));
  await withShop(shop.shopId, (tx) => writeOfflineSession(tx, grant));
}

export type ExtensionAnswer = { status: number; headers: http.IncomingHttpHeaders; body: Record<string, unknown> };

export type ExtensionRig = {
  system: TestSystem;
  shopify: Shopify;
  url: string;
  /** Calls as staff of a shop, or with the overrides or token given. */
  ask: (
    shop: TestShop,
    path: string,
    options?: { body?: unknown; token?: string; language?: string; overrides?: SessionTokenOverrides },
  ) => Promise<ExtensionAnswer>;
  close: () => Promise<void>;
};

/** Starts everything, in the role of a web process. */
export async function startExtensionRig(): Promise<ExtensionRig> {
  const standIn = await startShopify();
  const system = await openTestSystem('stampwell_web');
  const server = http.createServer((request, response) => {
    void handleExtensionApi(request, response, new URL(request.url ?? '/', 'http://edge.invalid'));
  });
  // Longer than any pause between two calls of a test, so that no call meets a connection just being closed.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, 0);
  const url = `http://127.0.0.1:${port}`;
  return {
    system,
    shopify: standIn.shopify,
    url,
    ask: async (shop, path, options = {}) => {
      const token = options.token ?? (await standIn.shopify.mintSessionToken(shop.domain, options.overrides));
      const { body } = options;
      const answer = await call({
        url: `${url}${path}`,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(options.language !== undefined && { 'accept-language': options.language }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = answer.body.toString('utf8');
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === '' ? {} : answerSchema.parse(JSON.parse(text)),
      };
    },
    close: async () => {
      await closeServer(server);
      await system.close();
      await standIn.close();
    },
  };
}

/** What the scanner reads off a member's card. */
export async function cardCodeOf(shop: TestShop, memberId: string): Promise<string> {
  const { content } = await withShop(shop.shopId, (tx) => readCardView(tx, memberId, { pass: null, at: new Date() }));
  return content.barcodeValue;
}

/** The till's words about itself, with a fresh key. */
export function tillFields(idempotencyKey: string = randomUUID()): Record<string, string> {
  return { idempotencyKey, locationId: '5791776832', staffMemberId: '77', deviceId: 'ipad-1' };
}

/** A shop's books add up: balances with their entries, and lots with balances. */
export async function expectBalanced(shopId: ShopId): Promise<void> {
  const { imbalances } = await withShop(shopId, (tx) => verifyBalances(tx, { after: null, limit: 1_000 }));
  expect(imbalances).toEqual([]);
}
