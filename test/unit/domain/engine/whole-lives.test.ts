/**
 * Whole lives: orders are heard of in any order, settled and posted at every delivery, while the member spends, is given
 * back, and lets points expire in between. The oracle knows what was truly earned and keeps the account point by point.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { settleHistory } from '#app/domain/earning/history.ts';
import { expiryOf } from '#app/domain/ledger/expiry.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import type { Expiry } from '#app/domain/programs/program.ts';
import {
  availableIn,
  type Book,
  emptyBook,
  expireIn,
  giveBackTo,
  post,
  spendFrom,
} from '#test/support/histories/book.ts';
import { arrivalArbitrary, historyOf, lifeArbitrary, lossyArrivalArbitrary } from '#test/support/histories/lives.ts';
import { meagreVersions } from '#test/support/histories/programs.ts';
import { oracleSums } from '#test/support/histories/sums.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { endOfGrace } from '#test/support/oracle/ages.ts';
import {
  available,
  balanceOf,
  earn,
  emptyPurse,
  expire,
  figuresOf,
  giveBack,
  type Purse,
  spend,
  takeBack,
} from '#test/support/oracle/purse.ts';
import { dayMs } from '#test/support/oracle/wall-clock.ts';

const graceDays = 14;

/** What the member does after a delivery, and how far the clock has moved by then; it may be set back. */
const interludeArbitrary = fc.record({
  days: fc.constantFrom(0, 0, 0, 1, 12, 60, -3),
  does: fc.constantFrom('nothing', 'nothing', 'spend', 'spend', 'give back'),
  share: fc.integer({ min: 1, max: 100 }),
  which: fc.nat(5),
});
type Interlude = typeof interludeArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const wholeLifeArbitrary = lifeArbitrary(meagreVersions).chain((told) =>
  fc.record({
    told: fc.constant(told),
    deliveries: fc.oneof(arrivalArbitrary(told.told), lossyArrivalArbitrary(told.told)),
    interludes: fc.array(interludeArbitrary, { minLength: 1, maxLength: 8 }),
    debtPolicy: fc.constantFrom('carry' as const, 'write-off' as const),
    expiry: fc.constantFrom<Expiry>(
      { mode: 'none' },
      { mode: 'rolling', months: 2 },
      { mode: 'calendar', period: 'quarter', graceDays: 3 },
    ),
  }),
);
type WholeLife = typeof wholeLifeArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** One unit of the member, kept by the engine's plans and point by point. */
type Account = { book: Book; purse: Purse; spent: string[][] };

function live({ told, deliveries, interludes, debtPolicy, expiry }: WholeLife) {
  const { timeZone } = told;
  const accounts = new Map<string, Account>();
  const booked = new Map<string, number>();
  const heard: OrderNews[] = [];
  let entries = 0;
  let now = Math.min(...told.life.orders.map((order) => order.soldAt));
  const nextId = () => {
    entries += 1;
    return String(entries);
  };
  const accountOf = (unit: string): Account => {
    const account = accounts.get(unit) ?? { book: emptyBook(), purse: emptyPurse(), spent: [] };
    accounts.set(unit, account);
    return account;
  };

  const settle = () => {
    const { orders } = settleHistory(historyOf(told, heard));
    for (const order of told.life.orders)
      for (const { unit, amount } of orders.get(order.id)?.targets ?? []) {
        const key = `order ${order.id} ${unit}`;
        const delta = amount - (booked.get(key) ?? 0);
        booked.set(key, amount);
        if (delta === 0) continue;
        const { book, purse } = accountOf(unit);
        const soldAt = new Date(order.soldAt);
        const expiresAt = expiryOf(expiry, soldAt, timeZone);
        const lotId = nextId();
        const cause = `order ${order.id}`;
        post(book, { cause, delta, lotId, aging: { accruedAt: soldAt, availableAt: soldAt, expiresAt }, debtPolicy });
        const accrual = { lot: lotId, cause, earnedAt: order.soldAt, availableAt: order.soldAt };
        if (delta > 0) earn(purse, delta, { ...accrual, expiresAt: expiresAt?.getTime() ?? null });
        else takeBack(purse, -delta, { cause, debtPolicy });
      }
  };
  const interrupt = ({ days, does, share, which }: Interlude) => {
    now += days * dayMs;
    for (const account of accounts.values()) {
      const { book, purse, spent } = account;
      expireIn(book, new Date(now));
      expire(purse, now);
      const amount = Math.floor((available(purse, now) * share) / 100);
      if (does === 'spend' && amount > 0) {
        spendFrom(book, amount, new Date(now));
        spent.push(spend(purse, amount, now));
      }
      if (does === 'give back' && spent.length > 0) returnTo(account, { which, share, now, lotId: nextId(), timeZone });
      compare(account, now, debtPolicy);
    }
  };
  for (const [index, news] of deliveries.entries()) {
    heard.push(news);
    settle();
    const interlude = interludes[index % interludes.length];
    if (interlude !== undefined) interrupt(interlude);
  }
  return { accounts, booked, now };
}

