import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readHistory } from '#app/data/ledger/history.ts';
import { withShop } from '#app/data/tenancy.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
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
import { cancelled, refund, saleOf, setClock, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const [spendRule] = makeDocument().earnRules;
if (spendRule === undefined) throw new Error('the sample program has no rule');

/** A point for each dollar, at most 50 a day. */
const capped = (overrides: Partial<ProgramDocument> = {}) =>
  makeDocument({ earnRules: [{ ...spendRule, caps: { perDay: 50 } }], ...overrides });
const pointsOf = async (memberId: string) => (await balancesOf(system, memberId))['points'];
const bookedOf = async (shop: TestShop, memberId: string) => {
  const rows = await system.sql<{ points: string }>(
    `select coalesce(booked->>'points', '0') as points from order_state
     where shop_id = $1 and member_id = $2 order by processed_at, order_id`,
    [shop.shopId, memberId],
  );
  return rows.map((row) => Number(row.points));
};
const expectSound = async (shop: TestShop) =>
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);

describe('rules that look at a member’s other sales', () => {
  it('end the same whatever the order in which sales arrive', async () => {
    const shop = await makeShop(capped());
    const times = ['2026-03-01T09:00:00Z', '2026-03-01T12:00:00Z', '2026-03-01T15:00:00Z', '2026-03-02T09:00:00Z'];
    const orders = (customerId: string) => times.map((at) => saleOf(customerId, { dollars: 30, at }));
    const results: unknown[] = [];
    for (const arrange of [(list: object[]) => list, (list: object[]) => list.toReversed()]) {
      const { memberId, customerId } = await makeMember(shop);
      for (const order of arrange(orders(customerId))) await tell(shop, order as Record<string, unknown>);
      results.push([await pointsOf(memberId), await bookedOf(shop, memberId)]);
    }
    expect(results).toEqual([
      [80, [30, 20, 0, 30]],
      [80, [30, 20, 0, 30]],
    ]);
    await expectSound(shop);
  });

  it('take back from a later sale what an earlier one, told late, had a right to', async () => {
    const shop = await makeShop(capped());
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, saleOf(customerId, { dollars: 40, at: '2026-03-01T12:00:00Z' }));
    await tell(shop, saleOf(customerId, { dollars: 40, at: '2026-03-01T09:00:00Z' }));
    expect(await bookedOf(shop, memberId)).toEqual([40, 10]);
    const entries = await system.sql(
      `select kind, amount::int from ledger_entry where member_id = $1 and unit = 'points' order by id`,
      [memberId],
    );
    expect(entries).toEqual(
      expect.arrayContaining([
        { kind: 'accrual', amount: 40 },
        { kind: 'reversal', amount: -30 },
      ]),
    );
    await expectSound(shop);
  });

  it('write no loss off where a late sale only moves what a cap allows from one order to another', async () => {
    const shop = await makeShop(capped({ settings: { ...plainProgram.settings, debtPolicy: 'write-off' } }));
    const { memberId, customerId } = await makeMember(shop);
    const [earlier, later] = [
      saleOf(customerId, { dollars: 50, at: '2026-03-01T12:00:00Z' }),
      saleOf(customerId, { dollars: 50, at: '2026-03-01T09:00:00Z' }),
    ].toSorted((one, two) => Number(one['id']) - Number(two['id']));
    if (earlier === undefined || later === undefined) throw new Error('there are two sales');
    // The one that loses has the smaller id: by arrival it would be settled first.
    const [noon, morning] = [
      { ...earlier, processed_at: '2026-03-01T12:00:00Z' },
      { ...later, processed_at: '2026-03-01T09:00:00Z' },
    ];
    await tell(shop, noon);
    await adjustBalance({
      shopId: shop.shopId, memberId, unit: 'points', amount: -50, reason: 'by hand', actor: 'test', source: 'staff',
      idempotencyKey: 'spent',
    }); // prettier-ignore
    await tell(shop, { ...noon, updated_at: '2026-03-02T09:00:00Z' }, morning);
    expect(await bookedOf(shop, memberId)).toEqual([50, 0]);
    expect(await pointsOf(memberId)).toBe(0);
    const losses = await system.sql(`select amount from ledger_entry where member_id = $1 and reason = 'written-off'`, [
      memberId,
    ]);
    expect(losses).toEqual([]);
    await expectSound(shop);
  });

  it('never post points on another order because one was refunded or cancelled since', async () => {
    const shop = await makeShop(capped());
    const { memberId, customerId } = await makeMember(shop);
    const first = saleOf(customerId, { dollars: 50, at: '2026-03-01T09:00:00Z' });
    await tell(shop, first, saleOf(customerId, { dollars: 50, at: '2026-03-01T12:00:00Z' }));
    await refund(shop, first, { dollars: 50, at: '2026-03-01T18:00:00Z' });
    expect(await bookedOf(shop, memberId)).toEqual([0, 0]);
    expect(await pointsOf(memberId)).toBe(0);
    await tell(shop, cancelled(first, '2026-03-02T09:00:00Z'));
    expect(await bookedOf(shop, memberId)).toEqual([0, 0]);
    await expectSound(shop);
  });

  it('count once when many settle the same member at the same time', async () => {
    const shop = await makeShop(capped());
    const { memberId, customerId } = await makeMember(shop);
    const orders = Array.from({ length: 12 }, (_, index) =>
      saleOf(customerId, { dollars: 20, at: `2026-03-01T09:${10 + index}:00Z` }),
    );
    for (const order of orders)
      for (const topic of ['orders/paid', 'orders/updated']) await deliver(shop, topic, order);
    await Promise.all([drain(shop), drain(shop), drain(shop), drain(shop)]);
    await drain(shop);
    expect(await pointsOf(memberId)).toBe(50);
    for (const order of orders) await deliver(shop, 'orders/updated', order);
    await drain(shop);
    expect(await pointsOf(memberId)).toBe(50);
    await expectSound(shop);
  });

  it('see nothing of another shop, even of a customer of the same number', async () => {
    const [shop, other] = [await makeShop(capped()), await makeShop(capped())];
    const { memberId, customerId } = await makeMember(shop);
    const theirs = await makeMember(other, { shopifyCustomerId: customerId });
    await tell(shop, saleOf(customerId, { dollars: 50, at: '2026-03-01T09:00:00Z' }));
    await tell(other, saleOf(customerId, { dollars: 50, at: '2026-03-01T10:00:00Z' }));
    expect([await pointsOf(memberId), await pointsOf(theirs.memberId)]).toEqual([50, 50]);
    const history = await withShop(other.shopId, (tx) => readHistory(tx, memberId));
    expect(history).toEqual({ orders: [], events: [] });
  });

  it('find the first order by when it was made, and tiers as they stood then', async () => {
    const shop = await makeShop(
      makeDocument({
        earnRules: [
          spendRule,
          { kind: 'visit', id: 'welcome', unit: 'stamps', amount: 5, conditions: { firstOrder: true } },
        ],
        tiers: {
          qualifiesBy: { kind: 'orders' },
          window: { kind: 'lifetime' },
          graceDays: 0,
          levels: [{ id: 'gold', name: 'Gold', threshold: 2, multiplier: { times: 2, over: 1 } }],
        },
      }),
    );
    const { memberId, customerId } = await makeMember(shop);
    const at = (day: number) => `2026-03-0${day}T09:00:00Z`;
    await tell(shop, saleOf(customerId, { dollars: 10, at: at(3) }));
    expect(await balancesOf(system, memberId)).toEqual({ points: 10, stamps: 5 });
    await tell(shop, saleOf(customerId, { dollars: 10, at: at(2) }), saleOf(customerId, { dollars: 10, at: at(1) }));
    // The third sale was made as a member of gold.
    expect(await balancesOf(system, memberId)).toEqual({ points: 40, stamps: 5 });
    expect(await bookedOf(shop, memberId)).toEqual([10, 10, 20]);
    await expectSound(shop);
  });
});

