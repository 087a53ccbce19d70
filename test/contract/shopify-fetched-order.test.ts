/** A fetched order must count exactly as the webhook about it does, or a re-fetch would move balances. */
import http from 'node:http';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { projectFetchedOrder } from '#app/contracts/shopify-fetched-order.ts';
import { projectOrder } from '#app/contracts/shopify-order.ts';
import type { AdminCaller } from '#app/gateways/shopify.ts';
import { moneySet, type OrderBody } from '#test/platform/order-body.ts';
import type { OrderInput, OrderLineInput } from '#test/platform/order-parts.ts';
import { buildOrder, cancelOrder, createIds, editQuantity, refundAmount, refundLines } from '#test/platform/orders.ts';
import { exchangeItem, fulfillOrder, refundShipping, returnForStoreCredit } from '#test/platform/order-changes.ts';
import { inShoppersMoney } from '#test/platform/shopper-money.ts';
import { closeServer, listen } from '#test/platform/http.ts';
import { createShopify, type Shopify } from '#test/platform/shopify.ts';

const domain = 'fetched-orders.myshopify.com';
const at = new Date('2026-11-20T10:00:00Z');
const later = new Date('2026-11-21T10:00:00Z');
const coffee: OrderLineInput = {
  title: 'Flat white',
  unitPriceMinor: 380,
  quantity: 3,
  productId: 7_001_001,
  variantId: 41_001_001,
};
const beans: OrderLineInput = { title: 'Bag of beans', unitPriceMinor: 1450, quantity: 1, productId: 7_001_003 };
const buyer = { id: 6_001_001, email: 'buyer@example.com', firstName: 'A', lastName: 'B' };

let shopify: Shopify;
let server: http.Server;
let caller: AdminCaller;
const nextId = createIds(9_000_000_000);

