/** An order whose webhook told no figures is fetched, and settles like any other. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { Unavailable } from '#app/lib/errors.ts';
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
import { buildOrder, createIds, editQuantity, payOrder } from '#test/platform/orders.ts';

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;
const nextId = createIds();

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

async function buyFor(customerId: string): Promise<OrderBody> {
  const customer = { id: Number(customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  const lines = [{ title: 'Flat white', unitPriceMinor: 400, quantity: 2, productId: 11 }];
  const order = buildOrder(
    { number: 1001, at: new Date(), currency: 'USD', channel: 'online', lines, customer },
    nextId,
  );
  standIn.shopify.shop(shop.domain).orders.set(order.id, order);
  await deliver(shop, 'orders/paid', order);
  await drain(shop);
  return order;
}

it('an edit told by its deltas alone is counted by the order itself, once however often it is fetched', async () => {
  const { memberId, customerId } = await makeMember(shop);
  const order = await buyFor(customerId);
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 8 });
  const later = new Date(Date.now() + 1_000);
  const edited = payOrder(editQuantity(order, { lineId: order.line_items[0]?.id ?? 0, quantity: 5 }, later), later);
  standIn.shopify.shop(shop.domain).orders.set(order.id, edited);
  await deliver(shop, 'orders/edited', { order_edit: { id: 1, order_id: order.id } });
  await drain(shop);
  const jobs = await system.sql('select payload from outbox where job = $1', ['refetch-order']);
  expect(jobs).toEqual([{ payload: { shopId: shop.shopId, orderId: String(order.id) } }]);
  const job = { shopId: shop.shopId, orderId: String(order.id) };
  await Promise.all([refetchOrder(job), refetchOrder(job)]);
  await drain(shop);
  await refetchOrder(job);
  await drain(shop);
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 20 });
  await expectBalanced(shop.shopId);
});

it('fetching an unchanged order changes nothing', async () => {
  const { memberId, customerId } = await makeMember(shop);
  const order = await buyFor(customerId);
  await refetchOrder({ shopId: shop.shopId, orderId: String(order.id) });
  await drain(shop);
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 8, stamps: 1 });
  const entries = await system.sql('select 1 as one from ledger_entry where member_id = $1', [memberId]);
  expect(entries).toHaveLength(2);
});

it('an order of another shop, or none at all, ends the job', async () => {
  const { customerId } = await makeMember(shop);
  const order = await buyFor(customerId);
  const other = await makeShop();
  await authorize(standIn.shopify, other);
  await refetchOrder({ shopId: other.shopId, orderId: String(order.id) });
  await refetchOrder({ shopId: shop.shopId, orderId: '404' });
  expect(await system.sql('select 1 as one from inbox where shop_id = $1', [other.shopId])).toEqual([]);
});

it('a shop without a session ends the job; a Shopify that is down is tried again', async () => {
  const { customerId } = await makeMember(shop);
  const order = await buyFor(customerId);
  const job = { shopId: shop.shopId, orderId: String(order.id) };
  standIn.shopify.shop(shop.domain).faults.failingCalls = 10;
  await expect(refetchOrder(job)).rejects.toThrow(Unavailable);
  standIn.shopify.shop(shop.domain).faults.failingCalls = 0;
  await refetchOrder(job);
  const without = await makeShop();
  await refetchOrder({ shopId: without.shopId, orderId: String(order.id) });
});
