/** Every point can be explained line by line, and what is taken back is explained too. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type MemberHistory, settleHistory } from '#app/domain/earning/history.ts';
import type { OrderRefund } from '#app/domain/orders/order.ts';
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import { historyOf, lifeArbitrary, type ToldLife } from '#test/support/histories/lives.ts';
import { engineExplanations, engineSums, oracleExplanations } from '#test/support/histories/sums.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { makeRefund } from '#test/support/orders.ts';

test('what each line has of each rule is what the oracle hands out', () => {
  assertHistories(
    1_000,
    fc.property(lifeArbitrary(), (told) => {
      expect(engineExplanations(historyOf(told))).toEqual(oracleExplanations(told));
    }),
  );
});

test('explanations add up to the target, are never negative and name only lines of the order and rules of its version', () => {
  assertHistories(
    1_000,
    fc.property(lifeArbitrary(), (told) => {
      const history = historyOf(told);
      const { orders } = settleHistory(history);
      for (const { state, document } of history.orders) {
        const lineIds = new Set([null, ...(state.paidUp?.lines ?? []).map((line) => line.id)]);
        const settlement = orders.get(state.orderId);
        expect(settlement?.targets.map(({ unit }) => unit)).toEqual(document.units.map(({ id }) => id));
        for (const { unit, amount, explanation } of settlement?.targets ?? []) {
          expect(explanation.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
          for (const part of explanation) {
            expect(part.amount).toBeGreaterThanOrEqual(0);
            expect(lineIds.has(part.lineId)).toBe(true);
            expect(document.earnRules.find((rule) => rule.id === part.ruleId)?.unit).toBe(unit);
          }
        }
      }
    }),
  );
});

const refundedArbitrary = lifeArbitrary().chain((told) =>
  fc.record({
    told: fc.constant(told),
    which: fc.nat(),
    byLine: fc.boolean(),
    splits: fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 6 }),
    /** What the shop keeps of the money of goods that came back. */
    feeMinor: fc.constantFrom(0, 5, 10_000),
    afterDays: fc.constantFrom(0, 3, 400),
  }),
);

test('an order that came back whole, or all of whose money did, nets exactly 0 and changes no order made before that', () => {
  assertHistories(
    1_200,
    fc.property(refundedArbitrary, ({ told, which, byLine, splits, feeMinor, afterDays }) => {
      fc.pre(told.life.orders.length > 0);
      const history = historyOf(told);
      const before = engineSums(history);
      const order = told.life.orders[which % told.life.orders.length];
      if (order === undefined) return;
      const at = order.soldAt + 100 * 86_400_000 + afterDays * 86_400_000;
      const after = engineSums(refundWhole(history, { orderId: order.id, at: new Date(at), byLine, splits, feeMinor }));
      for (const amount of Object.values(after[`order ${order.id}`] ?? {})) expect(amount).toBe(0);
      for (const other of soldBefore(told, at))
        if (other !== `order ${order.id}`) expect(after[other]).toEqual(before[other]);
    }),
  );
});

function soldBefore({ life }: ToldLife, at: number): string[] {
  return [
    ...life.orders.filter(({ soldAt }) => soldAt < at).map(({ id }) => `order ${id}`),
    ...life.events.filter((event) => event.at < at).map(({ id }) => `event ${id}`),
  ];
}

type Whole = { orderId: string; at: Date; byLine: boolean; splits: number[]; feeMinor: number };

/** The history with refunds of everything there was of one order, by its lines or without, in as many parts as asked. */
function refundWhole(history: MemberHistory, whole: Whole): MemberHistory {
  const orders = history.orders.map((item) => {
    const { state } = item;
    if (state.orderId !== whole.orderId || state.paidUp === null) return item;
    const paid = state.paidUp;
    const base = { createdAt: whole.at.toISOString() };
    const refunds: OrderRefund[] = [];
    const add = (refund: Partial<OrderRefund>) =>
      refunds.push(makeRefund({ ...base, refundId: String(900 + refunds.length), ...refund }));
    if (whole.byLine) {
      for (const line of paid.lines)
        add({
          lines: [
            {
              lineId: line.id,
              quantity: line.quantity,
              subtotalMinor: Math.max(0, line.grossMinor - line.discountMinor - whole.feeMinor),
              taxMinor: 0,
            },
          ],
        });
      add({ shippingMinor: paid.shippingMinor + paid.shippingTaxMinor, amountOnlyMinor: paid.tipMinor });
    } else {
      // Everything that was ever paid, so that it does not matter what went back before.
      let left = Math.max(state.mostPaidMinor, snapshotValueMinor(paid));
      for (const split of whole.splits) {
        const part = Math.min(left, split);
        add({ amountOnlyMinor: part });
        left -= part;
      }
      add({ amountOnlyMinor: left });
    }
    return { ...item, state: { ...state, refunds: [...state.refunds, ...refunds] } };
  });
  return { ...history, orders };
}

test('money given back in many refunds counts as if it had been given back in one', () => {
  assertHistories(
    500,
    fc.property(lifeArbitrary(), fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }), (told, amounts) => {
      const history = historyOf(told);
      const order = history.orders[0];
      fc.pre(order !== undefined);
      const createdAt = new Date(Date.parse('2030-01-01T00:00:00Z')).toISOString();
      const given = (parts: number[]) => {
        const refunds = parts.map((amountOnlyMinor, index) =>
          makeRefund({ refundId: String(900 + index), createdAt, amountOnlyMinor }),
        );
        const state = { ...order.state, refunds: [...order.state.refunds, ...refunds] };
        return engineSums({ ...history, orders: [{ ...order, state }, ...history.orders.slice(1)] });
      };
      expect(given(amounts)).toEqual(given([amounts.reduce((sum, amount) => sum + amount, 0)]));
    }),
  );
});
