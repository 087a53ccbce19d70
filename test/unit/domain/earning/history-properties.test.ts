import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { settle } from '#app/domain/earning/earning.ts';
import { newcomer } from '#app/domain/earning/facts.ts';
import { type HistoryOrder, settleHistory, standingAt } from '#app/domain/earning/history.ts';
import { orderAsOf } from '#app/domain/orders/order-as-of.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { madeHistory, type Sale } from '#test/support/member-histories.ts';
import { itemRule, makeProgram, spendRule, visitRule } from '#test/support/orders.ts';

vi.setConfig({ testTimeout: 30_000 });

const gold: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'unit', unit: 'point' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [{ id: 'gold', name: 'Gold', threshold: 100, multiplier: { times: 2, over: 1 } }],
};

/** Sales within a few days, some of them refunded in parts or cancelled, at times that often coincide. */
const salesArbitrary: fc.Arbitrary<Sale[]> = fc
  .array(
    fc.record({
      hour: fc.nat(100),
      minor: fc.integer({ min: 1, max: 20_000 }),
      refunds: fc.array(fc.record({ after: fc.nat(100), share: fc.integer({ min: 1, max: 60 }) }), { maxLength: 2 }),
      cancelledAfter: fc.option(fc.nat(100), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((seeds) => {
    const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour)).toISOString().slice(0, 16);
    return seeds.map(({ hour, minor, refunds, cancelledAfter }, index) => ({
      id: String(index + 5),
      at: at(hour),
      minor,
      refunds: refunds.map(({ after, share }) => ({ at: at(hour + after), minor: Math.floor((minor * share) / 100) })),
      ...(cancelledAfter === null ? {} : { cancelledAt: at(hour + cancelledAfter) }),
    }));
  });

const documentArbitrary = fc
  .record({
    perDay: fc.constantFrom(undefined, 50, 150),
    perMember: fc.constantFrom(undefined, 100, 400),
    coolDownHours: fc.constantFrom(undefined, 10, 24),
    firstOrder: fc.boolean(),
    isTierOnly: fc.boolean(),
    window: fc.constantFrom<NonNullable<ProgramDocument['tiers']>['window']>(
      { kind: 'lifetime' },
      { kind: 'rolling', months: 1 },
      { kind: 'calendar', period: 'month' },
    ),
    rounding: fc.constantFrom('floor' as const, 'ceil' as const),
  })
  .map(({ perDay, perMember, coolDownHours, firstOrder, isTierOnly, window, rounding }) => {
    const caps = { ...(perDay === undefined ? {} : { perDay }), ...(perMember === undefined ? {} : { perMember }) };
    const pause = coolDownHours === undefined ? {} : { coolDownHours };
    return makeProgram(
      [
        spendRule({ rounding, caps, ...pause }),
        visitRule({ conditions: firstOrder ? { firstOrder: true } : {}, ...pause }),
        itemRule({ conditions: isTierOnly ? { tierIds: ['gold'] } : {} }),
      ],
      {},
      { tiers: { ...gold, window } },
    );
  });

const historyArbitrary = fc.record({ sales: salesArbitrary, document: documentArbitrary });

const soldAt = ({ state }: HistoryOrder) => new Date(state.latest?.processedAt ?? 0);

function bySale(one: HistoryOrder, two: HistoryOrder): number {
  const apartMs = soldAt(one).getTime() - soldAt(two).getTime();
  return apartMs === 0 ? Number(one.state.orderId) - Number(two.state.orderId) : apartMs;
}

/** Points given that day and ever, in the world as it was at an instant: later sales unmade, later refunds undone. */
function givenBy(orders: HistoryOrder[], at: Date): { today: number; ever: number } {
  const known = orders
    .filter((order) => soldAt(order) <= at)
    .map((order) => ({ ...order, state: orderAsOf(order.state, at) }));
  const settled = settleHistory({ orders: known, events: [] }).orders;
  let today = 0;
  let ever = 0;
  for (const order of known) {
    const targets = settled.get(order.state.orderId)?.targets ?? [];
    for (const { amount, explanation } of targets)
      expect(explanation.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
    const given = targets[0]?.amount ?? 0;
    ever += given;
    if (soldAt(order).toISOString().slice(0, 10) === at.toISOString().slice(0, 10)) today += given;
  }
  return { today, ever };
}

describe('whatever a member did', () => {
  test('the order in which it is told plays no part', () => {
    fc.assert(
      fc.property(
        historyArbitrary.chain(({ sales, document }) =>
          fc.record({
            sales: fc.constant(sales),
            document: fc.constant(document),
            told: fc.shuffledSubarray(sales, { minLength: sales.length }),
          }),
        ),
        ({ sales, told, document }) => {
          const [one, two] = [sales, told].map((list) => settleHistory(madeHistory(document, list)).orders);
          for (const { id } of sales) expect(one?.get(id)).toEqual(two?.get(id));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a refund or cancellation posts on its own order only, as long as nothing was bought after it', () => {
    fc.assert(
      fc.property(historyArbitrary, fc.nat(8), fc.boolean(), ({ sales, document }, which, isCancelled) => {
        const index = which % sales.length;
        const late = '2026-12-01T00:00';
        const before = settleHistory(madeHistory(document, sales)).orders;
        const after = settleHistory(
          madeHistory(
            document,
            sales.map((sale, position) => {
              if (position !== index) return sale;
              if (isCancelled) return { ...sale, cancelledAt: sale.cancelledAt ?? late };
              return { ...sale, refunds: [...(sale.refunds ?? []), { at: late, minor: sale.minor }] };
            }),
          ),
        ).orders;
        for (const [position, { id }] of sales.entries())
          if (position !== index) expect(after.get(id)).toEqual(before.get(id));
          else for (const target of after.get(id)?.targets ?? []) expect(target.amount).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('caps hold as of every sale, and explanations add up', () => {
    fc.assert(
      fc.property(historyArbitrary, ({ sales, document }) => {
        const { orders } = madeHistory(document, sales);
        const caps = document.earnRules[0]?.caps;
        for (const order of orders) {
          const { today, ever } = givenBy(orders, soldAt(order));
          expect(today).toBeLessThanOrEqual(caps?.perDay ?? Number.POSITIVE_INFINITY);
          expect(ever).toBeLessThanOrEqual(caps?.perMember ?? Number.POSITIVE_INFINITY);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('an estimate just before a sale is what the sale then earns', () => {
    fc.assert(
      fc.property(historyArbitrary, ({ sales, document }) => {
        const history = madeHistory(document, sales);
        const last = history.orders.toSorted(bySale).at(-1);
        if (last === undefined) return;
        const { state, facts } = last;
        const others = { ...history, orders: history.orders.filter((order) => order !== last) };
        const standing = standingAt(others, { at: soldAt(last), document, timeZone: facts.timeZone });
        expect(settle({ order: state, document, facts, standing })).toEqual(
          settleHistory(history).orders.get(state.orderId),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('a program that asks for nothing but the order settles each as if it were alone', () => {
    const document = makeProgram([spendRule({ caps: { perOrder: 70 } }), itemRule()]);
    fc.assert(
      fc.property(salesArbitrary, (sales) => {
        const history = madeHistory(document, sales);
        const { orders } = settleHistory(history);
        for (const { state, facts } of history.orders)
          expect(orders.get(state.orderId)).toEqual(settle({ order: state, document, facts, standing: newcomer }));
      }),
    );
  });
});

test('ten thousand orders of one member are settled in a few seconds', () => {
  const document = makeProgram(
    [spendRule({ caps: { perDay: 500, perMember: 1_000_000 }, coolDownHours: 1 })],
    {},
    { tiers: gold },
  );
  const sales = Array.from({ length: 10_000 }, (_, index): Sale => {
    const at = (hours: number) => new Date(Date.UTC(2026, 0, 1, index + hours)).toISOString().slice(0, 16);
    return { id: String(index + 1), at: at(0), minor: 1_000, refunds: [{ at: at(50), minor: 1_000 }] };
  });
  const history = madeHistory(document, sales);
  // Seconds of this process's own, whatever else the machine does.
  const before = process.cpuUsage();
  settleHistory(history);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(4_000);
});
