import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  balancesOf,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { findShopByDomain } from '#app/data/directory.ts';
import { markInstalled, readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { retryDelivery } from '#app/flows/orders/retry-delivery.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
let edge: Edge;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

type Stored = { id: string; state: string; problem: string | null; has_projection: boolean; has_sealed: boolean };

async function storedDelivery(webhookId: string): Promise<Stored[]> {
  return system.sql<Stored>(
    `select id::text, state, problem, projection is not null as has_projection, sealed is not null as has_sealed
     from inbox where webhook_id = $1`,
    [webhookId],
  );
}

async function send(
  body: unknown,
  options: { topic?: string; to?: TestShop } = {},
): Promise<{ status: number; webhookId: string }> {
  const webhookId = randomUUID();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const to = options.to ?? shop;
  const { status } = await post(edge, {
    body: text,
    shop: to.domain,
    webhookId,
    ...(options.topic && { topic: options.topic }),
  });
  return { status, webhookId };
}

describe('storing a delivery', () => {
  it('happens once when the same delivery comes 50 times at once', async () => {
    const webhookId = randomUUID();
    const body = JSON.stringify(orderBody());
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(edge, { body, shop: shop.domain, webhookId })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(await storedDelivery(webhookId)).toHaveLength(1);
  });

  it('keeps deliveries of equal ids of two shops apart', async () => {
    const other = await makeShop();
    const webhookId = randomUUID();
    for (const domain of [shop.domain, other.domain])
      expect((await post(edge, { body: JSON.stringify(orderBody()), shop: domain, webhookId })).status).toBe(200);
    expect(await storedDelivery(webhookId)).toHaveLength(2);
  });

  it('of a shop nobody met yet registers it, also 20 at once, and the orders count once it is installed', async () => {
    const domain = `new-${randomUUID().slice(0, 8)}.myshopify.com`;
    const orders = Array.from({ length: 20 }, () => orderBody({ customer: { id: 4_711 } }));
    const answers = await Promise.all(orders.map((order) => post(edge, { body: JSON.stringify(order), shop: domain })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await system.sql('select state from shop where domain = $1', [domain])).toEqual([{ state: 'pending' }]);
    const shopId = await findShopByDomain(domain);
    if (shopId === null) throw new Error('the shop was not registered');
    await drain({ shopId });
    await withShop(shopId, (tx) =>
      markInstalled(tx, { name: 'New', currency: 'USD', timeZone: 'UTC', country: 'US', scopes: '' }, new Date()),
    );
    expect((await withShop(shopId, readShop)).state).toBe('installed');
    expect(await system.sql('select 1 from order_state where shop_id = $1', [shopId])).toHaveLength(20);
  });
});

describe('a delivery that does not fit', () => {
  const canary = 'Xanthippe Quarantine-Canary';

  it.each<[string, string, unknown]>([
    ['a topic nobody knows', 'payments/invented', { note: canary }],
    ['a topic named like a built-in', 'constructor/prototype', { note: canary }],
    ['an order without an id', 'orders/paid', { ...orderBody({ note: canary }), id: null }],
    ['an order with an unknown currency', 'orders/paid', orderBody({ currency: 'XXQ', note: canary })],
    ['an order with a price that is none', 'orders/paid', orderBody({ total_price: 'a lot', note: canary })],
    ['a list', 'orders/paid', [canary]],
    ['a text', 'orders/paid', JSON.stringify(canary)],
    ['null', 'shop/redact', null],
    [
      'a merge of customers that are objects',
      'customers/merge',
      { admin_graphql_api_customer_kept_id: { toString: 1 }, note: canary },
    ],
    ['an order nested 100,000 deep', 'orders/paid', `${'['.repeat(100_000)}"${canary}"${']'.repeat(100_000)}`],
    [
      'an order with lines nested 100,000 deep',
      'orders/paid',
      `{"currency":"USD","id":1,"line_items":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ],
    ['an order with a number beyond all numbers', 'orders/paid', '{"id":1e400,"currency":"USD"}'],
    [
      'a finished bulk operation whose id is a tree',
      'bulk_operations/finish',
      `{"admin_graphql_api_id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ],
  ])('(%s) is acknowledged, quarantined, visible, and sealed', async (_name, topic, body) => {
    const { status, webhookId } = await send(body, { topic });
    expect(status).toBe(200);
    const [row] = await storedDelivery(webhookId);
    expect(row).toMatchObject({ state: 'quarantined', has_projection: false, has_sealed: true });
    expect(row?.problem).toMatch(/^[\w .[\]]+$/);
    const { deliveries } = await privacyPage(shop.shopId);
    expect(deliveries.find((delivery) => delivery.deliveryId === row?.id)).toMatchObject({
      topic,
      state: 'quarantined',
    });
    expect(await retryDelivery({ shopId: shop.shopId, deliveryId: row?.id ?? '', actor: 'test' })).toMatchObject({
      kind: 'still-misfit',
    });
    expect(await findInDatabase(system, [canary])).toEqual([]);
  });

  it('is removed after 72 hours and not a minute before', async () => {
    const own = await makeShop();
    const { webhookId } = await send({ note: canary }, { topic: 'payments/invented', to: own });
    setClockOffsetMs(72 * 3_600_000 - 60_000);
    await purgeByRetention({ shopId: own.shopId });
    expect(await storedDelivery(webhookId)).toHaveLength(1);
    setClockOffsetMs(72 * 3_600_000 + 60_000);
    await purgeByRetention({ shopId: own.shopId });
    setClockOffsetMs(0);
    expect(await storedDelivery(webhookId)).toEqual([]);
    const { retention } = await privacyPage(own.shopId);
    expect(retention.find((entry) => entry.class === 'quarantined bodies')?.lastRun).toBeInstanceOf(Date);
  });
});

describe('a body that is valid but odd', () => {
  it('with duplicate keys counts by the last, as every JSON reader has it', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const text = JSON.stringify(orderBody({ customer: { id: Number(customerId) } })).replace(
      '{',
      '{"currency":"EUR","financial_status":"pending",',
    );
    expect((await send(text)).status).toBe(200);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
  });

  it('with __proto__ and constructor keys changes no object of ours', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const order = JSON.stringify(orderBody({ customer: { id: Number(customerId) } }));
    const poison = '"__proto__":{"test":true,"polluted":true},"constructor":{"prototype":{"polluted":true}},';
    expect((await send(order.replace('{', `{${poison}`))).status).toBe(200);
    await drain(shop);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
  });

  it('with huge numbers beside what we read counts as if they were not there', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const order = JSON.stringify(orderBody({ customer: { id: Number(customerId) } }));
    expect((await send(order.replace('{', '{"weight":1e400,"depth":-1e400,"number":1e308,'))).status).toBe(200);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
  });

  it.each([
    ['a lone surrogate', String.raw`\ud800`],
    ['a NUL', String.raw`\u0000`],
  ])('with %s in its texts counts without them, and blocks nobody', async (_name, escape) => {
    const own = await makeShop();
    const { memberId, customerId } = await makeMember(own);
    const odd = JSON.stringify(
      orderBody({
        customer: { id: Number(customerId) },
        source_name: 'MARK',
        discount_codes: [{ code: 'SW-MARK' }],
        note: 'MARK',
      }),
    );
    const first = await send(odd.replaceAll('MARK', escape), { to: own });
    const shopNews = await send(`{"name":"Caf${escape}","currency":"USD"}`, { topic: 'shop/update', to: own });
    expect([first.status, shopNews.status]).toEqual([200, 200]);
    expect((await send(orderBody({ customer: { id: Number(customerId) } }), { to: own })).status).toBe(200);
    await drain(own);
    expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
    for (const { webhookId } of [first, shopNews])
      expect(await storedDelivery(webhookId)).toMatchObject([{ state: 'done' }]);
  });
});
