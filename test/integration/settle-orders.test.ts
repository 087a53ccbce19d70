import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { plainProgram } from '#app/domain/programs/program.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { retryDelivery } from '#app/flows/orders/retry-delivery.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

function lineOf(order: Record<string, unknown>): { id: number } {
  const [line] = order['line_items'] as { id: number }[];
  if (line === undefined) throw new Error('the order has no line');
  return line;
}

function refundBody(
  order: Record<string, unknown>,
  amount: string,
  overrides: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: Number(order['id']) * 100 + Math.floor(Math.random() * 99),
    order_id: order['id'],
    created_at: new Date().toISOString(),
    refund_line_items: [],
    order_adjustments: [],
    refund_shipping_lines: [],
    transactions: [{ kind: 'refund', status: 'success', amount, currency: 'USD' }],
    ...overrides,
  };
}

const fullReturn = (order: Record<string, unknown>) =>
  refundBody(order, '12.00', {
    refund_line_items: [{ id: 1, line_item_id: lineOf(order).id, quantity: 1, subtotal: 12, total_tax: 0 }],
  });

describe('settlement of deliveries', () => {
  it('books a paid order once, however often it is delivered', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const order = orderBody({ customer: { id: Number(customerId) } });
    const webhookId = await deliver(shop, 'orders/paid', order);
    await Promise.all(Array.from({ length: 50 }, () => deliver(shop, 'orders/paid', order, webhookId)));
    await deliver(shop, 'orders/paid', order);
    await deliver(shop, 'orders/create', order);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const [entries] = await system.sql<{ n: number }>(
      'select count(*)::int as n from ledger_entry where member_id = $1',
      [memberId],
    );
    expect(entries?.n).toBe(2);
  });

  it('settles one order once when two drainers take its deliveries at the same time', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const orders = Array.from({ length: 30 }, () => orderBody({ customer: { id: Number(customerId) } }));
    for (const order of orders)
      for (const topic of ['orders/paid', 'orders/updated']) await deliver(shop, topic, order);
    await Promise.all([drain(shop), drain(shop), drain(shop)]);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 360, stamps: 30 });
  });

  it('takes everything back when the order is returned, and a refund may come before its order', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const order = orderBody({ customer: { id: Number(customerId) } });
    await deliver(shop, 'refunds/create', fullReturn(order));
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    await deliver(shop, 'orders/paid', order);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
  });

  it('V1: takes back 20 and then 39 of an order of 59.90', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const line = { product_id: 1, variant_id: 2, gift_card: false, discount_allocations: [], tax_lines: [] };
    const order = orderBody({
      customer: { id: Number(customerId) },
      line_items: [
        { ...line, id: 71, quantity: 1, price: '19.95' },
        { ...line, id: 72, quantity: 1, price: '39.95' },
      ],
    });
    await deliver(shop, 'orders/paid', order);
    await drain(shop);
    expect((await balancesOf(system, memberId))['points']).toBe(59);
    const first = [{ id: 1, line_item_id: 71, quantity: 1, subtotal: 19.95, total_tax: 0 }];
    await deliver(shop, 'refunds/create', refundBody(order, '19.95', { id: 9001, refund_line_items: first }));
    await drain(shop);
    expect((await balancesOf(system, memberId))['points']).toBe(39);
    const second = [{ id: 2, line_item_id: 72, quantity: 1, subtotal: 39.95, total_tax: 0 }];
    await deliver(shop, 'refunds/create', refundBody(order, '39.95', { id: 9002, refund_line_items: second }));
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
  });

  it.each([
    ['pending', { financial_status: 'pending' }],
    ['authorized', { financial_status: 'authorized' }],
    ['voided', { financial_status: 'voided' }],
    ['a test order', { test: true }],
    ['cancelled', { cancelled_at: new Date().toISOString() }],
  ])('books nothing for an order that is %s', async (_name, overrides) => {
    const { memberId, customerId } = await makeMember(shop);
    await deliver(shop, 'orders/updated', orderBody({ customer: { id: Number(customerId) }, ...overrides }));
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
  });

  it('takes an order back when it is cancelled later, and an older snapshot changes nothing', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const order = orderBody({ customer: { id: Number(customerId) } });
    const later = new Date(Date.now() + 60_000).toISOString();
    await deliver(shop, 'orders/paid', order);
    await drain(shop);
    await deliver(shop, 'orders/cancelled', { ...order, cancelled_at: later, updated_at: later });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    await deliver(shop, 'orders/updated', order);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
  });

  it('counts tips and gift cards for nothing', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const line = { product_id: 1, variant_id: 2, discount_allocations: [], tax_lines: [] };
    await deliver(shop, 'orders/paid', orderBody({
      customer: { id: Number(customerId) },
      total_tip_received: '5.00',
      line_items: [
        { ...line, id: 81, quantity: 1, price: '10.00', gift_card: false },
        { ...line, id: 82, quantity: 1, price: '50.00', gift_card: true },
      ],
    })); // prettier-ignore
    await drain(shop);
    expect((await balancesOf(system, memberId))['points']).toBe(10);
  });

  it.each([
    ['JPY', '1234', 12],
    ['KWD', '12.345', 12],
  ])('V8: counts %s by its own exponent', async (currency, price, points) => {
    const { memberId, customerId } = await makeMember(shop);
    const line = {
      id: 91,
      product_id: 1,
      variant_id: 2,
      quantity: 1,
      price,
      gift_card: false,
      discount_allocations: [],
      tax_lines: [],
    };
    await deliver(
      shop,
      'orders/paid',
      orderBody({ customer: { id: Number(customerId) }, currency, line_items: [line] }),
    );
    await drain(shop);
    expect((await balancesOf(system, memberId))['points']).toBe(points);
  });

  it('keeps an order without a customer, and gives it to nobody', async () => {
    const order = orderBody();
    await deliver(shop, 'orders/paid', order);
    await drain(shop);
    const [stored] = await system.sql<{ member_id: string | null }>(
      'select member_id from order_state where order_id = $1',
      [String(order['id'])],
    );
    expect(stored).toEqual({ member_id: null });
  });

  it('books against the shop that told it and no other, even for equal customer ids', async () => {
    const other = await makeShop();
    const { memberId, customerId } = await makeMember(shop);
    const theirs = await makeMember(other, { shopifyCustomerId: customerId });
    await deliver(other, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
    await drain(other);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    expect(await balancesOf(system, theirs.memberId)).toEqual({ points: 12, stamps: 1 });
  });

  it('V5: carries a debt below zero and lets the next earnings repay it, or writes it off with an entry of its own', async () => {
    for (const [policy, after, next] of [
      ['carry', -50, 30],
      ['write-off', 0, 80],
    ] as const) {
      const own = await makeShop(
        makeDocument({
          settings: { ...plainProgram.settings, debtPolicy: policy, expiry: { mode: 'none' } },
        }),
      );
      const { memberId, customerId } = await makeMember(own);
      const line = {
        id: 1,
        product_id: 1,
        variant_id: 2,
        quantity: 1,
        gift_card: false,
        discount_allocations: [],
        tax_lines: [],
      };
      const order = orderBody({ customer: { id: Number(customerId) }, line_items: [{ ...line, price: '50.00' }] });
      await deliver(own, 'orders/paid', order);
      await drain(own);
      const { adjustBalance } = await import('#app/flows/members/adjust-balance.ts');
      const spent = {
        shopId: own.shopId,
        memberId,
        unit: 'points',
        amount: -50,
        reason: 'spent',
        actor: 'test',
        source: 'staff' as const,
      };
      await adjustBalance({ ...spent, idempotencyKey: `spend-${policy}` });
      const later = new Date(Date.now() + 60_000).toISOString();
      await deliver(own, 'orders/cancelled', { ...order, cancelled_at: later, updated_at: later });
      await drain(own);
      expect((await balancesOf(system, memberId))['points']).toBe(after);
      await deliver(
        own,
        'orders/paid',
        orderBody({ customer: { id: Number(customerId) }, line_items: [{ ...line, price: '80.00' }] }),
      );
      await drain(own);
      expect((await balancesOf(system, memberId))['points']).toBe(next);
    }
  });

  it('sets aside a delivery that cannot be applied, applies the others, and lets a person retry it', async () => {
    const own = await makeShop();
    const { memberId, customerId } = await makeMember(own);
    const bad = await deliver(own, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
    await system.sql('update inbox set projection = $2, attempts = 7 where webhook_id = $1', [bad, 'broken']);
    await deliver(own, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
    await drain(own);
    const [parked] = await system.sql<{ state: string }>('select state from inbox where webhook_id = $1', [bad]);
    expect(parked?.state).toBe('parked');
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const [row] = await system.sql<{ id: string }>('select id::text from inbox where webhook_id = $1', [bad]);
    await system.sql('update inbox set projection = $2 where webhook_id = $1', [
      bad,
      JSON.stringify({ orderId: '77', snapshot: null, refunds: [] }),
    ]);
    expect(await retryDelivery({ shopId: own.shopId, deliveryId: row?.id ?? '', actor: 'test' })).toEqual({
      kind: 'queued',
    });
    await drain(own);
    expect(await system.sql('select state from inbox where webhook_id = $1', [bad])).toEqual([{ state: 'done' }]);
  });

  it('raises the pass version with the balance and asks for one regeneration', async () => {
    const own = await makeShop();
    const { memberId, customerId } = await makeMember(own);
    const before = await system.sql<{ version: string; last_modified: Date }>(
      'select version, last_modified from pass where member_id = $1',
      [memberId],
    );
    await deliver(own, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
    await drain(own);
    const after = await system.sql<{ version: string; last_modified: Date }>(
      'select version, last_modified from pass where member_id = $1',
      [memberId],
    );
    expect(Number(after[0]?.version)).toBe(Number(before[0]?.version) + 1);
    expect(after[0]?.last_modified.getTime()).toBeGreaterThanOrEqual((before[0]?.last_modified.getTime() ?? 0) + 1_000);
    const rows = await system.sql("select 1 from outbox where shop_id = $1 and job = 'regenerate-pass'", [own.shopId]);
    expect(rows).toHaveLength(1);
  });

  it('leaves every balance equal to its entries and lots', async () => {
    const checked = await verifyBalances({ shopId: shop.shopId });
    expect(checked.imbalances).toEqual([]);
    expect(checked.checked).toBeGreaterThan(10);
  });
});
