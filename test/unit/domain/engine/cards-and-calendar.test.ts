/** Stamp cards, collections and the shop's calendar, each held against the oracle's slow way. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { instantOf, wallClockOf } from '#app/domain/calendar.ts';
import { expiryOf, graceEnd } from '#app/domain/ledger/expiry.ts';
import { cardProgress, collectionsCompleted, milestonesEarned } from '#app/domain/ledger/stamp-card.ts';
import type { Expiry } from '#app/domain/programs/program.ts';
import type { Collection } from '#app/domain/programs/rewards.ts';
import { zones } from '#test/support/histories/lives.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { endOf, endOfGrace } from '#test/support/oracle/ages.ts';
import { cardsAt, completions, stampCards } from '#test/support/oracle/stamps.ts';
import { dayText, instantOf as oracleInstantOf, wallText, weekdayOf } from '#test/support/oracle/wall-clock.ts';

test('cards fill, and mid-card rewards come, as when stamping one after the other', () => {
  assertHistories(
    1_000,
    fc.property(
      fc.integer({ min: -8, max: 90 }),
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 29 }),
      (collected, needed, at) => {
        const { cards, onCard } = cardProgress({ collected, needed });
        expect({ full: cards, onCard }).toEqual(stampCards(collected, needed));
        const atStamp = Math.min(at, needed - 1);
        expect(milestonesEarned({ collected, needed, atStamp })).toBe(cardsAt(atStamp, collected, needed));
      },
    ),
  );
});

const types = ['coffee', 'tea', 'lunch', 'cake'];
const typesArbitrary = fc.shuffledSubarray(types, { minLength: 1 });

const collectionArbitrary: fc.Arbitrary<Collection> = fc.oneof(
  typesArbitrary.map((units): Collection => ({ kind: 'all', id: 'set', name: 'Set', units })),
  fc.tuple(typesArbitrary, fc.integer({ min: 1, max: 4 })).map(([units, n]): Collection => {
    return { kind: 'any', id: 'set', name: 'Set', units, needed: Math.min(n, units.length) };
  }),
  fc
    .array(fc.constantFrom(...types), { minLength: 1, maxLength: 5 })
    .map((units): Collection => ({ kind: 'sequence', id: 'set', name: 'Set', units })),
);

test('collections are completed as often as by laying out one stamp after the other', () => {
  assertHistories(
    1_500,
    fc.property(
      collectionArbitrary,
      fc.array(fc.record({ unit: fc.constantFrom(...types, 'other'), amount: fc.integer({ min: 1, max: 4 }) }), {
        maxLength: 25,
      }),
      (collection, sales) => {
        const stamps = sales.flatMap(({ unit, amount }) => Array.from({ length: amount }, () => unit));
        expect(collectionsCompleted(collection, sales)).toBe(completions(collection, stamps));
      },
    ),
  );
});

const instantArbitrary = fc
  .integer({ min: Date.parse('2024-01-01T00:00:00Z') / 60_000, max: Date.parse('2028-12-31T00:00:00Z') / 60_000 })
  .map((minutes) => minutes * 60_000);
/** Close to where clocks are changed, too. */
const nearNightArbitrary = fc
  .tuple(
    fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T00:59:00Z', '2026-04-05T03:59:00Z', '2026-09-06T04:00:00Z'),
    fc.integer({ min: -400, max: 400 }),
  )
  .map(([text, minutes]) => Date.parse(text) + minutes * 60_000);

const expiryArbitrary = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((months): Expiry => ({ mode: 'rolling', months })),
  fc.integer({ min: 1, max: 30 }).map((months): Expiry => ({ mode: 'sliding', months })),
  fc
    .tuple(fc.constantFrom('month' as const, 'quarter' as const, 'year' as const), fc.nat(60))
    .map(([period, graceDays]): Expiry => ({ mode: 'calendar', period, graceDays })),
);

test('the wall clock, and when it comes to a time, are as found minute by minute in every zone', () => {
  assertHistories(
    1_000,
    fc.property(fc.oneof(instantArbitrary, nearNightArbitrary), fc.constantFrom(...zones), (at, timeZone) => {
      const clock = wallClockOf(new Date(at), timeZone);
      const wall = wallText(at, timeZone);
      expect(clock.time).toBe(wall.slice(11));
      expect(clock.weekday).toBe(weekdayOf(dayText(at, timeZone)));
      expect(instantOf(wall, timeZone).getTime()).toBe(oracleInstantOf(wall, timeZone));
      // Half an hour on is a time the clock may jump over.
      const later = wallText(at + 1_800_000, 'UTC');
      expect(instantOf(later, timeZone).getTime()).toBe(oracleInstantOf(later, timeZone));
    }),
  );
});

test('value ends, and grace ends, through the last day of the shop in every mode and zone', () => {
  assertHistories(
    1_000,
    fc.property(
      fc.oneof(instantArbitrary, nearNightArbitrary),
      fc.constantFrom(...zones),
      expiryArbitrary,
      fc.nat(90),
      (at, timeZone, expiry, days) => {
        expect(expiryOf(expiry, new Date(at), timeZone)?.getTime()).toBe(endOf(expiry, at, timeZone));
        expect(graceEnd(new Date(at), days, timeZone).getTime()).toBe(endOfGrace(at, days, timeZone));
      },
    ),
  );
});
