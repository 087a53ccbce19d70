/** What shoppers and staff are shown before the sale is what is booked after it: theme, page after an order, and till. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { posPreviewAnswerSchema } from '#app/contracts/pos.ts';
import { problemSchema } from '#app/contracts/problem.ts';
import { type ShownCart, type ShownEstimate, shownEstimateSchema } from '#app/contracts/shown-estimate.ts';
import { storefrontProgramSchema } from '#app/contracts/storefront.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { signedQuery } from '#test/platform/app-proxy.ts';
import { call } from '#test/platform/http.ts';
import { startPlatformServer } from '#test/platform/platform-server.ts';
import { mintShopperToken } from '#test/platform/session-token.ts';
import { createStorefront } from '#test/platform/storefront.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { expectBalanced, type ExtensionRig, startExtensionRig, tillFields } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  orderBody,
  type TestShop,
} from '#test/support/factories.ts';

const secret = 'test-secret';

/** Rules that look at lines, channel, discounts and the member's day, so that a careless estimate is wrong. */
const document: ProgramDocument = makeDocument({
  earnRules: [
    {
      kind: 'spend',
      id: 'spend',
      unit: 'points',
      rates: [{ currency: 'USD', amount: 3, perMinor: 200 }],
      rounding: 'floor',
      conditions: { minimumMinor: 500 },
    },
    { kind: 'item', id: 'beans', unit: 'points', amount: 7, conditions: { productIds: ['21'] } },
    {
      kind: 'visit',
      id: 'visit',
      unit: 'stamps',
      amount: 2,
      conditions: { channels: ['pos'] },
      caps: { perDay: 3 },
    },
  ],
});

let rig: ExtensionRig;
let edge: Edge;
let shop: TestShop;
let other: TestShop;

beforeAll(async () => {
  rig = await startExtensionRig();
  edge = await startEdge();
  shop = await makeShop(document);
  other = await makeShop(document);
});
afterAll(async () => {
  await edge.close();
  await rig.close();
});
afterEach(() => expectBalanced(shop.shopId));

/** Two goods and a gift card, 10 % off the whole cart. */
const cart: ShownCart = {
  currency: 'USD',
  taxesIncluded: false,
  lines: [
    { productId: '11', variantId: '12', quantity: 3, total: '29.97' },
    { productId: '21', variantId: '22', quantity: 2, total: 10 },
    { productId: '31', variantId: '32', quantity: 1, total: '50.00', isGiftCard: true },
  ],
  discount: '8.99',
};

/** The same cart as the order Shopify makes of it: it shares the discount over the lines. */
function paidOrder(overrides: Record<string, unknown>): Record<string, unknown> {
  const line = (id: number, [product, quantity, price, off]: [number, number, string, string], isGiftCard = false) => ({
    id,
    product_id: product,
    variant_id: product + 1,
    quantity,
    price,
    gift_card: isGiftCard,
    discount_allocations: [{ amount: off, discount_application_index: 0 }],
    tax_lines: [],
  });
  return orderBody({
    total_price: '80.98',
    subtotal_price: '80.98',
    total_discounts: '8.99',
    line_items: [
      line(1, [11, 3, '9.99', '2.99']),
      line(2, [21, 2, '5.00', '1.00']),
      line(3, [31, 1, '50.00', '5.00'], true),
    ],
    ...overrides,
  });
}

const byUnit = ({ amounts }: Pick<ShownEstimate, 'amounts'>) =>
  Object.fromEntries(amounts.map(({ unit, amount }) => [unit, amount]));

type Asked = {
  where?: TestShop;
  customerId?: string | null;
  query?: (signed: string) => string;
  body?: unknown;
  secret?: string;
  timestampS?: number;
};