function returnTo(
  { book, purse, spent }: Account,
  {
    which,
    share,
    now,
    lotId,
    timeZone,
  }: { which: number; share: number; now: number; lotId: string; timeZone: string },
): void {
  const spending = which % spent.length;
  const lots = spent[spending] ?? [];
  const amount = Math.floor((lots.length * share) / 100);
  if (amount === 0) return;
  giveBackTo(book, { spending, amount, lotId, at: new Date(now), grace: { days: graceDays, timeZone } });
  const graceUntil = endOfGrace(now, graceDays, timeZone);
  const { homeless } = giveBack(purse, amount, { lots, at: now, graceUntil });
  const fresh = { lot: lotId, cause: `given back ${lotId}`, earnedAt: now, availableAt: now, expiresAt: graceUntil };
  earn(purse, homeless, fresh);
  spent[spending] = lots.slice(0, lots.length - amount);
}

function compare({ book, purse }: Account, now: number, debtPolicy: WholeLife['debtPolicy']): void {
  expect(book.balance).toBe(balanceOf(purse));
  expect(book.writtenOff).toBe(purse.forgiven);
  expect(availableIn(book, new Date(now))).toBe(available(purse, now));
  if (debtPolicy === 'write-off') expect(book.balance).toBeGreaterThanOrEqual(0);
}

test('whatever is heard, spent, given back and expired in between: sums are the oracle’s, and every account adds up', () => {
  assertHistories(
    1_000,
    fc.property(wholeLifeArbitrary, (whole) => {
      fc.pre(whole.told.life.orders.length > 0);
      const { accounts, booked } = live(whole);
      const sums = oracleSums(whole.told);
      for (const [key, amount] of booked) {
        const [order = '', id = '', unit = ''] = key.split(' ');
        expect(amount).toBe(sums[`${order} ${id}`]?.[unit] ?? 0);
      }
      for (const [unit, { book, purse, spent }] of accounts) {
        const remaining = book.lots.reduce((sum, lot) => sum + lot.remaining, 0);
        expect(book.balance).toBe(book.entries.reduce((sum, amount) => sum + amount, 0));
        expect(book.balance).toBe(remaining - Math.max(0, -book.balance));
        for (const { lotId, remaining: here, consumed, expired, reversed, writtenOff } of book.lots)
          expect({ remaining: here, consumed, expired, reversed, writtenOff }).toEqual(figuresOf(purse, lotId));
        if (whole.debtPolicy !== 'carry' || whole.expiry.mode !== 'none') continue;
        // Where nothing ends and nothing is forgiven, the balance is what was truly earned less what was spent.
        const earned = whole.told.life.orders.reduce((sum, { id }) => sum + (sums[`order ${id}`]?.[unit] ?? 0), 0);
        expect(book.balance).toBe(earned - spent.reduce((sum, lots) => sum + lots.length, 0));
      }
    }),
  );
});
