/** However a member's orders reach us, they end at what an independent reading of the rules says. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { arrivalArbitrary, historyOf, lifeArbitrary, lossyArrivalArbitrary } from '#test/support/histories/lives.ts';
import { engineSums, oracleSums } from '#test/support/histories/sums.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';

test('whatever the order of arrival and however often, a member earns what the oracle says', () => {
  assertHistories(
    2_500,
    fc.property(
      lifeArbitrary().chain((told) => fc.tuple(fc.constant(told), arrivalArbitrary(told.told))),
      ([told, deliveries]) => {
        expect(engineSums(historyOf(told, deliveries))).toEqual(oracleSums(told));
      },
    ),
  );
});

test('whatever is lost, asking for the orders again brings every sum to what the oracle says', () => {
  assertHistories(
    1_500,
    fc.property(
      lifeArbitrary().chain((told) => fc.tuple(fc.constant(told), lossyArrivalArbitrary(told.told))),
      ([told, deliveries]) => {
        expect(engineSums(historyOf(told, deliveries))).toEqual(oracleSums(told));
      },
    ),
  );
});

test('any arrival of the same deliveries ends in exactly the same states of the orders', () => {
  assertHistories(
    500,
    fc.property(
      lifeArbitrary().chain((told) => fc.tuple(fc.constant(told), arrivalArbitrary(told.told))),
      ([told, deliveries]) => {
        expect(historyOf(told, deliveries)).toEqual(historyOf(told));
      },
    ),
  );
});
