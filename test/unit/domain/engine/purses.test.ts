/** Lots kept by the engine's plans, and the same account kept point by point by the oracle. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  availableIn,
  emptyBook,
  expireIn,
  giveBackTo,
  mergeBooks,
  post,
  spendFrom,
} from '#test/support/histories/book.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { endOf, endOfGrace } from '#test/support/oracle/ages.ts';
import {
  available,
  balanceOf,
  earn,
  emptyPurse,
  expire,
  figuresOf,
  giveBack,
  mergePurses,
  type Purse,
  spend,
  takeBack,
} from '#test/support/oracle/purse.ts';
import { dayMs } from '#test/support/oracle/wall-clock.ts';
import type { Expiry } from '#app/domain/programs/program.ts';

const timeZone = 'America/Santiago';
const begins = Date.parse('2026-03-20T15:00:00Z');

/** A version's setting goes with what is earned under it. */
const expiryArbitrary = fc.constantFrom<Expiry>(
  { mode: 'none' },
  { mode: 'rolling', months: 1 },
  { mode: 'rolling', months: 3 },
  { mode: 'calendar', period: 'month', graceDays: 5 },
);

const stepArbitrary = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      cause: fc.nat(4),
      target: fc.oneof(fc.constant(0), fc.nat(30)),
      pendingDays: fc.constantFrom(0, 0, 3, null),
      expiry: expiryArbitrary,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('spend' as const), share: fc.integer({ min: 1, max: 100 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('give back' as const),
      spending: fc.nat(5),
      share: fc.integer({ min: 1, max: 100 }),
    }),
  },
  // The clock of whoever books may also be set back.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(-2, 1, 4, 20, 40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge' as const) }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const accountArbitrary = fc.record({
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 14 }),
  debtPolicy: fc.constantFrom('carry' as const, 'write-off' as const),
  graceDays: fc.constantFrom(0, 14),
});
type Choices = typeof accountArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** One account, kept twice, and the two of them compared after every step. */
function startAccount(choices: Choices, firstLot: number) {
  const book = emptyBook();
  const purse: Purse = emptyPurse();
  const spendings: string[][] = [];
  const booked = new Map<number, number>();
  let lots = firstLot;
  const nextLot = () => {
    lots += 1;
    return String(lots);
  };
  return { book, purse, spendings, booked, nextLot, firstLot, choices };
}
type Account = ReturnType<typeof startAccount>;

function take(account: Account, step: Step, now: number): void {
  const { book, purse, spendings, choices } = account;
  expireIn(book, new Date(now));
  expire(purse, now);
  if (step.do === 'settle') settle(account, step, now);
  if (step.do === 'spend') {
    const amount = Math.floor((available(purse, now) * step.share) / 100);
    if (amount === 0) return;
    spendFrom(book, amount, new Date(now));
    spendings.push(spend(purse, amount, now));
  }
  if (step.do === 'give back' && spendings.length > 0) {
    const which = step.spending % spendings.length;
    const spent = spendings[which] ?? [];
    const amount = Math.floor((spent.length * step.share) / 100);
    if (amount === 0) return;
    const lotId = account.nextLot();
    const grace = { days: choices.graceDays, timeZone };
    giveBackTo(book, { spending: which, amount, lotId, at: new Date(now), grace });
    const graceUntil = endOfGrace(now, choices.graceDays, timeZone);
    const { homeless } = giveBack(purse, amount, { lots: spent, at: now, graceUntil });
    const fresh = { lot: lotId, cause: `given back ${lotId}`, earnedAt: now, availableAt: now, expiresAt: graceUntil };
    earn(purse, homeless, fresh);
    spendings[which] = spent.slice(0, spent.length - amount);
  }
}

function settle(account: Account, step: Step & { do: 'settle' }, now: number): void {
  const { book, purse, booked, choices } = account;
  const delta = step.target - (booked.get(step.cause) ?? 0);
  booked.set(step.cause, step.target);
  if (delta === 0) return;
  const cause = `order ${account.firstLot + step.cause}`;
  const lotId = account.nextLot();
  const availableAt = step.pendingDays === null ? null : now + step.pendingDays * dayMs;
  const expiresAt = endOf(step.expiry, now, timeZone);
  const aging = {
    accruedAt: new Date(now),
    availableAt: availableAt === null ? null : new Date(availableAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  };
  post(book, { cause, delta, lotId, aging, debtPolicy: choices.debtPolicy });
  if (delta > 0) earn(purse, delta, { lot: lotId, cause, earnedAt: now, availableAt, expiresAt });
  else takeBack(purse, -delta, { cause, debtPolicy: choices.debtPolicy });
}

function compare({ book, purse, choices }: Account, now: number): void {
  expect(book.balance).toBe(balanceOf(purse));
  expect(book.writtenOff).toBe(purse.forgiven);
  expect(availableIn(book, new Date(now))).toBe(available(purse, now));
  for (const { lotId, remaining, consumed, expired, reversed, writtenOff } of book.lots)
    expect({ lotId, remaining, consumed, expired, reversed, writtenOff }).toEqual({
      lotId,
      ...figuresOf(purse, lotId),
    });
  if (choices.debtPolicy === 'write-off') expect(book.balance).toBeGreaterThanOrEqual(0);
}

test('after every step of any life the lots are what counting point by point makes them', () => {
  assertHistories(
    3_000,
    fc.property(accountArbitrary, fc.array(stepArbitrary, { maxLength: 6 }), (choices, otherSteps) => {
      const one = startAccount(choices, 0);
      const other = startAccount(choices, 500);
      let now = begins;
      for (const step of otherSteps) {
        if (step.do === 'wait') now += step.days * dayMs;
        take(other, step, now);
        compare(other, now);
      }
      let isMerged = false;
      for (const step of choices.steps) {
        if (step.do === 'wait') now += step.days * dayMs;
        if (step.do === 'merge' && !isMerged) {
          isMerged = true;
          mergeBooks(one.book, other.book);
          mergePurses(one.purse, other.purse);
          one.spendings.push(...other.spendings);
        }
        take(one, step, now);
        compare(one, now);
      }
    }),
  );
});

test('after any life every point earned is there, spent, expired or taken back, and the balance is the sum of its entries', () => {
  assertHistories(
    1_000,
    fc.property(accountArbitrary, (choices) => {
      const account = startAccount(choices, 0);
      let now = begins;
      for (const step of choices.steps) {
        if (step.do === 'wait') now += step.days * dayMs;
        take(account, step, now);
      }
      const { book, purse } = account;
      const remaining = book.lots.reduce((sum, lot) => sum + lot.remaining, 0);
      expect(book.balance).toBe(book.entries.reduce((sum, amount) => sum + amount, 0));
      expect(book.balance).toBe(remaining - Math.max(0, -book.balance));
      for (const lot of book.lots) {
        const points = purse.points.filter((point) => point.lot === lot.lotId).length;
        expect(lot.remaining + lot.consumed + lot.expired + lot.reversed).toBe(points);
        expect(lot.writtenOff).toBeLessThanOrEqual(lot.consumed);
      }
    }),
  );
});
