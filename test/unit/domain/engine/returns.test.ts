/** What of spending comes back with the order that carried it, held against the oracle. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { spendingReturn } from '#app/domain/ledger/spending-returns.ts';
import type { ProgramSettings } from '#app/domain/programs/program.ts';
import { arrivalArbitrary, historyOf, lifeArbitrary } from '#test/support/histories/lives.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import type { LifeOrder } from '#test/support/oracle/life.ts';
import { spendingBack } from '#test/support/oracle/spending.ts';

function costOf({ shopPrices, taxesIncluded }: LifeOrder): number {
  return shopPrices.lines.reduce((sum, { net, tax }) => sum + net + (taxesIncluded ? 0 : tax), 0);
}

const spentArbitrary = fc.record({
  cost: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 500 })),
  policy: fc.constantFrom<ProgramSettings['spendingReturns']>('proportional', 'full-refund-only', 'never'),
});

test('however an order is refunded, edited or cancelled, as much of its spending comes back as the oracle says', () => {
  assertHistories(
    1_000,
    fc.property(
      lifeArbitrary().chain((told) => fc.tuple(fc.constant(told), arrivalArbitrary(told.told))),
      spentArbitrary,
      ([told, deliveries], { cost, policy }) => {
        const { orders } = historyOf(told, deliveries);
        for (const { state } of orders) {
          const order = told.life.orders.find(({ id }) => id === state.orderId);
          // No shop pays a shopper for buying.
          if (order === undefined || costOf(order) < 0) continue;
          expect(spendingReturn(state, { cost, policy })).toEqual(spendingBack(order, cost, policy));
        }
      },
    ),
  );
});

test('what came back is never more than was spent, and never less after another refund', () => {
  assertHistories(
    500,
    fc.property(lifeArbitrary(), spentArbitrary, (told, spent) => {
      for (const { state } of historyOf(told).orders) {
        let before = 0;
        for (let known = 0; known <= state.refunds.length; known += 1) {
          const { amount } = spendingReturn({ ...state, refunds: state.refunds.slice(0, known) }, spent);
          expect(amount).toBeGreaterThanOrEqual(before);
          expect(amount).toBeLessThanOrEqual(spent.cost);
          before = amount;
        }
      }
    }),
  );
});
