/** Orders that cannot be: never lost, never guessed; a merchant sees why and may try again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parkDelivery } from '#app/data/orders/inbox.ts';
import { withShop } from '#app/data/tenancy.ts';
import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { retryDelivery } from '#app/flows/orders/retry-delivery.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
import { authorize, expectBalanced, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { buildOrder, createIds } from '#test/platform/orders.ts';

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await standIn.close();
});

type Body = Record<string, unknown>;

const lineBody = { product_id: 1, variant_id: 2, gift_card: false, discount_allocations: [], tax_lines: [] };
const oneLine = (changes: Body): Body => ({
  line_items: [{ ...lineBody, id: 1, quantity: 1, price: '10.00', ...changes }],
});

/** A shop of its own, so that what waits there is this test's alone. */
async function makeBuyer(): Promise<{ memberId: string; customerId: string; order: (changes?: Body) => Body }> {
  shop = await makeShop();
  const { memberId, customerId } = await makeMember(shop);
  const order = (changes: Body = {}) => orderBody({ customer: { id: Number(customerId) }, ...changes });
  return { memberId, customerId, order };
}

const waiting = async () =>
  (await privacyPage(shop.shopId)).deliveries.map(({ deliveryId, state, problem }) => ({ deliveryId, state, problem }));

const later = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('an order that cannot be counted', () => {
  const cases: [string, Body, string][] = [
    ['an amount past 2^53', oneLine({ price: '90071992547409.92' }), 'The price of item 1 is too large to count exactly.'],
    ['lines that pass 2^53 together', oneLine({ price: '90071992547409.91', tax_lines: [{ price: '1.00' }] }), 'The value of its items is too large to count exactly.'],
    ['a negative price', oneLine({ price: '-10.00' }), 'The price of item 1 is below zero.'],
    ['an unknown currency', { currency: 'XBT' }, 'The currency is not one we know.'],
    ['decimals in yen', { ...oneLine({ price: '12.34' }), currency: 'JPY' }, 'The price of item 1 has more decimals than its currency.'],
  ]; // prettier-ignore

  it.each(cases)(
    'for %s is kept, shown in plain words, may be retried, and books nothing',
    async (_name, bad, words) => {
      const { memberId, order } = await makeBuyer();
      const good = order();
      await deliver(shop, 'orders/paid', order({ ...good, ...bad }));
      await deliver(shop, 'orders/paid', order());
      await drain(shop);
      expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
      const [delivery, ...others] = await waiting();
      expect(others).toEqual([]);
      expect(delivery).toMatchObject({ state: 'quarantined', problem: words });
      const asked = { shopId: shop.shopId, deliveryId: delivery?.deliveryId ?? '', actor: 'test' };
      expect(await retryDelivery(asked)).toMatchObject({ kind: 'still-misfit' });
      expect(await waiting()).toHaveLength(1);
      // What Shopify tells of the same order afterwards counts.
      await deliver(shop, 'orders/updated', good);
      await drain(shop);
      expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
    },
  );
});

describe('an order that changes its currency', () => {
  it('is set aside at once with both currencies named, and holds up nothing else', async () => {
    const { memberId, order } = await makeBuyer();
    const bought = order();
    await deliver(shop, 'orders/paid', bought);
    await drain(shop);
    const changed = {
      ...bought,
      currency: 'JPY',
      total_price: '1200',
      ...oneLine({ price: '1200' }),
      updated_at: later(1_000),
    };
    const webhookId = await deliver(shop, 'orders/updated', changed);
    await deliver(shop, 'orders/paid', order());
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
    const words = 'It tells the order in JPY, but the order was made in USD.';
    const [delivery] = await waiting();
    expect(delivery).toMatchObject({ state: 'parked', problem: words });
    // Nothing of it was taken over, and trying again comes to the same.
    const asked = { shopId: shop.shopId, deliveryId: delivery?.deliveryId ?? '', actor: 'test' };
    expect(await retryDelivery(asked)).toEqual({ kind: 'queued' });
    await drain(shop);
    expect(await waiting()).toMatchObject([{ state: 'parked', problem: words }]);
    expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
    const kept = await system.sql<{ projection: string }>('select projection from inbox where webhook_id = $1', [
      webhookId,
    ]);
    expect(kept[0]?.projection).toContain('JPY');
  });

  it('in two messages that come together is refused in one of them, and the other counts', async () => {
    const { memberId, order } = await makeBuyer();
    const bought = order();
    await deliver(shop, 'orders/paid', bought);
    await deliver(shop, 'orders/updated', {
      ...bought,
      currency: 'JPY',
      ...oneLine({ price: '1200' }),
      updated_at: later(1_000),
    });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    expect(await waiting()).toMatchObject([{ state: 'parked' }]);
  });
});

