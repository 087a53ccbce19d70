/** The stand-in Shopify is a test rig, so it is tested itself: it must be as strict as the real one. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { closeServer, call, listen, readBody } from '#test/platform/http.ts';
import { minorOf, sum } from '#test/platform/order-body.ts';
import {
  buildOrder,
  cancelOrder,
  createIds,
  editQuantity,
  refundAmount,
  refundedMinor,
  refundLines,
} from '#test/platform/orders.ts';
import type { OrderInput } from '#test/platform/order-parts.ts';
import { createShopify } from '#test/platform/shopify.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import { signWebhook } from '#test/platform/webhook-sender.ts';

const app = { apiKey: 'key-of-the-app', apiSecret: 'secret-of-the-app' };
const domain = 'bluebird.myshopify.com';
const exchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const offlineType = 'urn:shopify:params:oauth:token-type:offline-access-token';

const answerSchema = z.record(z.string(), z.unknown());

type Received = { topic: string; webhookId: string; isSigned: boolean; body: string };

let server: Server;
let base: string;
let shopify: Shopify;
let received: Received[] = [];
let answers: number[] = [];

function makeShopify(): Shopify {
  return createShopify({
    app,
    scopes: ['read_orders', 'read_customers', 'write_discounts', 'read_products', 'read_locations'],
    webhookUrl: () => `${base}/hook`,
    webhooks: { retryBaseMs: 1 },
  });
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      if (request.url !== '/hook') return shopify.handle(request, response);
      const body = await readBody(request);
      const isSigned = request.headers['x-shopify-hmac-sha256'] === signWebhook(app.apiSecret, body);
      const { 'x-shopify-topic': topic = '', 'x-shopify-webhook-id': webhookId = '' } = request.headers;
      received.push({ topic: String(topic), webhookId: String(webhookId), isSigned, body: body.toString('utf8') });
      response.writeHead(answers.shift() ?? 200).end();
    })();
  });
  base = `http://127.0.0.1:${await listen(server, 0)}`;
});

beforeEach(() => {
  shopify = makeShopify();
  received = [];
  answers = [];
});

afterAll(() => closeServer(server));

async function post(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await call({
    url: `${base}/shopify/${domain}${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: answerSchema.parse(JSON.parse(answer.body.toString('utf8'))) };
}

async function exchange(changes: Record<string, string> = {}): ReturnType<typeof post> {
  const subject = changes['subject_token'] ?? (await shopify.mintSessionToken(domain));
  return post('/admin/oauth/access_token', {
    client_id: app.apiKey,
    client_secret: app.apiSecret,
    grant_type: exchangeType,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    requested_token_type: offlineType,
    expiring: '1',
    ...changes,
    subject_token: subject,
  });
}

function refresh(refreshToken: unknown): ReturnType<typeof post> {
  const credentials = { client_id: app.apiKey, client_secret: app.apiSecret };
  return post('/admin/oauth/access_token', {
    ...credentials,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
}

function ask(token: unknown, query: string, variables: object = {}): ReturnType<typeof post> {
  return post('/admin/api/2026-07/graphql.json', { query, variables }, { 'x-shopify-access-token': String(token) });
}

describe('the token endpoint', () => {
  it('gives an expiring offline token for a good session token', async () => {
    const { status, body } = await exchange();
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 3600, refresh_token_expires_in: 7_776_000 });
  });

  it('refuses a session token that is expired, signed by another, or meant for another app or shop', async () => {
    const wrong = await Promise.all([
      shopify.mintSessionToken(domain, { lifetimeS: -60 }),
      shopify.mintSessionToken(domain, { secret: 'another secret' }),
      shopify.mintSessionToken(domain, { audience: 'another app' }),
      shopify.mintSessionToken('other.myshopify.com'),
    ]);
    for (const subject of wrong) expect((await exchange({ subject_token: subject })).status).toBe(400);
  });

  it('refuses an app that does not know its secret', async () => {
    expect((await exchange({ client_secret: 'guess' })).status).toBe(401);
  });

  it('keeps the old refresh token alive until its replacement is first used', async () => {
    const first = (await exchange()).body;
    const second = (await refresh(first['refresh_token'])).body;
    const again = await refresh(first['refresh_token']);
    expect(again.status).toBe(200);
    await ask(second['access_token'], '{ shop { name } }');
    expect((await refresh(first['refresh_token'])).status).toBe(400);
    expect((await refresh(second['refresh_token'])).status).toBe(200);
  });

  it('knows its own tokens again after a restart', async () => {
    const { body } = await exchange();
    shopify = makeShopify();
    expect((await ask(body['access_token'], '{ shop { name } }')).status).toBe(200);
    expect((await ask(`shpat_${'0'.repeat(32)}`, '{ shop { name } }')).status).toBe(401);
  });
});

describe('the Admin API', () => {
  it('refuses an expired and an unknown access token', async () => {
    const { body } = await exchange();
    expect((await ask('shpat_unknown', '{ shop { name } }')).status).toBe(401);
    shopify.expireAccessTokens(domain);
    expect((await ask(body['access_token'], '{ shop { name } }')).status).toBe(401);
  });

  it('refuses a field and a variable that the published schema does not know', async () => {
    const token = (await exchange()).body['access_token'];
    const unknownField = await ask(token, '{ shop { nickname } }');
    const mutation = `mutation M($input: DiscountCodeBasicInput!) {
      discountCodeBasicCreate(basicCodeDiscount: $input) { userErrors { message } } }`;
    const unknownVariable = await ask(token, mutation, { input: { title: 'x', code: 'X', bogus: true } });
    expect(JSON.stringify(unknownField.body['errors'])).toContain('nickname');
    expect(JSON.stringify(unknownVariable.body['errors'])).toContain('bogus');
  });

  it('refuses a field that the granted scopes do not open', async () => {
    const token = (await exchange()).body['access_token'];
    const { body } = await ask(
      token,
      'mutation { tagsAdd(id: "gid://shopify/Customer/1", tags: ["x"]) { node { id } } }',
    );
    const gifted = await ask(token, 'mutation { giftCardCreate(input: { initialValue: "5.00" }) { giftCard { id } } }');
    expect(body['errors']).toBeUndefined();
    expect(JSON.stringify(gifted.body['errors'])).toContain('write_gift_cards');
  });

  it('tells an order as the till made it', async () => {
    const token = (await exchange()).body['access_token'];
    const order = buildOrder(sampleInput, createIds());
    shopify.shop(domain).orders.set(order.id, order);
    const query = `query O($id: ID!) { order(id: $id) { legacyResourceId totalPriceSet { shopMoney { amount currencyCode } }
      lineItems(first: 10) { nodes { quantity product { id } } } } }`;
    const { body } = await ask(token, query, { id: order.admin_graphql_api_id });
    expect(body['data']).toMatchObject({
      order: {
        legacyResourceId: String(order.id),
        totalPriceSet: { shopMoney: { amount: order.total_price, currencyCode: 'EUR' } },
      },
    });
  });
});

describe('the webhook sender', () => {
  it('signs the raw bytes', async () => {
    await shopify.webhooks.send({ shopDomain: domain, topic: 'orders/paid', body: { name: 'Zoë' } });
    expect(received).toMatchObject([{ topic: 'orders/paid', isSigned: true }]);
  });

  it('tries again with the same id until it is taken', async () => {
    answers = [503, 500];
    const delivery = await shopify.webhooks.send({ shopDomain: domain, topic: 'orders/paid', body: {} });
    expect(delivery.attempts.map((attempt) => attempt.status)).toEqual([503, 500, 200]);
    expect(new Set(received.map((message) => message.webhookId)).size).toBe(1);
  });

  it('gives up after nine attempts', async () => {
    answers = Array.from({ length: 20 }, () => 500);
    const delivery = await shopify.webhooks.send({ shopDomain: domain, topic: 'orders/paid', body: {} });
    expect(delivery).toMatchObject({ state: 'failed' });
    expect(received).toHaveLength(9);
  });

  it('holds deliveries back and lets them go in the order asked for', async () => {
    shopify.webhooks.hold();
    const sent = ['orders/paid', 'refunds/create', 'orders/updated'].map((topic) =>
      shopify.webhooks.send({ shopDomain: domain, topic, body: {} }),
    );
    await shopify.webhooks.release((held) => held.toReversed());
    await Promise.all(sent);
    expect(received.map((message) => message.topic)).toEqual(['orders/updated', 'refunds/create', 'orders/paid']);
  });

  it('sends a duplicate with the same ids and the same bytes', async () => {
    const delivery = await shopify.webhooks.send({ shopDomain: domain, topic: 'orders/paid', body: { id: 1 } });
    await shopify.webhooks.sendAgain(delivery);
    expect(received[1]).toEqual(received[0]);
  });
});

const sampleInput: OrderInput = {
  number: 1001,
  at: new Date('2026-11-02T10:00:00Z'),
  currency: 'EUR',
  channel: 'pos',
  lines: [{ title: 'Flat white', productId: 7, unitPriceMinor: 380, quantity: 3, discountMinor: 100 }],
};

const lineArbitrary = fc
  .record({
    unitPriceMinor: fc.integer({ min: 1, max: 90_000 }),
    quantity: fc.integer({ min: 1, max: 5 }),
    discountPercent: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ unitPriceMinor, quantity, discountPercent }) => ({
    title: 'Thing',
    productId: 7,
    unitPriceMinor,
    quantity,
    discountMinor: Math.floor((unitPriceMinor * quantity * discountPercent) / 100),
  }));

const orderArbitrary = fc.record({
  lines: fc.array(lineArbitrary, { minLength: 1, maxLength: 4 }),
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  taxesIncluded: fc.boolean(),
  taxPerMille: fc.constantFrom(0, 70, 190),
});

describe('the orders it tells', () => {
  it('always give back exactly what the lines cost when every item is refunded one by one', () => {
    fc.assert(
      fc.property(orderArbitrary, (changes) => {
        const nextId = createIds(1);
        let order = buildOrder({ ...sampleInput, ...changes }, nextId);
        const at = new Date('2026-11-03T10:00:00Z');
        for (const line of order.line_items)
          for (let taken = 0; taken < line.quantity; taken += 1)
            order = refundLines(order, [{ lineId: line.id, quantity: 1 }], { at, nextId }).order;
        expect(refundedMinor(order)).toBe(minorOf(order.total_price, order.currency));
        expect(order.financial_status).toBe('refunded');
      }),
    );
  });

  it('have a total that is the sum of their parts', () => {
    fc.assert(
      fc.property(orderArbitrary, fc.integer({ min: 0, max: 900 }), (changes, tipMinor) => {
        const order = buildOrder({ ...sampleInput, ...changes, tipMinor, shippingMinor: 490 }, createIds(1));
        const read = (text: string): number => minorOf(text, order.currency);
        const taxMinor = changes.taxesIncluded
          ? 0
          : sum(order.line_items.flatMap((line) => line.tax_lines.map((tax) => read(tax.price))));
        expect(read(order.total_price)).toBe(read(order.subtotal_price) + taxMinor + tipMinor + 490);
      }),
    );
  });

  it('stay open after a refund of money without a line', () => {
    const nextId = createIds(1);
    const order = buildOrder(sampleInput, nextId);
    const { order: changed, refund } = refundAmount(order, 100, { at: new Date(), nextId });
    expect(refund.refund_line_items).toEqual([]);
    expect(changed.financial_status).toBe('partially_refunded');
    expect(order.refunds).toEqual([]);
  });

  it('never give back more than was paid, whatever goodwill came before', () => {
    const nextId = createIds(1);
    const at = new Date('2026-11-03T10:00:00Z');
    const { order } = refundAmount(buildOrder(sampleInput, nextId), 100, { at, nextId });
    const cancelled = cancelOrder(order, { at, nextId });
    expect(refundedMinor(cancelled.order)).toBe(minorOf(order.total_price, 'EUR'));
    expect(cancelled.refund?.order_adjustments).toMatchObject([{ amount: '1.00' }]);
  });

  it('are refunded by cancelling when they were paid, and voided when they were not', () => {
    const nextId = createIds(1);
    const paid = cancelOrder(buildOrder(sampleInput, nextId), { at: new Date(), nextId });
    const pending = cancelOrder(buildOrder({ ...sampleInput, financialStatus: 'pending' }, nextId), {
      at: new Date(),
      nextId,
    });
    expect(paid.order.financial_status).toBe('refunded');
    expect(pending).toMatchObject({ refund: null, order: { financial_status: 'voided' } });
  });

  it('wait for the difference when an edit makes them dearer', () => {
    const order = buildOrder(sampleInput, createIds(1));
    const edited = editQuantity(order, { lineId: order.line_items[0]?.id ?? 0, quantity: 5 }, new Date());
    expect(edited.financial_status).toBe('partially_paid');
    expect(edited.total_price).toBe('18.00');
  });
});