async function askTheme({ where = shop, customerId = null, query = (signed) => signed, ...asked }: Asked = {}) {
  const signed = signedQuery({ shopDomain: where.domain, customerId, secret, ...asked });
  const answer = await call({
    url: `${edge.url}/proxy/v1/estimate?${query(signed)}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked.body ?? { cart }),
  });
  const body: unknown = JSON.parse(answer.body.toString('utf8'));
  return { status: answer.status, headers: answer.headers, body };
}

async function themeEstimate(asked: Asked = {}): Promise<ShownEstimate> {
  const { status, body } = await askTheme(asked);
  expect([status, body]).toEqual([200, body]);
  return shownEstimateSchema.parse(body);
}

async function buy(overrides: Record<string, unknown>): Promise<string> {
  const body = paidOrder(overrides);
  await deliver(shop, 'orders/paid', body);
  await drain(shop);
  return String(body['id']);
}

describe('the estimate in the theme', () => {
  it('is what a member is given for the same cart', async () => {
    const { customerId, memberId } = await makeMember(shop);
    const shown = await themeEstimate({ customerId });
    expect(shown).toMatchObject({ programName: 'Coffee Club', isMember: true });
    // 26.98 + 9.00 of goods at 3 for 2.00, and 7 for each of two bags.
    expect(byUnit(shown)).toEqual({ points: 53 + 14 });
    await buy({ customer: { id: Number(customerId) } });
    expect(await balancesOf(rig.system, memberId)).toMatchObject(byUnit(shown));
  });

  it('says that it is the most it can be where prices hold a tax that does not count and is not told', async () => {
    const { customerId, memberId } = await makeMember(shop);
    const body = { cart: { ...cart, taxesIncluded: true } };
    const shown = (await askTheme({ customerId, body })).body as ShownEstimate;
    expect([shown.isUpTo, (await themeEstimate({ customerId })).isUpTo]).toEqual([true, false]);
    expect(((await askTheme({ body: { cart: { ...body.cart, tax: '5.00' } } })).body as ShownEstimate).isUpTo).toBe(
      false,
    );
    const taxed = paidOrder({ customer: { id: Number(customerId) }, taxes_included: true });
    for (const line of taxed['line_items'] as { tax_lines: unknown[]; price: string }[])
      line.tax_lines = [{ price: '1.00', rate: 0.1, title: 'VAT' }];
    await deliver(shop, 'orders/paid', taxed);
    await drain(shop);
    expect((await balancesOf(rig.system, memberId))['points']).toBeLessThan(byUnit(shown)['points'] ?? 0);
  });

  it('is what joining would bring for a guest, and for somebody else’s customer', async () => {
    const { customerId } = await makeMember(shop);
    expect(await themeEstimate()).toMatchObject({ isMember: false, amounts: [{ unit: 'points', amount: 67 }] });
    expect(await themeEstimate({ customerId, where: other })).toMatchObject({ isMember: false });
  });

  it('shows nothing in money that the program does not count, and books nothing', async () => {
    const { customerId, memberId } = await makeMember(shop);
    const foreign = await themeEstimate({ customerId, body: { cart: { ...cart, currency: 'EUR' } } });
    expect(foreign.amounts).toEqual([]);
    expect(await balancesOf(rig.system, memberId)).toEqual({ points: 0, stamps: 0 });
  });

  it('refuses whatever Shopify did not sign just as it came', async () => {
    const { customerId } = await makeMember(shop);
    const refusals = [
      await askTheme({ secret: 'another-secret' }),
      await askTheme({ query: (signed) => signed.replace(shop.domain, other.domain) }),
      await askTheme({ query: (signed) => signed.replace('customer_id=', `customer_id=${customerId}`) }),
      await askTheme({ query: (signed) => `${signed}&logged_in_customer_id=${customerId}` }),
      await askTheme({ query: (signed) => signed.replace(/signature=\w+/, 'signature=') }),
      await askTheme({ query: (signed) => signed.replace(/signature=\w+/, '') }),
      await askTheme({ timestampS: Math.floor(Date.now() / 1000) - 600 }),
    ];
    for (const { status, body, headers } of refusals)
      expect([status, problemSchema.parse(body).code, headers['www-authenticate']]).toEqual([
        401,
        'proxy-signature-invalid',
        'Shopify-Proxy realm="Stampwell"',
      ]);
  });

  it('knows only shops that have the app, and reads only carts', async () => {
    const stranger = { ...shop, domain: 'stranger.myshopify.com' };
    expect((await askTheme({ where: stranger })).status).toBe(403);
    for (const body of [{}, { cart: { ...cart, lines: [] } }, { cart: { ...cart, discount: '-1' } }]) {
      expect((await askTheme({ body })).status).toBe(422);
    }
    const get = await call({ url: `${edge.url}/proxy/v1/estimate` });
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST']);
    expect((await call({ url: `${edge.url}/proxy/v1/other` })).status).toBe(404);
    expect((await askTheme()).headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a shop’s own pages', () => {
  it('reach the app through the proxy, which names who is logged in', async () => {
    const { customerId } = await makeMember(shop);
    const storefront = createStorefront({ shopify: rig.shopify, appUrl: edge.url, domain: shop.domain });
    const platform = await startPlatformServer(0);
    platform.add(storefront);
    try {
      const page = `${platform.url}/shop/${shop.domain}/products/7001001`;
      const html = (await call({ url: `${page}?locale=de` })).body.toString('utf8');
      expect(html).toContain('data-product="7001001"');
      expect(html).toContain('data-earn="Du sammelst %s"');
      const asked = { url: `${platform.url}/apps/stampwell/estimate`, body: JSON.stringify({ cart }) };
      const ask = async (referer: string) => {
        const answer = await call({ ...asked, headers: { 'content-type': 'application/json', referer } });
        return shownEstimateSchema.parse(JSON.parse(answer.body.toString('utf8')));
      };
      expect(await ask(page)).toMatchObject({ isMember: false, amounts: [{ amount: 67 }] });
      expect(await ask(`${page}?customer=${customerId}`)).toMatchObject({ isMember: true, amounts: [{ amount: 67 }] });
      asked.body = JSON.stringify({ cart, locale: 'de-CH' });
      expect((await ask(page)).amounts).toMatchObject([{ amount: 67, label: 'Punkte' }]);
    } finally {
      await platform.close();
    }
  });
});

describe('the estimate on the page after an order', () => {
  it('is what the order brings once its buyer has joined', async () => {
    const { app } = rig.shopify;
    const token = await mintShopperToken(app, shop.domain, null);
    const answer = await rig.ask(shop, '/storefront/v1/estimates', { token, body: { cart } });
    const shown = shownEstimateSchema.parse(answer.body);
    expect(shown).toMatchObject({ isMember: false, amounts: [{ unit: 'points', amount: 67 }] });
    const orderId = await buy({});
    const { consentWording } = storefrontProgramSchema.parse(
      (await rig.ask(shop, '/storefront/v1/program', { token })).body,
    );
    const joined = await rig.ask(shop, '/storefront/v1/enrollments', {
      token,
      body: {
        orderId: `gid://shopify/Order/${orderId}`,
        consents: { program: false, marketing: false },
        wordingVersion: consentWording.version,
        locale: 'en',
      },
    });
    expect(joined.status).toBe(200);
    const [row] = await rig.system.sql<{ member_id: string }>('select member_id from order_state where order_id = $1', [
      orderId,
    ]);
    expect(await balancesOf(rig.system, row?.member_id ?? '')).toMatchObject(byUnit(shown));
  });

  it('tells a member where they stand, and what the next reward asks for', async () => {
    const { customerId } = await makeMember(shop);
    await buy({ customer: { id: Number(customerId) }, source_name: 'pos' });
    const token = await mintShopperToken(rig.shopify.app, shop.domain, Number(customerId));
    const standingIn = async (locale: string) => {
      const { body } = await rig.ask(shop, `/storefront/v1/program?locale=${locale}`, { token });
      return storefrontProgramSchema.parse(body).member?.standing;
    };
    expect(await standingIn('en')).toEqual({
      balances: [
        { unit: 'points', label: 'points', available: 67, pending: 0, card: null },
        { unit: 'stamps', label: 'stamps', available: 2, pending: 0, card: { onCard: 2, needed: 10 } },
      ],
      tier: null,
      nextReward: { name: 'Free coffee', missing: 8, label: 'stamps' },
    });
    expect(await standingIn('de-AT')).toMatchObject({
      balances: [{ label: 'Punkte' }, { label: 'Stempel' }],
      nextReward: { label: 'Stempel' },
    });
  });
});

