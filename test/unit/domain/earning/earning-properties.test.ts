import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { settle } from '#app/domain/earning/earning.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderRefund, OrderState } from '#app/domain/orders/order.ts';
import { expectedAmount } from '#test/support/oracle.ts';
import { ruleArbitrary, storyArbitrary } from '#test/support/order-stories.ts';
import { makeProgram, makeRefund, orderId, snapshotNews, spendRule, stateOf } from '#test/support/orders.ts';

const runs = { numRuns: 3_000 };

const programArbitrary = fc
  .record({
    rules: fc.array(ruleArbitrary, { minLength: 1, maxLength: 3 }),
    earnsOnTax: fc.boolean(),
    earnsOnShipping: fc.boolean(),
  })
  .map(({ rules, earnsOnTax, earnsOnShipping }) => ({
    document: makeProgram(
      rules.map(({ rule }, index) => ({ ...rule, id: `rule-${index}` })),
      { earnsOnTax, earnsOnShipping },
    ),
    oracle: { rules: rules.map((rule) => rule.oracle), earnsOnTax, earnsOnShipping },
  }));

function merge(deliveries: readonly OrderNews[]): OrderState {
  return deliveries.reduce(mergeNews, emptyOrder(orderId));
}

/** The same deliveries in any order, some of them several times. */
function asArrived(deliveries: OrderNews[]): fc.Arbitrary<OrderNews[]> {
  return fc
    .array(fc.constantFrom(...deliveries), { maxLength: 6 })
    .chain((again) => fc.shuffledSubarray([...deliveries, ...again], { minLength: deliveries.length + again.length }));
}

const arrivalArbitrary = storyArbitrary.chain((story) =>
  fc.record({ story: fc.constant(story), arrived: asArrived(story.deliveries) }),
);

test('whatever the order of arrival and however often, an order earns what an independent reading of the rules says', () => {
  fc.assert(
    fc.property(arrivalArbitrary, programArbitrary, ({ story, arrived }, { document, oracle }) => {
      const { targets } = settle({ order: merge(arrived), document });
      expect(targets.map(({ unit, amount }) => ({ unit, amount }))).toEqual(
        ['point', 'coffee'].map((unit) => ({ unit, amount: expectedAmount(story.oracle, { ...oracle, unit }) })),
      );
    }),
    runs,
  );
});

test('any arrival of the same deliveries ends in exactly the same state', () => {
  fc.assert(
    fc.property(arrivalArbitrary, ({ story, arrived }) => {
      expect(merge(arrived)).toEqual(merge(story.deliveries));
    }),
    runs,
  );
});

test('lost deliveries are made good by the last one, or by asking for the order again', () => {
  fc.assert(
    fc.property(
      storyArbitrary
        .filter((story) => story.lastTellsAll)
        .chain((story) => fc.record({ story: fc.constant(story), heard: fc.subarray(story.deliveries) })),
      programArbitrary,
      ({ story, heard }, { document }) => {
        const repaired = merge([...heard, ...story.deliveries.slice(-1)]);
        expect(settle({ order: repaired, document }).targets).toEqual(
          settle({ order: merge(story.deliveries), document }).targets,
        );
      },
    ),
    runs,
  );
});

test('posting target minus booked at every delivery ends at the right sum, and hearing all of it again posts nothing', () => {
  fc.assert(
    fc.property(arrivalArbitrary, programArbitrary, ({ story, arrived }, { document, oracle }) => {
      let state = emptyOrder(orderId);
      const booked = new Map([
        ['point', 0],
        ['coffee', 0],
      ]);
      const hear = (news: OrderNews) => {
        state = mergeNews(state, news);
        return settle({ order: state, document }).targets.filter(({ unit, amount }) => {
          const delta = amount - (booked.get(unit) ?? 0);
          booked.set(unit, (booked.get(unit) ?? 0) + delta);
          return delta !== 0;
        });
      };
      for (const news of arrived) hear(news);
      for (const [unit, amount] of booked) expect(amount).toBe(expectedAmount(story.oracle, { ...oracle, unit }));
      for (const news of arrived) expect(hear(news)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('explanations add up to the target, name only lines of the order and are never negative', () => {
  fc.assert(
    fc.property(storyArbitrary, programArbitrary, ({ deliveries, oracle }, { document }) => {
      const lineIds = new Set(oracle.lines.map((line) => line.id));
      for (const target of settle({ order: merge(deliveries), document }).targets) {
        expect(target.explanation.reduce((sum, part) => sum + part.amount, 0)).toBe(target.amount);
        for (const part of target.explanation) {
          expect(part.lineId === null || lineIds.has(part.lineId)).toBe(true);
          expect(part.amount).toBeGreaterThanOrEqual(0);
        }
      }
    }),
    runs,
  );
});

test('an order of which every line came back, or all money without a line, nets exactly 0', () => {
  fc.assert(
    fc.property(storyArbitrary, programArbitrary, fc.boolean(), ({ deliveries }, { document }, byLine) => {
      const paid = merge(deliveries).paidUp;
      fc.pre(paid !== null);
      const lines = paid.lines.map((line) => ({
        lineId: line.id,
        quantity: line.quantity,
        // A fee kept by the shop: less comes back than was paid.
        subtotalMinor: Math.max(0, line.grossMinor - line.discountMinor - 5),
        taxMinor: 0,
      }));
      const shippingMinor = paid.shippingMinor + (paid.taxesIncluded ? 0 : paid.shippingTaxMinor);
      const paidMinor = paid.lines.reduce(
        (sum, line) => sum + Math.max(0, line.grossMinor - line.discountMinor) + line.taxMinor,
        paid.tipMinor + shippingMinor,
      );
      const back = byLine
        ? { lines, shippingMinor, amountOnlyMinor: paid.tipMinor }
        : { lines: [], shippingMinor: 0, amountOnlyMinor: paidMinor };
      const snapshot = { ...paid, financialStatus: 'partially_refunded' as const, cancelledAt: null, isTest: false };
      const order = stateOf(snapshotNews(snapshot, [makeRefund(back)]));
      for (const target of settle({ order, document }).targets) expect(target.amount).toBe(0);
    }),
    runs,
  );
});

function amountRefund(refundId: number, amountOnlyMinor: number): OrderRefund {
  return makeRefund({ refundId: String(refundId), amountOnlyMinor });
}

test('money given back in many refunds counts as if it had been given back in one', () => {
  fc.assert(
    fc.property(storyArbitrary, fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }), (story, amounts) => {
      const paid = merge(story.deliveries).paidUp;
      fc.pre(paid !== null);
      const whole = amounts.reduce((sum, amount) => sum + amount, 0);
      const document = makeProgram([spendRule()]);
      const settled = (refunds: OrderRefund[]) =>
        settle({ order: stateOf(snapshotNews(paid, refunds)), document }).targets;
      expect(settled(amounts.map((amount, index) => amountRefund(index, amount)))).toEqual(
        settled([amountRefund(1, whole)]),
      );
    }),
    { numRuns: 1_000 },
  );
});
