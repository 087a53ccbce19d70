/** What happens to orders at tills and in shops, told by real deliveries in every order they may come in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withShop } from '#app/data/tenancy.ts';
import { insertRuleVersion } from '#app/data/programs/programs.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import {
  exchangeItem,
  fulfillOrder,
  refundShipping,
  removeItems,
  returnForStoreCredit,
} from '#test/platform/order-changes.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import type { OrderInput, OrderLineInput } from '#test/platform/order-parts.ts';
import { buildOrder, createIds, editQuantity, payOrder, refundAmount, refundLines } from '#test/platform/orders.ts';
import { inShoppersMoney } from '#test/platform/shopper-money.ts';

let system: TestSystem;
let shop: TestShop;
const nextId = createIds();
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const item = (title: string, unitPriceMinor: number, quantity = 1): OrderLineInput => ({
  title,
  unitPriceMinor,
  quantity,
  productId: 11,
});

type Buyer = { shop: TestShop; memberId: string; customerId: string };

async function makeBuyer(ownShop: TestShop = shop): Promise<Buyer> {
  return { shop: ownShop, ...(await makeMember(ownShop)) };
}

/** Changes happen a minute apart, so that the newest is never in doubt. */
function clock(start = Date.now() - hourMs): () => { at: Date; nextId: () => number } {
  let ms = start;
  return () => {
    ms += minuteMs;
    return { at: new Date(ms), nextId };
  };
}

