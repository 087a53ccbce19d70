/** Deliveries that never came are noticed by comparing with Shopify, and repaired through the same settlement. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { reconcileOrders } from '#app/flows/orders/reconcile-orders.ts';
import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
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
import { buildOrder, createIds, refundLines } from '#test/platform/orders.ts';

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;
const nextId = createIds();

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem();
});
beforeEach(async () => {
  shop = await makeShop();
  await authorize(standIn.shopify, shop);
});
afterAll(async () => {
  setClockOffsetMs(0);
  await system.close();
  await standIn.close();
});

const minuteMs = 60_000;

/** A paid order at Shopify, made a while ago so that its deliveries cannot be on their way any more. */
function buyAtShopify(customerId: string, minutesAgo: number): OrderBody {
  const customer = { id: Number(customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  const lines = [{ title: 'Flat white', unitPriceMinor: 400, quantity: 2, productId: 11 }];
  const at = new Date(Date.now() - minutesAgo * minuteMs);
  const order = buildOrder({ number: 1001, at, currency: 'USD', channel: 'online', lines, customer }, nextId);
  standIn.shopify.shop(shop.domain).orders.set(order.id, order);
  return order;
}

function refundAtShopify(order: OrderBody, minutesAgo: number): OrderBody {
  const [line] = order.line_items;
  const at = new Date(Date.now() - minutesAgo * minuteMs);
  const refunded = refundLines(order, [{ lineId: line?.id ?? 0, quantity: 1 }], { at, nextId });
  standIn.shopify.shop(shop.domain).orders.set(order.id, refunded.order);
  return refunded.order;
}

async function askedAgain(): Promise<string[]> {
  const rows = await system.sql<{ payload: { orderId: string } }>(
    "select payload from outbox where job = 'refetch-order' and payload->>'shopId' = $1 order by id",
    [shop.shopId],
  );
  return rows.map((row) => row.payload.orderId);
}

/** What the worker does with the jobs. */
async function fetchAll(orderIds: string[]): Promise<void> {
  for (const orderId of orderIds) await refetchOrder({ shopId: shop.shopId, orderId });
  await drain(shop);
}

it('every delivery that stayed away is found and repaired, and nothing else is asked for', async () => {
  const { memberId, customerId } = await makeMember(shop);
  const withheld: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    const order = buyAtShopify(customerId, 60 - index);
    if (index % 4 === 3) withheld.push(String(order.id));
    else await deliver(shop, 'orders/paid', order);
    // A refund that was never told.
    if (index % 4 === 2) withheld.push(String(refundAtShopify(order, 30 - index).id));
  }
  await drain(shop);
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 9 * 8, stamps: 9 });
  const report = await reconcileOrders({ shopId: shop.shopId });
  expect(report).toEqual({ compared: 12, askedAgain: 6 });
  expect((await askedAgain()).toSorted()).toEqual(withheld.toSorted());
  await fetchAll(await askedAgain());
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 9 * 8 + 3 * 4, stamps: 12 });
  await expectBalanced(shop.shopId);
  await system.sql('delete from outbox where true');
  expect(await reconcileOrders({ shopId: shop.shopId })).toMatchObject({ askedAgain: 0 });
  expect(await askedAgain()).toEqual([]);
});

it('an order that changed a moment ago is left to its delivery, and looked at in the next run', async () => {
  const { customerId } = await makeMember(shop);
  const order = buyAtShopify(customerId, 0);
  expect(await reconcileOrders({ shopId: shop.shopId })).toEqual({ compared: 0, askedAgain: 0 });
  setClockOffsetMs(10 * minuteMs);
  expect(await reconcileOrders({ shopId: shop.shopId })).toEqual({ compared: 1, askedAgain: 1 });
  expect(await askedAgain()).toEqual([String(order.id)]);
  setClockOffsetMs(0);
});

it('a run that was cut off goes on where it stopped, over several pages', async () => {
  const { customerId } = await makeMember(shop);
  for (let index = 0; index < 260; index += 1) buyAtShopify(customerId, 600 - index);
  standIn.shopify.shop(shop.domain).faults.failingCalls = 10;
  await expect(reconcileOrders({ shopId: shop.shopId })).rejects.toThrow(Unavailable);
  standIn.shopify.shop(shop.domain).faults.failingCalls = 0;
  expect(await reconcileOrders({ shopId: shop.shopId })).toEqual({ compared: 260, askedAgain: 260 });
  expect(new Set(await askedAgain()).size).toBe(260);
});

it('an order whose buyer joined in the very moment it settled finds its member', async () => {
  const order = buyAtShopify('777001', 5);
  await deliver(shop, 'orders/paid', order);
  await drain(shop);
  const { memberId } = await makeMember(shop);
  // As if the enrollment had not seen the order, and the order not the enrollment.
  await system.sql('update member set shopify_customer_id = $1 where id = $2', ['777001', memberId]);
  await reconcileOrders({ shopId: shop.shopId });
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 8, stamps: 1 });
  await reconcileOrders({ shopId: shop.shopId });
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 8, stamps: 1 });
});

it('orders of another shop are never seen, and a shop that may not be asked any more is left alone', async () => {
  const { customerId } = await makeMember(shop);
  buyAtShopify(customerId, 5);
  const other = await makeShop();
  await authorize(standIn.shopify, other);
  expect(await reconcileOrders({ shopId: other.shopId })).toEqual({ compared: 0, askedAgain: 0 });
  const closed = await makeShop();
  expect(await reconcileOrders({ shopId: closed.shopId })).toEqual({ compared: 0, askedAgain: 0 });
});