describe('the preview at the till', () => {
  const { locationId } = tillFields();
  const preview = async (memberId: string, sale: ShownCart | null = cart, where = shop) =>
    rig.ask(where, '/pos/v1/preview', { body: { memberId, cart: sale, locationId } });

  it('is what the sale brings, with what the day has given already', async () => {
    const { customerId, memberId } = await makeMember(shop);
    const sale = { customer: { id: Number(customerId) }, source_name: 'pos', location_id: Number(locationId) };
    const first = posPreviewAnswerSchema.parse((await preview(memberId)).body);
    expect(byUnit(first)).toEqual({ points: 67, stamps: 2 });
    await buy(sale);
    expect(await balancesOf(rig.system, memberId)).toEqual({ points: 67, stamps: 2 });
    // Three stamps a day.
    const second = posPreviewAnswerSchema.parse((await preview(memberId)).body);
    expect(byUnit(second)).toEqual({ points: 67, stamps: 1 });
    expect(second.amounts.map(({ amount, label }) => `${amount} ${label}`).toSorted()).toEqual([
      '1 stamp',
      '67 points',
    ]);
    await buy(sale);
    expect(await balancesOf(rig.system, memberId)).toEqual({ points: 134, stamps: 3 });
    expect(second.rewards).toEqual([
      { rewardId: 'coffee', isAvailable: false, reason: 'not-enough' },
      { rewardId: 'five-off', isAvailable: false, reason: 'not-enough' },
    ]);
    const third = posPreviewAnswerSchema.parse((await preview(memberId, null)).body);
    expect(third).toMatchObject({ amounts: [], rewards: [{}, { rewardId: 'five-off', isAvailable: true }] });
  });

  it('tells staff of another shop and shoppers nothing', async () => {
    const { memberId } = await makeMember(shop);
    expect((await preview(memberId, cart, other)).status).toBe(404);
    const token = await mintShopperToken(rig.shopify.app, shop.domain, 5);
    const body = { memberId, cart, locationId };
    expect((await rig.ask(shop, '/pos/v1/preview', { token, body })).status).toBe(403);
  });
});
