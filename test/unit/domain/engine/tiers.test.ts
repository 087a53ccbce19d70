/** A member's tier at any time, as asked of the whole life again by the oracle. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { tierAt } from '#app/domain/earning/tiers.ts';
import { historyOf, lifeArbitrary, type ToldLife } from '#test/support/histories/lives.ts';
import { tieredVersion } from '#test/support/histories/programs.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { witnessOf } from '#test/support/oracle/earning.ts';
import { progressOf, tierOf } from '#test/support/oracle/tiers.ts';
import { addDays, dayMs, dayText, endOfDay } from '#test/support/oracle/wall-clock.ts';

type Asked = { told: ToldLife; at: number };

/** The oracle's answer at a time; what happens at that very time counts. */
function oracleTier({ told, at }: Asked) {
  const { life, timeZone, versions } = told;
  const { occasions, earnedIn } = witnessOf(life);
  const asked = {
    earlier: occasions.filter((occasion) => occasion.at <= at),
    at,
    timeZone,
    earnedIn,
    document: versions[0],
  };
  return { tierId: tierOf(asked)?.id ?? null, progress: progressOf(asked) };
}

const askedArbitrary = lifeArbitrary(tieredVersion).chain((told) => {
  const times = [...told.life.orders, ...told.life.orders.flatMap((order) => order.refunds)].map((one) =>
    'soldAt' in one ? one.soldAt : one.at,
  );
  const begins = Math.min(...times, ...told.life.events.map((event) => event.at));
  return fc.record({
    told: fc.constant(told),
    at: fc.oneof(
      fc.constantFrom(begins, ...times),
      // To the instant, on both sides of a midnight.
      fc
        .record({ days: fc.integer({ min: 0, max: 900 }), shift: fc.constantFrom(-1, 0, 1) })
        .map(({ days, shift }) => endOfDay(addDays(dayText(begins, told.timeZone), days), told.timeZone) + shift),
    ),
  });
});

test('at any time the tier, what qualifies for it and what is missing to the next are what the oracle says', () => {
  assertHistories(
    1_500,
    fc.property(askedArbitrary, (asked) => {
      const { told, at } = asked;
      const [document] = told.versions;
      const state = tierAt(historyOf(told), { at: new Date(at), document, timeZone: told.timeZone });
      const { tierId, progress } = oracleTier(asked);
      expect({ tierId: state?.tierId, progress: state?.progress }).toEqual({ tierId, progress });
      const levels = document.tiers?.levels ?? [];
      const next = levels[levels.findIndex((level) => level.id === tierId) + 1];
      expect(state?.next?.tierId).toBe(next?.id);
      if (next !== undefined) expect(state?.next?.missing).toBe(Math.max(0, next.threshold - progress));
    }),
  );
});

test('a tier is held until the instant it says, if nothing more happens, and no longer', () => {
  assertHistories(
    1_500,
    fc.property(lifeArbitrary(tieredVersion), fc.integer({ min: 0, max: 700 }), (told, days) => {
      const [document] = told.versions;
      const { life, timeZone } = told;
      const ends = [
        ...life.orders.flatMap((order) => [order.soldAt, order.cancelledAt ?? 0, ...order.refunds.map(({ at }) => at)]),
        ...life.events.map((event) => event.at),
      ];
      const at = Math.max(...ends) + days * dayMs;
      const state = tierAt(historyOf(told), { at: new Date(at), document, timeZone });
      if (state === null || state.tierId === null) return;
      const levels = (document.tiers?.levels ?? []).map((level) => level.id);
      const levelAt = (when: number) => levels.indexOf(oracleTier({ told, at: when }).tierId ?? '');
      const level = levels.indexOf(state.tierId);
      if (state.heldUntil === null) {
        expect(levelAt(at + 5_000 * dayMs)).toBe(level);
      } else {
        expect(levelAt(state.heldUntil.getTime() - 1)).toBe(level);
        expect(levelAt(state.heldUntil.getTime())).toBeLessThan(level);
      }
    }),
  );
});
