import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { latestSimulation } from '#app/queries/simulation-result.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { ago, lookingBack, makeMembers, run, sell, usdRate, withRules } from '#test/support/simulations.ts';
import { mergeBody } from '#test/support/merging.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

/** Everything that says what anybody owns. */
async function books(shop: TestShop): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const table of ['ledger_entry', 'ledger_source', 'balance', 'lot', 'order_state', 'reservation', 'member_event'])
    found.push(
      await system.sql(
        `select '${table}' as name, count(*), coalesce(sum(hashtext(t::text)::bigint), 0) as hash from ${table} t where shop_id = $1`,
        [shop.shopId],
      ),
    );
  return found;
}

/** A month of sales of three members: small and large, twice a day, refunded in part and in whole, cancelled. */
async function sellAround(shop: TestShop, customerIds: string[], from: Date): Promise<void> {
  const hours = (count: number) => new Date(from.getTime() + count * 3_600_000);
  let count = 0;
  for (const customerId of customerIds)
    for (const [at, cents] of [
      [0, 1_250],
      [5, 3_999],
      [30, 500],
      [31, 10_000],
      [200, 777],
      [400, 2_500],
    ] as const) {
      count += 1;
      const order = await sell(shop, { customerId, cents: cents + count * 10, at: hours(at + count) });
      const [line] = order['line_items'] as { id: number; price: string }[];
      if (count % 5 === 0)
        await deliver(shop, 'orders/cancelled', {
          ...order,
          cancelled_at: hours(at + count + 3).toISOString(),
          updated_at: hours(at + count + 3).toISOString(),
        });
      if (count % 4 === 0)
        await deliver(shop, 'refunds/create', {
          id: Number(order['id']) + 1,
          order_id: order['id'],
          created_at: hours(at + count + 2).toISOString(),
          refund_line_items: [
            { line_item_id: line?.id, quantity: 1, subtotal: line?.price, total_tax: '0.00', line_item: line },
          ],
          order_adjustments: [],
          transactions: [{ id: 1, kind: 'refund', status: 'success', amount: line?.price, currency: 'USD' }],
        });
    }
  await drain(shop);
}