beforeAll(async () => {
  shopify = createShopify({
    app: { apiKey: 'key', apiSecret: 'secret' },
    scopes: ['read_orders', 'read_customers', 'read_products', 'read_locations'],
    webhookUrl: () => '',
  });
  server = http.createServer((request, response) => void shopify.handle(request, response));
  const port = await listen(server, 0);
  vi.stubEnv('PLATFORM_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('STAMPWELL_ENV', 'test');
  vi.stubEnv('SHOPIFY_API_KEY', 'key');
  vi.stubEnv('SHOPIFY_API_SECRET', 'secret');
  vi.stubEnv('KEY_ENCRYPTION_KEYS', `test:${Buffer.alloc(32, 1).toString('base64')}`);
  const { exchangeToken } = await import('#app/gateways/shopify.ts');
  const grant = await exchangeToken(domain, await shopify.mintSessionToken(domain));
  caller = { shopDomain: domain, accessToken: grant.accessToken };
});

afterAll(async () => {
  shopify.close();
  await closeServer(server);
  vi.unstubAllEnvs();
});

beforeEach(() => shopify.shop(domain).orders.clear());

function order(input: Partial<OrderInput>): OrderBody {
  return buildOrder({ number: 1001, at, currency: 'EUR', channel: 'online', lines: [coffee, beans], ...input }, nextId);
}

async function expectSame(body: OrderBody): Promise<void> {
  shopify.shop(domain).orders.set(body.id, body);
  const { fetchOrder } = await import('#app/gateways/shopify-orders.ts');
  const fetched = projectFetchedOrder(await fetchOrder(caller, String(body.id)));
  const delivered = projectOrder(body);
  expect(delivered.ok).toBe(true);
  expect(fetched).toEqual(delivered);
}

const lineOf = (body: OrderBody, index: number): number => body.line_items[index]?.id ?? 0;

describe('an order fetched from the Admin API reads as its webhook does', () => {
  const sales: [string, Partial<OrderInput>][] = [
    ['paid online by a customer', { customer: buyer, taxPerMille: 190 }],
    ['paid at the till with a card scanned and a code redeemed', {
      channel: 'pos', customer: null, cardCode: 'L1.aaaaaaaaaaaaaaaaaaaaaa.ABCDEFGHIJ', discountCode: 'SW-TESTTEST',
      lines: [{ ...coffee, discountMinor: 100 }, beans],
    }],
    ['with tax in its prices and shipping', { taxesIncluded: true, taxPerMille: 70, shippingMinor: 499 }],
    ['with a tip on top', { tipMinor: 250 }],
    ['with a tip as a line', { lines: [coffee, { title: 'Tip', unitPriceMinor: 200, quantity: 1, productId: null, isTip: true }], tipMinor: 200 }],
    ['that buys a gift card', { lines: [coffee, { title: 'Gift card', unitPriceMinor: 2500, quantity: 1, productId: 7_001_004, isGiftCard: true }] }],
    ['in yen', { currency: 'JPY', taxesIncluded: true, taxPerMille: 100 }],
    ['in Kuwaiti dinars', { currency: 'KWD', taxPerMille: 50, lines: [{ ...coffee, unitPriceMinor: 1255 }] }],
    ['that is a draft not yet paid', { channel: 'draft', financialStatus: 'pending' }],
    ['that is authorised only', { financialStatus: 'authorized' }],
    ['that is a test', { isTest: true }],
    ['of a brand, fulfilled later', { lines: [{ ...coffee, vendor: 'Bluebird' }], fulfilledAt: later }],
    ['handed over at the till', { channel: 'pos' }],
  ]; // prettier-ignore
  it.each(sales)('an order %s', async (_name, input) => expectSame(order(input)));

  it.each([['EUR', false], ['EUR', true], ['JPY', true], ['KWD', false]] as const)(
    'an order in %s (tax included: %s) refunded by line, by amount, and cancelled', async (currency, taxesIncluded) => {
      const bought = order({ currency, taxesIncluded, taxPerMille: 190, customer: buyer });
      const returned = refundLines(bought, [{ lineId: lineOf(bought, 0), quantity: 2 }], { at: later, nextId }).order;
      await expectSame(returned);
      const goodwill = refundAmount(returned, 123, { at: later, nextId }).order;
      await expectSame(goodwill);
      await expectSame(cancelOrder(goodwill, { at: later, nextId }).order);
    },
  ); // prettier-ignore

  it('an order whose duties went back with some of its goods', async () => {
    const { order: body, refund } = refundAmount(order({}), 600, { at: later, nextId });
    const duties = [{ duty_id: 1, amount_set: moneySet(500, 'EUR') }];
    await expectSame({ ...body, refunds: [{ ...refund, duties }] });
  });

  it('an order whose import fee went back, which the Admin API tells of the order alone', async () => {
    const first = refundAmount(order({}), 600, { at: later, nextId });
    const second = refundAmount(first.order, 150, { at: new Date(later.getTime() + 60_000), nextId });
    const fee = moneySet(500, 'EUR');
    const refunds = [
      { ...first.refund, additional_fees: [{ amount_set: fee }], total_additional_fees_set: fee },
      second.refund,
    ];
    const body = {
      ...second.order,
      refunds,
      original_total_additional_fees_set: moneySet(700, 'EUR'),
      current_total_additional_fees_set: moneySet(200, 'EUR'),
    };
    const told = projectOrder(body);
    expect(told.ok && told.news.refunds.map((refund) => refund.amountOnlyMinor)).toEqual([100, 150]);
    await expectSame(body);
  });

  it('an order edited upwards and downwards', async () => {
    const bought = order({});
    await expectSame(editQuantity(bought, { lineId: lineOf(bought, 0), quantity: 5 }, later));
    await expectSame(editQuantity(bought, { lineId: lineOf(bought, 0), quantity: 1 }, later));
  });

  it.each([
    ['tax included', { taxesIncluded: true, taxPerMille: 190, shippingMinor: 499 }],
    ['tax on top and a tip', { taxPerMille: 190, shippingMinor: 499, tipMinor: 250 }],
  ])('an order of a shopper who sees yen, with %s, in both currencies, with its refunds', async (_name, input) => {
    const yen = (body: OrderBody): OrderBody => inShoppersMoney(body, { currency: 'JPY', times: 163, over: 100 });
    const bought = order({ ...input, lines: [{ ...coffee, discountMinor: 100 }, beans] });
    await expectSame(yen(bought));
    const returned = refundLines(bought, [{ lineId: lineOf(bought, 0), quantity: 2 }], { at: later, nextId }).order;
    await expectSame(yen(refundAmount(returned, 123, { at: later, nextId }).order));
    await expectSame(yen(refundShipping(bought, 499, { at: later, nextId }).order));
  });

  it('an order exchanged, returned for store credit, and fulfilled since', async () => {
    const bought = order({ channel: 'pos', lines: [beans, coffee] });
    const swap = { lineId: lineOf(bought, 0), replacement: { ...coffee, quantity: 1, vendor: 'Bluebird' } };
    const exchanged = exchangeItem(bought, swap, { at: later, nextId }).order;
    await expectSame(exchanged);
    const returned = [{ lineId: lineOf(bought, 1), quantity: 1 }];
    const credited = returnForStoreCredit(exchanged, returned, { at: later, nextId, isRestocked: true }).order;
    await expectSame(fulfillOrder(credited, later));
  });

  it('an order with more lines than fit on one page, all of them returned', async () => {
    const lines = Array.from({ length: 120 }, (_, index) => ({ ...coffee, productId: 100 + index, quantity: 1 }));
    const bought = order({ lines });
    await expectSame(bought);
    const all = bought.line_items.map((line) => ({ lineId: line.id, quantity: 1 }));
    await expectSame(refundLines(bought, all, { at: later, nextId }).order);
  });
});

describe('what a gift card paid', () => {
  const bought = () => order({ gateways: ['gift_card', 'shopify_payments'], lines: [beans] });
  async function tendersOf(body: OrderBody): Promise<unknown> {
    shopify.shop(domain).orders.set(body.id, body);
    const { fetchOrder } = await import('#app/gateways/shopify-orders.ts');
    const fetched = projectFetchedOrder(await fetchOrder(caller, String(body.id)));
    return fetched.ok ? fetched.news.tenders : fetched.problem;
  }

  it('is told by a fetched order, net of what went back to it', async () => {
    const body = bought();
    const payments = [
      { gateway: 'gift_card', amountMinor: 1_000 },
      { gateway: 'shopify_payments', amountMinor: 450 },
    ];
    shopify.shop(domain).payments.set(body.id, payments);
    expect(await tendersOf(body)).toEqual({ asOf: at.toISOString(), giftCardMinor: 1_000, totalMinor: 1_450 });
    // The stand-in pays back to the first tender.
    const refunded = refundAmount(body, 300, { at: later, nextId }).order;
    expect(await tendersOf(refunded)).toEqual({ asOf: later.toISOString(), giftCardMinor: 700, totalMinor: 1_150 });
  });

  it('is not asked of an order that no gift card paid', async () => {
    expect(await tendersOf(order({}))).toBeUndefined();
  });
});

it('an order that Shopify does not have is null', async () => {
  const { fetchOrder } = await import('#app/gateways/shopify-orders.ts');
  expect(await fetchOrder(caller, '404')).toBeNull();
});

it('something that is no order is a problem that quotes nothing of it', () => {
  const projected = projectFetchedOrder({ id: 'gid://shopify/Order/1', number: 'secret' });
  expect(projected).toMatchObject({ ok: false });
  expect(JSON.stringify(projected)).not.toContain('secret');
});