function orderOf(buyer: Buyer, at: Date, input: Partial<OrderInput> = {}): OrderBody {
  const customer = { id: Number(buyer.customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  const lines = [item('Mug', 2_000), item('Beans', 1_000)];
  return buildOrder({ number: 1001, at, currency: 'USD', channel: 'pos', lines, customer, ...input }, nextId);
}

const lineOf = (order: OrderBody, index: number): number => order.line_items[index]?.id ?? 0;

async function tell(buyer: Buyer, topic: string, body: unknown): Promise<void> {
  await deliver(buyer.shop, topic, body);
  await drain(buyer.shop);
}

async function pointsOf(buyer: Buyer): Promise<number> {
  return (await balancesOf(system, buyer.memberId))['points'] ?? 0;
}

describe('an exchange', () => {
  const cases: [string, number, number[]][] = [
    ['a dearer item, once the difference is paid', 3_000, [30, 10, 40]],
    ['a cheaper item', 1_500, [30, 25, 25]],
    ['one of the same price', 2_000, [30, 30, 30]],
  ];
  it.each(cases)('for %s counts what the shopper kept', async (_name, priceMinor, expected) => {
    const buyer = await makeBuyer();
    const next = clock();
    const bought = orderOf(buyer, next().at);
    await tell(buyer, 'orders/paid', bought);
    const seen = [await pointsOf(buyer)];
    const swap = { lineId: lineOf(bought, 0), replacement: item('Other mug', priceMinor) };
    const exchanged = exchangeItem(bought, swap, next());
    await tell(buyer, 'refunds/create', exchanged.refund);
    await tell(buyer, 'orders/updated', exchanged.order);
    seen.push(await pointsOf(buyer));
    await tell(buyer, 'orders/paid', payOrder(exchanged.order, next().at));
    seen.push(await pointsOf(buyer));
    expect(seen).toEqual(expected);
  });

  it('ends the same in every order its deliveries may come in', async () => {
    const next = clock();
    const finals: number[] = [];
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ];
    for (const indices of orders) {
      const buyer = await makeBuyer();
      const bought = orderOf(buyer, next().at);
      const swap = { lineId: lineOf(bought, 0), replacement: item('Other mug', 3_000) };
      const exchanged = exchangeItem(bought, swap, next());
      const told = [
        ['orders/paid', bought],
        ['refunds/create', exchanged.refund],
        ['orders/updated', exchanged.order],
        ['orders/paid', payOrder(exchanged.order, next().at)],
      ] as const;
      for (const index of indices) {
        const [topic, body] = told[index] ?? told[0];
        await tell(buyer, topic, body);
      }
      finals.push(await pointsOf(buyer));
    }
    expect(finals).toEqual([40, 40, 40, 40]);
  });
});

it.each([[true], [false]])(
  'a return to store credit takes its points back, restocked or not: %s',
  async (isRestocked) => {
    const buyer = await makeBuyer();
    const next = clock();
    const bought = orderOf(buyer, next().at);
    await tell(buyer, 'orders/paid', bought);
    const returned = [{ lineId: lineOf(bought, 0), quantity: 1 }];
    const credited = returnForStoreCredit(bought, returned, { ...next(), isRestocked });
    await tell(buyer, 'refunds/create', credited.refund);
    expect(await pointsOf(buyer)).toBe(10);
    await tell(buyer, 'orders/updated', credited.order);
    expect(await pointsOf(buyer)).toBe(10);
    const rest = [{ lineId: lineOf(bought, 1), quantity: 1 }];
    await tell(buyer, 'orders/updated', returnForStoreCredit(credited.order, rest, { ...next(), isRestocked }).order);
    expect(await balancesOf(system, buyer.memberId)).toEqual({ points: 0, stamps: 0 });
  },
);

it('a draft earns nothing until it is paid, and then as a draft', async () => {
  const forDrafts = makeDocument();
  const [spend] = forDrafts.earnRules;
  if (spend === undefined) throw new Error('the program has no rule');
  const ownShop = await makeShop({ ...forDrafts, earnRules: [{ ...spend, conditions: { channels: ['draft'] } }] });
  const buyer = await makeBuyer(ownShop);
  const next = clock();
  const draft = orderOf(buyer, next().at, { channel: 'draft', financialStatus: 'pending' });
  await tell(buyer, 'orders/updated', draft);
  expect(await pointsOf(buyer)).toBe(0);
  await tell(buyer, 'orders/paid', payOrder(draft, next().at));
  expect(await pointsOf(buyer)).toBe(30);
  await tell(buyer, 'orders/paid', orderOf(buyer, next().at, { channel: 'online' }));
  expect(await pointsOf(buyer)).toBe(30);
});

it('a sale made offline that arrives hours late counts by when it was made, with the rules of then', async () => {
  const ownShop = await makeShop();
  const buyer = await makeBuyer(ownShop);
  const changedAt = new Date(Date.now() - 2 * hourMs);
  const double = makeDocument();
  const [spend] = double.earnRules;
  if (spend?.kind !== 'spend') throw new Error('the program has no rule');
  const rates = [{ currency: 'USD', amount: 2, perMinor: 100 }];
  await withShop(ownShop.shopId, (tx) =>
    insertRuleVersion(tx, {
      programId: ownShop.programId,
      document: { ...double, earnRules: [{ ...spend, rates }] },
      effectiveFrom: changedAt,
      publishedAt: changedAt,
      publishedBy: 'test',
    }),
  );
  const madeAt = new Date(changedAt.getTime() - hourMs);
  const syncedAt = new Date().toISOString();
  // Shopify makes the order when the till is online again; the time of the sale is another.
  const late = { ...orderOf(buyer, madeAt), created_at: syncedAt, updated_at: syncedAt };
  await tell(buyer, 'orders/paid', late);
  expect(await pointsOf(buyer)).toBe(30);
  const entries = await system.sql('select occurred_at from ledger_entry where member_id = $1', [buyer.memberId]);
  expect(entries).toEqual([{ occurred_at: madeAt }, { occurred_at: madeAt }]);
  await tell(buyer, 'orders/paid', orderOf(buyer, new Date()));
  expect(await pointsOf(buyer)).toBe(90);
});

it('V2: refunds by amount alone take back exactly what was earned, in any split', async () => {
  const tens = makeDocument();
  const [spend] = tens.earnRules;
  if (spend?.kind !== 'spend') throw new Error('the program has no rule');
  const rates = [{ currency: 'USD', amount: 1, perMinor: 1_000 }];
  const buyer = await makeBuyer(await makeShop({ ...tens, earnRules: [{ ...spend, rates }] }));
  const next = clock();
  let order = orderOf(buyer, next().at, { lines: [item('Machine', 10_000)] });
  await tell(buyer, 'orders/paid', order);
  expect(await pointsOf(buyer)).toBe(10);
  for (const amountMinor of [...Array.from({ length: 12 }, () => 833), 4]) {
    const refunded = refundAmount(order, amountMinor, next());
    await tell(buyer, 'refunds/create', refunded.refund);
    order = refunded.order;
  }
  await tell(buyer, 'orders/updated', order);
  expect(await pointsOf(buyer)).toBe(0);
});

describe('shipping given back', () => {
  const sell = async (document: ProgramDocument) => {
    const buyer = await makeBuyer(await makeShop(document));
    const next = clock();
    const bought = orderOf(buyer, next().at, { channel: 'online', shippingMinor: 1_000 });
    await tell(buyer, 'orders/paid', bought);
    return { buyer, next, bought };
  };

  it('changes nothing where shipping earned nothing', async () => {
    const { buyer, next, bought } = await sell(makeDocument());
    const refunded = refundShipping(bought, 1_000, next());
    await tell(buyer, 'refunds/create', refunded.refund);
    await tell(buyer, 'orders/updated', refunded.order);
    expect(await pointsOf(buyer)).toBe(30);
  });

  it('takes back what shipping earned, and only that', async () => {
    const settings = { ...plainProgram.settings, earnsOnShipping: true };
    const { buyer, next, bought } = await sell(makeDocument({ settings }));
    expect(await pointsOf(buyer)).toBe(40);
    const half = refundShipping(bought, 500, next());
    await tell(buyer, 'refunds/create', half.refund);
    expect(await pointsOf(buyer)).toBe(35);
    await tell(buyer, 'orders/updated', refundShipping(half.order, 500, next()).order);
    expect(await pointsOf(buyer)).toBe(30);
  });
});

it('an order edited upwards keeps what was paid until the difference is, and edited downwards loses it once', async () => {
  const buyer = await makeBuyer();
  const next = clock();
  const bought = orderOf(buyer, next().at);
  await tell(buyer, 'orders/paid', bought);
  const more = editQuantity(bought, { lineId: lineOf(bought, 0), quantity: 3 }, next().at);
  await tell(buyer, 'orders/updated', more);
  expect(await pointsOf(buyer)).toBe(30);
  const paid = payOrder(more, next().at);
  await tell(buyer, 'orders/paid', paid);
  expect(await pointsOf(buyer)).toBe(70);
  const less = removeItems(paid, { lineId: lineOf(paid, 0), quantity: 2 }, next().at);
  await tell(buyer, 'orders/updated', less);
  expect(await pointsOf(buyer)).toBe(30);
  // The money for it goes back as an amount: it is gone already.
  const refunded = refundAmount(less, 4_000, next());
  await tell(buyer, 'refunds/create', refunded.refund);
  expect(await pointsOf(buyer)).toBe(30);
  await tell(buyer, 'orders/updated', refunded.order);
  expect(await pointsOf(buyer)).toBe(30);
});

it('a fulfilled order, told again as such, earns once', async () => {
  const buyer = await makeBuyer();
  const next = clock();
  const bought = orderOf(buyer, next().at, { channel: 'online' });
  await tell(buyer, 'orders/paid', bought);
  await tell(buyer, 'orders/fulfilled', fulfillOrder(bought, next().at));
  expect(await balancesOf(system, buyer.memberId)).toEqual({ points: 30, stamps: 1 });
});

describe('currencies', () => {
  it.each([
    ['JPY', 12_345, 123, 61],
    ['KWD', 12_345, 12, 6],
    ['USD', 12_345, 123, 61],
  ])('%s counts in its own minor unit, and so do its refunds', async (currency, priceMinor, earned, left) => {
    const buyer = await makeBuyer();
    const next = clock();
    const bought = orderOf(buyer, next().at, { currency, lines: [item('Machine', priceMinor)] });
    await tell(buyer, 'orders/paid', bought);
    expect(await pointsOf(buyer)).toBe(earned);
    await tell(buyer, 'refunds/create', refundAmount(bought, Math.ceil(priceMinor / 2), next()).refund);
    expect(await pointsOf(buyer)).toBe(left);
  });

  it('of the shopper count by their own rate, and without one by the shop’s money', async () => {
    const plain = makeDocument();
    const [spend] = plain.earnRules;
    if (spend?.kind !== 'spend') throw new Error('the program has no rule');
    const rates = [
      { currency: 'USD', amount: 1, perMinor: 100 },
      { currency: 'JPY', amount: 1, perMinor: 100 },
    ];
    const buyer = await makeBuyer(await makeShop({ ...plain, earnRules: [{ ...spend, rates }] }));
    const next = clock();
    const yen = { currency: 'JPY', times: 150, over: 100 };
    const bought = inShoppersMoney(orderOf(buyer, next().at), yen);
    await tell(buyer, 'orders/paid', bought);
    expect(await pointsOf(buyer)).toBe(45);
    const dollars = orderOf(buyer, next().at);
    const inFrancs = inShoppersMoney(dollars, { currency: 'CHF', times: 90, over: 100 });
    await tell(buyer, 'orders/paid', inFrancs);
    expect(await pointsOf(buyer)).toBe(75);
    const [mug] = [{ lineId: lineOf(bought, 0), quantity: 1 }];
    const returned = refundLines(bought, [mug], next());
    await tell(buyer, 'orders/updated', inShoppersMoney(returned.order, yen));
    expect(await pointsOf(buyer)).toBe(45);
    await tell(buyer, 'orders/updated', inShoppersMoney(refundAmount(returned.order, 500, next()).order, yen));
    expect(await pointsOf(buyer)).toBe(37);
    const francsBack = refundLines(inFrancs, [{ lineId: lineOf(inFrancs, 0), quantity: 1 }], next());
    await tell(buyer, 'orders/updated', inShoppersMoney(francsBack.order, { currency: 'CHF', times: 90, over: 100 }));
    expect(await pointsOf(buyer)).toBe(17);
    await expectBalanced(buyer.shop.shopId);
  });
});

it('leaves every balance equal to its entries and lots', async () => {
  await expectBalanced(shop.shopId);
});