describe('simulating', () => {
  it.each([
    ['plain rules', makeDocument()],
    ['rules that look back', lookingBack],
  ])('the published document gives exactly what is booked: %s', async (_name, document) => {
    const shop = await makeShop(document);
    const members = await makeMembers(shop, 3);
    await sellAround(
      shop,
      members.map((member) => member.customerId),
      ago(40),
    );
    const result = await run(shop, document);
    expect(result).toMatchObject({ orders: 18, members: 3, ordersWithoutFacts: 0 });
    for (const unit of result.units) {
      expect(unit).toMatchObject({ winners: 0, losers: 0, after: unit.before, mostAffected: [] });
      expect(unit.before).toBeGreaterThan(0);
    }
    for (const day of result.series) for (const unit of day.units) expect(unit.after).toBe(unit.before);
    const booked = await system.sql<{ unit: string; sum: string }>(
      `select unit, sum(amount) from ledger_entry where shop_id = $1 and source = 'order' group by 1 order by 1`,
      [shop.shopId],
    );
    expect(result.units.map(({ unit, after }) => ({ unit, sum: String(after) })).toSorted(byUnit)).toEqual(booked);
    expect(result.rules.reduce((sum, rule) => sum + rule.amount, 0)).toBe(
      result.units.reduce((sum, unit) => sum + unit.after, 0),
    );
  });

  it('a draft gives what the same sales bring once it is published', async () => {
    const shop = await makeShop();
    const before = await makeMembers(shop, 3);
    const from = ago(40);
    await sellAround(
      shop,
      before.map((member) => member.customerId),
      from,
    );
    const simulated = await run(shop, lookingBack);
    expect(simulated.units.find(({ unit }) => unit === 'points')?.after).not.toBe(
      simulated.units.find(({ unit }) => unit === 'points')?.before,
    );
    await saveProgramDraft({ ...shop, document: lookingBack, signUpPlaces: ['link'], actor: 'test' });
    await publishProgram({ ...shop, actor: 'test' });
    const after = await makeMembers(shop, 3);
    await sellAround(
      shop,
      after.map((member) => member.customerId),
      // To the second as late in the day as before: what one day gives has a limit.
      new Date(from.getTime() + 42 * 86_400_000),
    );
    for (const { unit, after: total } of simulated.units) {
      let real = 0;
      for (const { memberId } of after) real += (await balancesOf(system, memberId))[unit] ?? 0;
      expect([unit, real]).toEqual([unit, total]);
    }
  });

  it('says who wins and who loses, in units and money, day by day and rule by rule', async () => {
    const shop = await makeShop();
    const [big, small, none] = await makeMembers(shop, 3);
    if (big === undefined || small === undefined || none === undefined) throw new Error('there are three members');
    await sell(shop, { customerId: big.customerId, cents: 30_000, at: ago(3) });
    await sell(shop, { customerId: small.customerId, cents: 1_000, at: ago(2) });
    await sell(shop, { customerId: none.customerId, cents: 49, at: ago(1) });
    await drain(shop);
    const draft = withRules(
      [
        { ...usdRate(2), caps: { perOrder: 100 } },
        { kind: 'visit', id: 'welcome', name: 'Hello', unit: 'points', amount: 1, conditions: { minimumMinor: 500 } },
      ],
      {
        rewards: [
          {
            id: 'ten-off',
            name: '10 off',
            unit: 'points',
            cost: 100,
            benefit: { kind: 'amount-off', amountMinor: 1_000, currency: 'USD' },
          },
        ],
      },
    );
    const result = await run(shop, draft);
    const points = result.units.find(({ unit }) => unit === 'points');
    expect(points).toEqual({
      unit: 'points',
      label: 'Points',
      kind: 'point',
      before: 310,
      after: 122,
      beforeValueMinor: 1_550,
      afterValueMinor: 1_220,
      outstanding: 310,
      outstandingAfter: 122,
      outstandingValueMinor: 1_550,
      outstandingAfterValueMinor: 1_220,
      winners: 1,
      losers: 1,
      unchanged: 1,
      mostAffected: [
        { memberId: big.memberId, before: 300, after: 101 },
        { memberId: small.memberId, before: 10, after: 21 },
      ],
    });
    expect(result.units.find(({ unit }) => unit === 'stamps')).toMatchObject({
      before: 3,
      after: 0,
      losers: 3,
      afterValueMinor: null,
    });
    expect(result.rules).toEqual([
      { ruleId: 'spend', name: null, unit: 'points', amount: 120, orders: 2 },
      { ruleId: 'welcome', name: 'Hello', unit: 'points', amount: 2, orders: 2 },
    ]);
    expect(result.step).toBe('day');
    expect(result.series.map(({ units }) => units.find(({ unit }) => unit === 'points'))).toEqual([
      { unit: 'points', before: 300, after: 101 },
      { unit: 'points', before: 10, after: 21 },
      { unit: 'points', before: 0, after: 0 },
    ]);
    expect([result.fromDay, result.toDay]).toEqual([result.series[0]?.day, result.series[2]?.day]);
  });

  it('counts the last orders only, but remembers what members did before', async () => {
    const first: ProgramDocument['earnRules'][number] = {
      kind: 'visit', id: 'first', unit: 'points', amount: 500, conditions: { firstOrder: true },
    }; // prettier-ignore
    const shop = await makeShop(withRules([usdRate(1)]));
    const [old, fresh] = await makeMembers(shop, 2);
    await sell(shop, { customerId: old?.customerId ?? '', cents: 1_000, at: ago(500) });
    await sell(shop, { customerId: old?.customerId ?? '', cents: 2_000, at: ago(2) });
    await sell(shop, { customerId: fresh?.customerId ?? '', cents: 4_000, at: ago(1) });
    await drain(shop);
    const draft = withRules([usdRate(1), first]);
    const two = await run(shop, draft, 2);
    expect(two).toMatchObject({ orders: 2, members: 2, step: 'day' });
    expect(two.units[0]).toMatchObject({ before: 60, after: 60 + 500, winners: 1, unchanged: 1 });
    const all = await run(shop, draft, 20_000);
    expect(all).toMatchObject({ orders: 3, step: 'month' });
    expect(all.units[0]).toMatchObject({ before: 70, after: 70 + 1_000 });
    expect(all.series[0]?.day).toMatch(/^\d{4}-\d{2}$/);
  });

  it('books nothing, ever', async () => {
    const shop = await makeShop();
    const members = await makeMembers(shop, 2);
    await sellAround(
      shop,
      members.map((member) => member.customerId),
      ago(40),
    );
    const before = await books(shop);
    await run(shop, lookingBack);
    await run(
      shop,
      withRules([usdRate(90)], { units: [{ kind: 'point', id: 'points', label: 'Points' }], rewards: [] }),
    );
    expect(await books(shop)).toEqual(before);
  });

  it('of a shop where nobody bought anything ends at once with nothing', async () => {
    const shop = await makeShop();
    const result = await run(shop, null);
    expect(result).toMatchObject({ orders: 0, members: 0, series: [], fromDay: null });
    expect(await latestSimulation(shop.shopId, shop.programId)).toMatchObject({
      state: 'done',
      draftRevision: 1,
      ordersFound: 0,
    });
  });

  it('leaves out orders of which nobody knows yet what the draft asks, and says how many', async () => {
    const shop = await makeShop(withRules([usdRate(1)]));
    const [member] = await makeMembers(shop, 1);
    await sell(shop, { customerId: member?.customerId ?? '', cents: 1_000, at: ago(2), productId: 71 });
    await sell(shop, { customerId: member?.customerId ?? '', cents: 2_000, at: ago(1), productId: 72 });
    await drain(shop);
    const draft = withRules([{ ...usdRate(10), conditions: { collectionIds: ['900'] } }]);
    const unknown = await run(shop, draft);
    expect(unknown).toMatchObject({ orders: 2, ordersWithoutFacts: 2 });
    expect(unknown.units[0]).toMatchObject({ before: 0, after: 0 });
    await system.sql(`insert into product_facts (shop_id, product_id, facts, asked_at) values ($1, '71', $2, now())`, [
      shop.shopId,
      JSON.stringify({ collectionIds: ['900'], tags: [], productType: null }),
    ]);
    const known = await run(shop, draft);
    expect(known).toMatchObject({ orders: 2, ordersWithoutFacts: 1 });
    expect(known.units[0]).toMatchObject({ before: 10, after: 100 });
  });
});

