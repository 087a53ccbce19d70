/** Of an order that was edited downwards and paid back, only the last state is told: it earns what stands of it all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { authorize, expectBalanced, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import { removeItems } from '#test/platform/order-changes.ts';
import { buildOrder, createIds, refundAmount } from '#test/platform/orders.ts';

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;
const nextId = createIds();
const start = Date.now() - 3_600_000;
const at = (minutes: number) => new Date(start + minutes * 60_000);

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem();
  shop = await makeShop();
  await authorize(standIn.shopify, shop);
});
afterAll(async () => {
  await system.close();
  await standIn.close();
});

/** Three mugs of 10.00 that were paid, and the order without one of them, after so much of its money went back. */
function sellAndEdit(customerId: string, backMinor: number): { bought: OrderBody; last: OrderBody } {
  const customer = { id: Number(customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  const lines = [{ title: 'Mug', unitPriceMinor: 1_000, quantity: 3, productId: 11 }];
  const bought = buildOrder({ number: 1001, at: at(0), currency: 'USD', channel: 'online', lines, customer }, nextId);
  const less = removeItems(bought, { lineId: bought.line_items[0]?.id ?? 0, quantity: 1 }, at(1));
  return { bought, last: refundAmount(less, backMinor, { at: at(2), nextId }).order };
}

async function tell(topic: string, body: unknown): Promise<void> {
  await deliver(shop, topic, body);
  await drain(shop);
}

async function timesAsked(orderId: number): Promise<number> {
  const jobs = "select 1 as one from outbox where job = 'refetch-order' and payload->>'orderId' = $1";
  return (await system.sql(jobs, [String(orderId)])).length;
}

async function refetch(order: OrderBody, paidMinor: number): Promise<void> {
  const shopify = standIn.shopify.shop(shop.domain);
  shopify.orders.set(order.id, order);
  shopify.payments.set(order.id, [{ gateway: 'shopify_payments', amountMinor: paidMinor }]);
  await refetchOrder({ shopId: shop.shopId, orderId: String(order.id) });
  await drain(shop);
}

it.each([1_000, 700])(
  'at once where its balance tells what had been paid, of which %i went back',
  async (backMinor) => {
    const { memberId, customerId } = await makeMember(shop);
    const { bought, last } = sellAndEdit(customerId, backMinor);
    await tell('orders/updated', last);
    expect(await balancesOf(system, memberId)).toMatchObject({ points: 20 });
    await refetch(last, 3_000);
    await tell('orders/paid', bought);
    expect(await balancesOf(system, memberId)).toMatchObject({ points: 20 });
    await expectBalanced(shop.shopId);
  },
);

it.each([
  ['paid before the edit', 3_000, 20],
  ['paid after the edit', 2_000, 10],
])('else once it was asked for its payments: %s', async (_name, paidMinor, points) => {
  const { memberId, customerId } = await makeMember(shop);
  const { last } = sellAndEdit(customerId, 1_000);
  await tell('orders/updated', { ...last, total_outstanding: null });
  expect([await balancesOf(system, memberId), await timesAsked(last.id)]).toMatchObject([{ points: 10 }, 1]);
  await refetch(last, paidMinor);
  expect([await balancesOf(system, memberId), await timesAsked(last.id)]).toMatchObject([{ points }, 1]);
  await tell('orders/updated', { ...last, total_outstanding: null });
  expect([await balancesOf(system, memberId), await timesAsked(last.id)]).toMatchObject([{ points }, 1]);
  await expectBalanced(shop.shopId);
});

it('and is not asked for its payments where its paid state was told', async () => {
  const { memberId, customerId } = await makeMember(shop);
  const { bought, last } = sellAndEdit(customerId, 1_000);
  await tell('orders/paid', bought);
  await tell('orders/updated', { ...last, total_outstanding: null });
  expect([await balancesOf(system, memberId), await timesAsked(last.id)]).toMatchObject([{ points: 20 }, 0]);
});