describe('what Shopify may send is counted exactly', () => {
  it('5,000 lines, and their return', async () => {
    const { memberId, order } = await makeBuyer();
    const line_items = Array.from({ length: 5_000 }, (_, index) => ({
      ...lineBody,
      id: index + 1,
      quantity: 1,
      price: '0.07',
    }));
    const bought = order({ line_items, total_price: '350.00' });
    await deliver(shop, 'orders/paid', bought);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 350, stamps: 1 });
    const refund_line_items = line_items
      .slice(1)
      .map(({ id }) => ({ line_item_id: id, quantity: 1, subtotal: 0.07, total_tax: 0 }));
    const refund = {
      id: 9,
      order_id: bought['id'],
      created_at: later(0),
      refund_line_items,
      transactions: [{ kind: 'refund', status: 'success', amount: '349.93', currency: 'USD' }],
    };
    await deliver(shop, 'refunds/create', refund);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 1 });
    expect(await waiting()).toEqual([]);
  });

  it('lines that do not add up to the order’s total', async () => {
    const { memberId, order } = await makeBuyer();
    await deliver(
      shop,
      'orders/paid',
      order({ ...oneLine({ price: '40.00' }), total_price: '1.00', subtotal_price: '1.00' }),
    );
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 40, stamps: 1 });
  });

  it('a refund larger than its order leaves exactly nothing', async () => {
    const { memberId, order } = await makeBuyer();
    const bought = order();
    const transactions = [{ kind: 'refund', status: 'success', amount: '99.00', currency: 'USD' }];
    await deliver(shop, 'orders/paid', bought);
    await deliver(shop, 'refunds/create', { id: 9, order_id: bought['id'], created_at: later(0), transactions });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    await expectBalanced(shop.shopId);
  });

  it('a refund of a line that nobody has told yet waits for it', async () => {
    const { memberId, order } = await makeBuyer();
    const bought = order(oneLine({}));
    await deliver(shop, 'orders/paid', bought);
    const refund_line_items = [{ line_item_id: 2, quantity: 1, subtotal: 5, total_tax: 0 }];
    const transactions = [{ kind: 'refund', status: 'success', amount: '5.00', currency: 'USD' }];
    await deliver(shop, 'refunds/create', {
      id: 9,
      order_id: bought['id'],
      created_at: later(0),
      refund_line_items,
      transactions,
    });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 10, stamps: 1 });
    const lines = [...(bought['line_items'] as Body[]), { ...lineBody, id: 2, quantity: 2, price: '5.00' }];
    await deliver(shop, 'orders/updated', { ...bought, line_items: lines, updated_at: later(1_000) });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 15, stamps: 1 });
    expect(await waiting()).toEqual([]);
  });
});

it('an order that was fetched and cannot be counted is set aside too, and trying again fetches it again', async () => {
  const { memberId, customerId } = await makeBuyer();
  await authorize(standIn.shopify, shop);
  const customer = { id: Number(customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  const lines = [{ title: 'Mug', unitPriceMinor: 1_200, quantity: 1, productId: 11 }];
  const order = buildOrder(
    { number: 1, at: new Date(), currency: 'USD', channel: 'online', lines, customer },
    createIds(),
  );
  const shopOrders = standIn.shopify.shop(shop.domain).orders;
  shopOrders.set(order.id, {
    ...order,
    currency: 'XCD',
    total_price_set: { ...order.total_price_set, shop_money: { amount: '1.005', currency_code: 'XCD' } },
  });
  const job = { shopId: shop.shopId, orderId: String(order.id) };
  await Promise.all([refetchOrder(job), refetchOrder(job)]);
  const [delivery, ...others] = await waiting();
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({ state: 'parked', problem: 'The total has more decimals than its currency.' });
  shopOrders.set(order.id, order);
  expect(await retryDelivery({ shopId: shop.shopId, deliveryId: delivery?.deliveryId ?? '', actor: 'test' })).toEqual({
    kind: 'queued',
  });
  await drain(shop);
  const jobs = await system.sql("select payload from outbox where shop_id = $1 and job = 'refetch-order'", [
    shop.shopId,
  ]);
  expect(jobs).toEqual([{ payload: job }]);
  await refetchOrder(job);
  await drain(shop);
  expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
  expect(await waiting()).toEqual([]);
});

it('one that somebody else could apply meanwhile is not set aside', async () => {
  const { memberId, order } = await makeBuyer();
  const webhookId = await deliver(shop, 'orders/paid', order());
  await drain(shop);
  await withShop(shop.shopId, (tx) => parkDelivery(tx, webhookId, 'it could not be applied (deadlock)'));
  expect(await waiting()).toEqual([]);
  expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
});