it('simulating counts what members get for joining, too', async () => {
  const bonus = (amount: number): ProgramDocument['earnRules'][number] => ({
    kind: 'event', id: 'welcome', unit: 'points', event: 'sign-up', amount, conditions: {},
  }); // prettier-ignore
  const shop = await makeShop(withRules([usdRate(1), bonus(20)]));
  const members = await makeMembers(shop, 2);
  await sell(shop, { customerId: members[0]?.customerId ?? '', cents: 1_000, at: ago(1) });
  await drain(shop);
  const result = await run(shop, withRules([usdRate(1), bonus(50)]));
  expect(result.units[0]).toMatchObject({ before: 10 + 40, after: 10 + 100, winners: 2 });
  expect(result.rules[1]).toMatchObject({ ruleId: 'welcome', amount: 100, orders: 2 });
});

it('simulating what is published gives what is booked for members whom Shopify folded into one', async () => {
  const shop = await makeShop(lookingBack);
  const [gone, kept] = await makeMembers(shop, 2);
  if (gone === undefined || kept === undefined) throw new Error('there are two members');
  const buyers = [gone.customerId, kept.customerId];
  await sellAround(shop, buyers, ago(40));
  await deliver(shop, 'customers/merge', mergeBody(gone.customerId, kept.customerId));
  await drain(shop);
  await sell(shop, { customerId: kept.customerId, cents: 8_000, at: new Date(Date.now() + 5_000) });
  await drain(shop);
  setClockOffsetMs(60_000);
  const result = await run(shop, lookingBack);
  setClockOffsetMs(0);
  expect(result).toMatchObject({ orders: 13, members: 1 });
  for (const { unit, before, after, unchanged } of result.units)
    expect([unit, after, unchanged]).toEqual([unit, before, 1]);
});

const byUnit = (one: { unit: string }, two: { unit: string }) => (one.unit < two.unit ? -1 : 1);