describe('explanations', () => {
  it('of an order with very many lines are shortened and still add up', async () => {
    const shop = await makeShop();
    const { memberId, customerId } = await makeMember(shop);
    const order = saleOf(customerId, { dollars: 1, at: '2026-03-01T09:00:00Z' });
    const [line] = order['line_items'] as Record<string, unknown>[];
    const lines = Array.from({ length: 350 }, (_, index) => ({ ...line, id: 1_000 + index, price: '1.50' }));
    await tell(shop, { ...order, line_items: lines });
    const [entry] = await system.sql<{ amount: number; explanation: { parts: { amount: number; lineId: unknown }[] } }>(
      `select amount::int, explanation from ledger_entry where member_id = $1 and unit = 'points'`,
      [memberId],
    );
    expect(entry?.amount).toBe(525);
    const parts = entry?.explanation.parts ?? [];
    expect(parts.length).toBe(101);
    expect(parts.reduce((sum, part) => sum + part.amount, 0)).toBe(525);
    expect(parts.at(-1)).toMatchObject({ lineId: null, ruleId: 'spend', eligibleMinor: 37_500 });
  });
});

describe('pending value', () => {
  const pendingShop = (pending: ProgramDocument['settings']['pending']) =>
    makeShop(makeDocument({ settings: { ...plainProgram.settings, pending } }));
  const lotsOf = (memberId: string) =>
    system.sql<{ remaining: string; available_at: Date | null }>(
      `select remaining, available_at from lot where member_id = $1 and unit = 'points' order by id`,
      [memberId],
    );

  it('waits so many days from the sale', async () => {
    const shop = await pendingShop({ until: 'days', days: 14 });
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, saleOf(customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' }));
    expect(await lotsOf(memberId)).toEqual([{ remaining: '30', available_at: new Date('2026-03-15T09:00:00Z') }]);
    expect(await pointsOf(memberId)).toBe(30);
  });

  it('waits for fulfilment, is dated by it, and a reversal takes it all the same', async () => {
    const shop = await pendingShop({ until: 'fulfilled' });
    const { memberId, customerId } = await makeMember(shop);
    const order = saleOf(customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' });
    await tell(shop, order);
    expect(await lotsOf(memberId)).toEqual([{ remaining: '30', available_at: null }]);
    const fulfilled = {
      ...order,
      updated_at: '2026-03-05T10:00:00Z',
      fulfillment_status: 'fulfilled',
      fulfillments: [
        { id: 1, status: 'success', created_at: '2026-03-05T09:30:00Z', updated_at: '2026-03-05T09:30:00Z' },
      ],
    };
    await tell(shop, fulfilled);
    expect(await lotsOf(memberId)).toEqual([{ remaining: '30', available_at: new Date('2026-03-05T09:30:00Z') }]);
    await tell(shop, fulfilled);
    const other = saleOf(customerId, { dollars: 20, at: '2026-03-02T09:00:00Z' });
    await tell(shop, other);
    await refund(shop, other, { dollars: 20, at: '2026-03-06T09:00:00Z' });
    expect((await lotsOf(memberId)).map((lot) => lot.remaining)).toEqual(['30', '0']);
    await expectSound(shop);
  });

  it('repays a debt at once', async () => {
    const shop = await pendingShop({ until: 'days', days: 14 });
    const { memberId, customerId } = await makeMember(shop);
    await system.sql(`update balance set amount = -50 where member_id = $1 and unit = 'points'`, [memberId]);
    await system.sql(
      `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
       values ($1, $2, 'points', 'adjustment', -50, 'staff', 'debt', 'test', now(), now())`,
      [shop.shopId, memberId],
    );
    await tell(shop, saleOf(customerId, { dollars: 80, at: '2026-03-01T09:00:00Z' }));
    expect(await pointsOf(memberId)).toBe(30);
    expect((await lotsOf(memberId)).map((lot) => lot.remaining)).toEqual(['30']);
    await expectSound(shop);
  });
});

describe('sliding expiry', () => {
  const slidingShop = () =>
    makeShop(makeDocument({ settings: { ...plainProgram.settings, expiry: { mode: 'sliding', months: 2 } } }));
  const endsOf = async (memberId: string) =>
    (
      await system.sql<{ expires_at: Date }>(
        `select expires_at from lot where member_id = $1 and unit = 'points' order by created_at, id`,
        [memberId],
      )
    ).map((row) => row.expires_at.toISOString().slice(0, 10));

  it('moves with every sale, by its time and not by when it is told, and never back', async () => {
    const shop = await slidingShop();
    const { memberId, customerId } = await makeMember(shop);
    setClock('2026-02-25T00:00:00Z');
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2026-01-10T09:00:00Z' }));
    expect(await endsOf(memberId)).toEqual(['2026-03-11']);
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2026-02-20T09:00:00Z' }));
    expect(await endsOf(memberId)).toEqual(['2026-04-21', '2026-04-21']);
    // Told late, it moves nothing back; and it lives as long as the later activity keeps it.
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2026-02-01T09:00:00Z' }));
    expect(await endsOf(memberId)).toEqual(['2026-04-21', '2026-04-21', '2026-04-21']);
  });

  it('never revives what is over, whether or not that was swept already', async () => {
    const shop = await slidingShop();
    const { memberId, customerId } = await makeMember(shop);
    setClock('2026-03-12T00:00:00Z');
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2026-01-10T09:00:00Z' }));
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2026-03-11T12:00:00Z' }));
    expect(await endsOf(memberId)).toEqual(['2026-03-11', '2026-05-12']);
  });
});
