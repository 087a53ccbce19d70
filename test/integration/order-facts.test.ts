/** What rules must know of an order and its customer and only Shopify can tell: asked for once, pinned for ever. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { fetchOrderFacts } from '#app/flows/orders/fetch-order-facts.ts';
import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { Unavailable } from '#app/lib/errors.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import { drain, makeMember } from '#test/support/factories.ts';
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
import { editQuantity, payOrder, refundAmount, refundLines } from '#test/platform/orders.ts';

let rig: FactRig;
beforeAll(async () => {
  rig = await startFactRig();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.standIn.shopify.adminCalls.length = 0;
});

it('a program that needs nothing asks for nothing and keeps nothing', async () => {
  const till = await openTill(rig, { productIds: [String(coffeeId)] });
  const order = await till.sell();
  expect(await pointsOf(till)).toBe(10);
  expect(await storedOrder(rig, order)).toEqual({ facts: null, needs_fetch: false });
  expect([await jobsAsked(till), callsMade(rig)]).toEqual([0, []]);
  await tell(till, 'products/update', { id: coffeeId });
  await tell(till, 'collections/update', { id: 1 });
  expect(await rig.system.sql('select 1 as one from product_facts where shop_id = $1', [till.shop.shopId])).toEqual([]);
});

describe('who the customer is', () => {
  it('a tag is asked for, kept, and asked for again after Shopify says that tags changed', async () => {
    const till = await openTill(rig, { memberTags: ['VIP'] });
    const customer = till.shopify.customers.get(Number(till.customerId));
    if (customer === undefined) throw new Error('the shop has no such customer');
    customer.tags = ['vip'];
    await fetchOrderFacts(jobOf(till, await till.sell()));
    expect([await pointsOf(till), callsMade(rig)]).toEqual([10, ['CustomerFacts']]);
    await till.sell();
    expect([await pointsOf(till), callsMade(rig)]).toEqual([20, ['CustomerFacts']]);
    customer.tags = [];
    const occurredAt = new Date(Date.now() + 1_000).toISOString();
    await tell(till, 'customer.tags_removed', {
      customerId: `gid://shopify/Customer/${till.customerId}`,
      tags: ['vip'],
      occurredAt,
    });
    await jobsAsked(till);
    await till.sell();
    expect([await pointsOf(till), await jobsAsked(till)]).toEqual([20, 1]);
  });

  it('tags that a customer’s own message tells are kept, older ones do not come back', async () => {
    const till = await openTill(rig, { excludedMemberTags: ['staff'] });
    const now = Date.now();
    const news = (tags: string, ms: number) => ({
      id: Number(till.customerId),
      tags,
      updated_at: new Date(now + ms).toISOString(),
    });
    await tell(till, 'customers/update', news('staff, friend', 2_000));
    await tell(till, 'customers/update', news('', 1_000));
    await till.sell();
    expect([await pointsOf(till), await jobsAsked(till), callsMade(rig)]).toEqual([0, 0, []]);
    await tell(till, 'customers/update', news('friend', 3_000));
    await till.sell();
    expect(await pointsOf(till)).toBe(10);
  });

  it('tags are not kept while no rule needs them', async () => {
    const till = await openTill(rig, {});
    await tell(till, 'customers/update', {
      id: Number(till.customerId),
      tags: 'vip',
      updated_at: new Date().toISOString(),
    });
    expect(await rig.system.sql('select tags from member where id = $1', [till.memberId])).toEqual([{ tags: null }]);
  });

  it('segments are asked for with each sale and pinned with it; one that was deleted has no members', async () => {
    const till = await openTill(rig, { segmentIds: ['40', '41'] });
    till.shopify.segments.set(41, new Set([Number(till.customerId)]));
    const order = await till.sell();
    await fetchOrderFacts(jobOf(till, order));
    expect([await pointsOf(till), callsMade(rig)]).toEqual([10, ['CustomerFacts', 'SegmentMembership']]);
    expect((await storedOrder(rig, order))?.facts).toMatchObject({ segmentIds: ['41'] });
    till.shopify.segments.clear();
    await fetchOrderFacts(jobOf(till, await till.sell()));
    expect(await pointsOf(till)).toBe(10);
    await tell(till, 'orders/updated', refundAmount(order, 400, { at: new Date(Date.now() + 1_000), nextId }).order);
    expect(await pointsOf(till)).toBe(6);
  });

  it('an order that turns out to be another customer’s asks who they are, and keeps what was sold', async () => {
    const till = await openTill(rig, { memberTags: ['vip'], segmentIds: ['41'], productTags: ['hot'] });
    productOf(till, coffeeId).tags = ['hot'];
    const order = await till.sell();
    await fetchOrderFacts(jobOf(till, order));
    expect(await pointsOf(till)).toBe(0);
    const other = await makeMember(till.shop);
    const theirs = { id: Number(other.customerId), email: 'b@example.com', firstName: 'B', lastName: 'C' };
    till.shopify.customers.set(theirs.id, { ...theirs, phone: null, tags: ['vip'] });
    till.shopify.segments.set(41, new Set([theirs.id]));
    productOf(till, coffeeId).tags = [];
    await tell(till, 'products/update', { id: coffeeId });
    await jobsAsked(till);
    const updated_at = new Date(Date.now() + 1_000).toISOString();
    await tell(till, 'orders/updated', { ...order, customer: { id: theirs.id }, updated_at });
    expect(await jobsAsked(till)).toBe(1);
    await fetchOrderFacts(jobOf(till, order));
    expect([await pointsOf(till), await pointsOf({ ...till, memberId: other.memberId })]).toEqual([0, 10]);
    const { facts } = (await storedOrder(rig, order)) ?? {};
    expect(facts).toMatchObject({
      memberTags: ['vip'],
      segmentIds: ['41'],
      products: { [coffeeId]: { tags: ['hot'] } },
    });
    expect(facts).not.toHaveProperty('isOfAnother');
  });

  it('erasing a person erases their tags and segments, also those pinned with orders', async () => {
    const till = await openTill(rig, { memberTags: ['vip'], segmentIds: ['41'] });
    const customer = till.shopify.customers.get(Number(till.customerId));
    if (customer !== undefined) customer.tags = ['vip'];
    till.shopify.segments.set(41, new Set([Number(till.customerId)]));
    const order = await till.sell();
    await fetchOrderFacts(jobOf(till, order));
    expect((await storedOrder(rig, order))?.facts).toMatchObject({ memberTags: ['vip'], segmentIds: ['41'] });
    await tell(till, 'customers/redact', { customer: { id: Number(till.customerId) } });
    const [opened] = await rig.system.sql<{ id: string }>('select id from erasure_case where shop_id = $1', [
      till.shop.shopId,
    ]);
    await processCase({ shopId: till.shop.shopId, caseId: opened?.id ?? '' });
    expect((await storedOrder(rig, order))?.facts).toMatchObject({ memberTags: [], segmentIds: [] });
    expect(await rig.system.sql('select tags, tags_at from member where id = $1', [till.memberId])).toEqual([
      { tags: null, tags_at: null },
    ]);
    await fetchOrderFacts(jobOf(till, order));
    expect((await storedOrder(rig, order))?.facts).toMatchObject({ memberTags: [], segmentIds: [] });
  });
});

describe('the market of a sale', () => {
  it('is that of the country it goes to, where the shop lets us ask', async () => {
    const till = await openTill(rig, { marketIds: ['77'] });
    till.shopify.markets.set('DE', 77);
    for (const grant of till.shopify.grants) grant.scopes.push('read_markets');
    await tell(till, 'app/scopes_update', { current: ['read_orders', 'read_markets'] });
    await fetchOrderFacts(jobOf(till, await till.sell()));
    expect([await pointsOf(till), callsMade(rig)]).toEqual([10, ['OrderPlace', 'Market']]);
    await fetchOrderFacts(jobOf(till, await till.sell({ channel: 'pos' })));
    expect(await pointsOf(till)).toBe(20);
  });

  it('is none where we may not ask', async () => {
    const till = await openTill(rig, { marketIds: ['77'] });
    await fetchOrderFacts(jobOf(till, await till.sell()));
    expect([await pointsOf(till), callsMade(rig)]).toEqual([0, []]);
  });
});

describe('money that a gift card paid', () => {
  it('V6: earns nothing where the program says so, and shares what is given back', async () => {
    const till = await openTill(rig, {}, { earnsOnGiftCards: false });
    const lines = [{ title: 'Beans', unitPriceMinor: 10_000, quantity: 1, productId: beansId }];
    const order = await till.sell({ lines, gateways: ['gift_card', 'shopify_payments'] });
    till.shopify.payments.set(order.id, [
      { gateway: 'gift_card', amountMinor: 3_000 },
      { gateway: 'shopify_payments', amountMinor: 7_000 },
    ]);
    expect([await pointsOf(till), await jobsAsked(till, 'refetch-order'), await jobsAsked(till)]).toEqual([0, 1, 0]);
    await refetchOrder(jobOf(till, order));
    await drain(till.shop);
    expect(await pointsOf(till)).toBe(70);
    // 20.00 go back to the gift card: 80.00 stand, of which 10.00 by gift card.
    const refunded = refundAmount(order, 2_000, { at: new Date(Date.now() + 1_000), nextId }).order;
    await tell(till, 'orders/updated', refunded);
    expect([await pointsOf(till), await jobsAsked(till, 'refetch-order')]).toEqual([70, 1]);
    await refetchOrder(jobOf(till, order));
    await drain(till.shop);
    expect(await pointsOf(till)).toBe(70);
    await expectBalanced(till.shop.shopId);
  });

  it('is not asked for where no gift card paid, or where it earns', async () => {
    const strict = await openTill(rig, {}, { earnsOnGiftCards: false });
    await strict.sell();
    const plain = await openTill(rig, {});
    await plain.sell({ gateways: ['gift_card'] });
    expect([await pointsOf(strict), await pointsOf(plain), callsMade(rig)]).toEqual([10, 10, []]);
  });
});

describe('asking', () => {
  it('is tried again when Shopify is down or busy, and asks only for what is missing', async () => {
    const till = await openTill(rig, { collectionIds: ['501'], memberTags: ['vip'] });
    productOf(till, coffeeId).collectionIds = [501];
    const order = await till.sell();
    till.shopify.faults.failingCalls = 10;
    await expect(fetchOrderFacts(jobOf(till, order))).rejects.toThrow(Unavailable);
    till.shopify.faults.failingCalls = 0;
    till.shopify.faults.throttledCalls = 10;
    await expect(fetchOrderFacts(jobOf(till, order))).rejects.toThrow(Unavailable);
    till.shopify.faults.throttledCalls = 0;
    await fetchOrderFacts(jobOf(till, order));
    rig.standIn.shopify.adminCalls.length = 0;
    const lines = [{ title: 'Beans', unitPriceMinor: 500, quantity: 1, productId: beansId }];
    await fetchOrderFacts(jobOf(till, await till.sell({ lines })));
    expect(callsMade(rig)).toEqual(['Products']);
  });

  it('twice at once settles once', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    productOf(till, coffeeId).collectionIds = [501];
    const order = await till.sell();
    await Promise.all([1, 2, 3].map(() => fetchOrderFacts(jobOf(till, order))));
    await fetchOrderFacts(jobOf(till, order));
    expect(await pointsOf(till)).toBe(10);
    expect(
      await rig.system.sql('select 1 as one from ledger_entry where member_id = $1', [till.memberId]),
    ).toHaveLength(1);
  });

  it('ends for a shop we may not act for, an order without a member, and another shop’s order; the order waits', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    const order = await till.sell();
    await rig.system.sql('delete from session where shop_id = $1', [till.shop.shopId]);
    await fetchOrderFacts(jobOf(till, order));
    expect(await storedOrder(rig, order)).toMatchObject({ needs_fetch: true });
    const other = await openTill(rig, { collectionIds: ['501'] });
    await fetchOrderFacts({ shopId: other.shop.shopId, orderId: String(order.id) });
    await fetchOrderFacts({ shopId: other.shop.shopId, orderId: '404' });
    const guest = await other.sell({ customer: null });
    expect([await storedOrder(rig, guest), await jobsAsked(other)]).toEqual([{ facts: null, needs_fetch: false }, 0]);
  });

  it('is not done for orders that earn nothing anyway', async () => {
    const till = await openTill(rig, { collectionIds: ['501'] });
    await till.sell({ financialStatus: 'pending' });
    await till.sell({ isTest: true });
    expect([await jobsAsked(till), callsMade(rig)]).toEqual([0, []]);
  });
});

it('a refund and an edit that arrive while the order waits are counted once it is settled', async () => {
  const till = await openTill(rig, { collectionIds: ['501'] });
  productOf(till, coffeeId).collectionIds = [501];
  const order = await till.sell();
  const lineId = order.line_items[0]?.id ?? 0;
  const more = payOrder(
    editQuantity(order, { lineId, quantity: 3 }, new Date(Date.now() + 1_000)),
    new Date(Date.now() + 1_000),
  );
  await tell(till, 'orders/updated', more);
  const refunded = refundLines(more, [{ lineId, quantity: 1 }], { at: new Date(Date.now() + 2_000), nextId });
  await tell(till, 'refunds/create', refunded.refund);
  await fetchOrderFacts(jobOf(till, order));
  expect(await pointsOf(till)).toBe(20);
});
