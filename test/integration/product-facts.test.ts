/** What products are, for rules about collections, tags and types: asked for once, pinned for ever. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Conditions } from '#app/domain/programs/earn-rules.ts';
import { fetchOrderFacts } from '#app/flows/orders/fetch-order-facts.ts';
import { Unavailable } from '#app/lib/errors.ts';
import { makeMember } from '#test/support/factories.ts';
import {
  beansId,
  callsMade,
  coffeeId,
  type FactRig,
  jobOf,
  jobsAsked,
  nextId,
  openTill,
  pointsOf,
  productOf,
  startFactRig,
  storedOrder,
  tell,
} from '#test/support/fact-till.ts';
import { payOrder, refundAmount } from '#test/platform/orders.ts';
import type { Product } from '#test/platform/shopify-shops.ts';

let rig: FactRig;
beforeAll(async () => {
  rig = await startFactRig();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.standIn.shopify.adminCalls.length = 0;
});

describe('what products are', () => {
  const cases: [string, Conditions, Partial<Product>, number][] = [
    ['a collection', { collectionIds: ['501'] }, { collectionIds: [500, 501] }, 10],
    ['no such collection', { collectionIds: ['501'] }, { collectionIds: [500] }, 0],
    ['an excluded collection', { excludedCollectionIds: ['501'] }, { collectionIds: [501] }, 0],
    ['the last of many collections', { collectionIds: ['1399'] }, { collectionIds: Array.from({ length: 400 }, (_, n) => 1_000 + n) }, 10],
    ['a tag, in any case', { productTags: ['Vegan'] }, { tags: ['hot', 'vegan'] }, 10],
    ['an excluded tag', { excludedProductTags: ['sale'] }, { tags: ['sale'] }, 0],
    ['a type', { productTypes: ['Coffee'] }, { productType: 'Coffee' }, 10],
    ['no type', { productTypes: ['Coffee'] }, {}, 0],
  ]; // prettier-ignore
  it.each(cases)('is asked for: %s', async (_name, conditions, product, points) => {
    const till = await openTill(rig, conditions);
    Object.assign(productOf(till, coffeeId), product);
    const order = await till.sell();
    expect(await pointsOf(till)).toBe(0);
    expect(await storedOrder(rig, order)).toEqual({ facts: null, needs_fetch: true });
    expect(await jobsAsked(till)).toBe(1);
    await fetchOrderFacts(jobOf(till, order));
    expect(await pointsOf(till)).toBe(points);
    expect(await storedOrder(rig, order)).toMatchObject({ needs_fetch: false });
  });

  it('is asked once for all orders, until a message says that it changed, and never for what is settled', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    productOf(till, coffeeId).collectionIds = [501];
    const first = await till.sell();
    await fetchOrderFacts(jobOf(till, first));
    expect(callsMade(rig)).toEqual(['Products']);
    await till.sell();
    expect([await pointsOf(till), await jobsAsked(till)]).toEqual([20, 1]);
    productOf(till, coffeeId).collectionIds = [];
    await tell(till, 'products/update', { id: coffeeId });
    const third = await till.sell();
    expect(await jobsAsked(till)).toBe(1);
    await fetchOrderFacts(jobOf(till, third));
    expect(await pointsOf(till)).toBe(20);
    // What was pinned stays: a refund takes back exactly what the sale earned.
    await tell(till, 'orders/updated', refundAmount(first, 500, { at: new Date(Date.now() + 1_000), nextId }).order);
    expect([await pointsOf(till), await jobsAsked(till)]).toEqual([15, 0]);
  });

  it.each(['collections/create', 'collections/update', 'collections/delete', 'products/delete'])(
    'is asked again after %s',
    async (topic) => {
      const till = await openTill(rig, { excludedCollectionIds: ['501'] });
      await fetchOrderFacts(jobOf(till, await till.sell()));
      await jobsAsked(till);
      await tell(till, topic, { id: topic === 'products/delete' ? coffeeId : 501 });
      await till.sell();
      expect(await jobsAsked(till)).toBe(1);
    },
  );

  it('of a product that is gone is nothing', async () => {
    const till = await openTill(rig, { excludedProductTags: ['sale'] });
    const lines = [{ title: 'Gone', unitPriceMinor: 700, quantity: 1, productId: 999 }];
    await fetchOrderFacts(jobOf(till, await till.sell({ lines })));
    expect(await pointsOf(till)).toBe(7);
  });

  it('an edit that brings in another product asks for that one, and leaves the others as they were', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    productOf(till, coffeeId).collectionIds = [501];
    productOf(till, beansId).collectionIds = [501];
    const order = await till.sell();
    await fetchOrderFacts(jobOf(till, order));
    productOf(till, coffeeId).collectionIds = [];
    await tell(till, 'products/update', { id: coffeeId });
    const line = { ...order.line_items[0], id: nextId(), product_id: beansId, title: 'Beans' };
    const at = new Date(Date.now() + 1_000);
    const edited = { ...order, line_items: [...order.line_items, line as (typeof order.line_items)[number]] };
    await tell(till, 'orders/updated', payOrder(edited, at));
    expect(await pointsOf(till)).toBe(10);
    await fetchOrderFacts(jobOf(till, order));
    expect(await pointsOf(till)).toBe(20);
    expect(callsMade(rig)).toEqual(['Products', 'Products']);
    const products = (await storedOrder(rig, order))?.facts?.['products'];
    expect(products).toMatchObject({ [coffeeId]: { collectionIds: ['501'] }, [beansId]: { collectionIds: ['501'] } });
  });
});

describe('a product that changes while Shopify is asked', () => {
  it('is asked again: an answer from before the change is not believed', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    productOf(till, coffeeId).collectionIds = [501];
    const order = await till.sell();
    // Longer than it takes to be told of the change, also on a slow machine.
    till.shopify.faults.answerDelayMs = 4_000;
    const fetching = fetchOrderFacts(jobOf(till, order)).catch((error: unknown) => error);
    await expect.poll(() => callsMade(rig), { timeout: 20_000 }).toEqual(['Products']);
    productOf(till, coffeeId).collectionIds = [];
    await tell(till, 'products/update', { id: coffeeId });
    expect(await fetching).toBeInstanceOf(Unavailable);
    till.shopify.faults.answerDelayMs = 0;
    await fetchOrderFacts(jobOf(till, order));
    expect(await pointsOf(till)).toBe(0);
    expect(await storedOrder(rig, order)).toMatchObject({ needs_fetch: false });
  });
});

it('what is told of one customer is not pinned once the order is another’s', async () => {
  const till = await openTill(rig, { segmentIds: ['41'], productTags: ['hot'] });
  productOf(till, coffeeId).tags = ['hot'];
  till.shopify.segments.set(41, new Set([Number(till.customerId)]));
  const order = await till.sell();
  const other = await makeMember(till.shop);
  const theirs = { id: Number(other.customerId), email: 'b@example.com', firstName: 'B', lastName: 'C' };
  till.shopify.customers.set(theirs.id, { ...theirs, phone: null });
  const holding = new pg.Client({ connectionString: rig.system.url });
  await holding.connect();
  await holding.query('begin');
  await holding.query('insert into product_facts (shop_id, product_id) values ($1, $2)', [till.shop.shopId, coffeeId]);
  const asking = fetchOrderFacts(jobOf(till, order)).catch((error: unknown) => error);
  // Shopify has told who the one customer is; what it told is not kept yet.
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(() => rig.system.sql(waiting), { timeout: 20_000 }).toHaveLength(1);
  const updated_at = new Date(Date.now() + 1_000).toISOString();
  await tell(till, 'orders/updated', { ...order, customer: { id: theirs.id }, updated_at });
  await holding.end();
  expect(await asking).toBeInstanceOf(Unavailable);
  await fetchOrderFacts(jobOf(till, order));
  expect((await storedOrder(rig, order))?.facts).toMatchObject({ segmentIds: [] });
  expect([await pointsOf(till), await pointsOf({ ...till, memberId: other.memberId })]).toEqual([0, 0]);
});
