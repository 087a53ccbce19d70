import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  type Lot,
  type LotShare,
  planExpiry,
  planGiveBack,
  planPosting,
  planLateSpending,
  planSpending,
  planTaking,
} from '#app/domain/ledger/lots.ts';
import { accruedAt, lot } from '#test/support/lots.ts';

const dayMs = 86_400_000;
const accruedOf = (one: Lot) => one.remaining + one.consumed + one.expired + one.reversed;

type Event =
  | { kind: 'settle'; order: number; target: number }
  | { kind: 'spend'; amount: number }
  | { kind: 'give-back'; which: number; amount: number }
  | { kind: 'take'; amount: number }
  | { kind: 'expire'; day: number };

const eventArbitrary: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('settle' as const), order: fc.nat(4), target: fc.nat(100) }),
  fc.record({ kind: fc.constant('spend' as const), amount: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constant('give-back' as const), which: fc.nat(5), amount: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constant('take' as const), amount: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant('expire' as const), day: fc.integer({ min: 1, max: 30 }) }),
);

type OrderLot = Lot & { order: number };
type Spending = { left: number; taken: LotShare[] };

/** A member's account kept only by the plans, as the ledger would keep it. */
function liveThrough(events: readonly Event[], debtPolicy: 'carry' | 'write-off') {
  let lots: OrderLot[] = [];
  const accrued = new Map<string, number>();
  const booked = new Map<number, number>();
  const spendings: Spending[] = [];
  const sums = { spent: 0, writtenOff: 0, madeGood: 0, balance: 0 };
  const store = (changed: readonly OrderLot[]) => {
    lots = lots.map((one) => changed.find((candidate) => candidate.lotId === one.lotId) ?? one);
  };
  const add = (order: number, amount: number, remaining: number) => {
    const lotId = String(lots.length + 1);
    const expiresAt = new Date(accruedAt.getTime() + (1 + (lots.length % 20)) * dayMs);
    lots.push({ ...lot(lotId, remaining, { expiresAt, reversed: amount - remaining }), order });
    accrued.set(lotId, amount);
  };
  const settle = (order: number, target: number) => {
    const delta = target - (booked.get(order) ?? 0);
    const own = lots.filter((candidate) => candidate.order === order);
    const others = lots.filter((candidate) => candidate.order !== order);
    const plan = planPosting({ delta, balance: sums.balance, ownLots: own, otherLots: others, debtPolicy });
    store(plan.changed);
    if (plan.lotRemaining !== null) add(order, delta, plan.lotRemaining);
    sums.balance += plan.booked;
    sums.writtenOff += plan.writtenOff;
    booked.set(order, target);
    return plan;
  };
  const spend = (amount: number) => {
    if (amount > sums.balance) return;
    const plan = planSpending(lots, amount, accruedAt);
    if (plan.short !== 0) throw new Error('a balance was not covered by lots');
    store(plan.changed);
    spendings.push({ left: amount, taken: plan.taken });
    sums.balance -= amount;
    sums.spent += amount;
  };
  const giveBack = (which: number, wanted: number) => {
    const spending = spendings[which];
    if (spending === undefined || spending.left === 0) return;
    const amount = Math.min(wanted, spending.left);
    const plan = planGiveBack({ amount, balance: sums.balance, taken: spending.taken, lots });
    store(plan.changed);
    if (plan.newLot > 0) add(-1, plan.newLot, plan.newLot);
    spending.left -= amount;
    spending.taken = lessLast(spending.taken, amount);
    sums.balance += amount - plan.madeGood;
    sums.spent -= amount;
    sums.madeGood += plan.madeGood;
  };
  const take = (amount: number) => {
    if (amount > sums.balance) return;
    store(planTaking(lots, amount).changed);
    sums.balance -= amount;
  };
  const expire = (day: number) => {
    const over = planExpiry(lots, new Date(accruedAt.getTime() + day * dayMs));
    store(over.map((one) => one.lot));
    for (const { expired } of over) sums.balance -= expired;
  };
  for (const event of events) {
    if (event.kind === 'settle') settle(event.order, event.target);
    if (event.kind === 'spend') spend(event.amount);
    if (event.kind === 'give-back') giveBack(event.which, event.amount);
    if (event.kind === 'take') take(event.amount);
    if (event.kind === 'expire') expire(event.day);
  }
  return { lots: () => lots, accrued, booked, sums, settle };
}

/** What is still to be given back, when so much was: the lots taken last were restored first. */
function lessLast(taken: readonly LotShare[], amount: number): LotShare[] {
  let left = amount;
  return taken
    .toReversed()
    .map((share) => {
      const back = Math.min(left, share.amount);
      left -= back;
      return { ...share, amount: share.amount - back };
    })
    .toReversed()
    .filter((share) => share.amount > 0);
}

const lifeArbitrary = fc.record({
  events: fc.array(eventArbitrary, { maxLength: 40 }),
  debtPolicy: fc.constantFrom('carry' as const, 'write-off' as const),
});

test('after any life, balance = Σ remaining − owed, and nobody owes while a lot still holds something', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { lots, sums } = liveThrough(events, debtPolicy);
      const remaining = lots().reduce((sum, one) => sum + one.remaining, 0);
      expect(sums.balance).toBe(remaining - Math.max(0, -sums.balance));
      for (const one of lots()) {
        expect(Math.min(one.remaining, one.consumed, one.expired, one.reversed, one.writtenOff)).toBeGreaterThanOrEqual(
          0,
        );
        expect(one.writtenOff).toBeLessThanOrEqual(one.consumed);
      }
      expect(debtPolicy === 'write-off' ? Math.min(0, sums.balance) : sums.writtenOff).toBe(0);
    }),
    { numRuns: 3_000 },
  );
});

test('after any life, every lot accounts for all of what was accrued', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { lots, accrued } = liveThrough(events, debtPolicy);
      for (const one of lots()) expect(accruedOf(one)).toBe(accrued.get(one.lotId));
    }),
    { numRuns: 3_000 },
  );
});

test('after any life, what the lots say was spent is what was spent and not given back', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { lots, sums } = liveThrough(events, debtPolicy);
      expect(lots().reduce((sum, one) => sum + one.consumed, 0)).toBe(sums.spent);
    }),
    { numRuns: 1_000 },
  );
});

test('no more of a loss is made good than was written off', () => {
  fc.assert(
    fc.property(fc.array(eventArbitrary, { maxLength: 40 }), (events) => {
      const { sums } = liveThrough(events, 'write-off');
      expect(sums.madeGood).toBeLessThanOrEqual(sums.writtenOff);
    }),
    { numRuns: 1_000 },
  );
});

test('settling an order again posts nothing, even after a loss was written off', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { booked, sums, settle } = liveThrough(events, debtPolicy);
      const before = { ...sums };
      for (const [order, target] of booked) expect(settle(order, target).booked).toBe(0);
      expect(sums).toEqual(before);
    }),
    { numRuns: 1_000 },
  );
});

test('what was reserved in time and is booked late ends as if it had been booked at once', () => {
  const dayOf = (day: number) => new Date(Date.parse('2026-02-01T00:00:00Z') + day * dayMs);
  const lots = fc.array(
    fc.record({ amount: fc.integer({ min: 1, max: 50 }), ends: fc.option(fc.integer({ min: -2, max: 20 })) }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(lots, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 25 }), (seeds, share, later) => {
      const [reservedAt, bookedAt] = [dayOf(0), dayOf(later)];
      const had = seeds.map(({ amount, ends }, index) =>
        lot(String(index + 1), amount, { expiresAt: ends === null ? null : dayOf(ends) }),
      );
      // What was over before it was reserved is swept already.
      const lotsThen = after(
        had,
        planExpiry(had, reservedAt).map((plan) => plan.lot),
      );
      const amount = Math.floor((lotsThen.reduce((sum, one) => sum + one.remaining, 0) * share) / 100);
      const spent = after(lotsThen, planSpending(lotsThen, amount, reservedAt).changed);
      const prompt = after(
        spent,
        planExpiry(spent, bookedAt).map((plan) => plan.lot),
      );
      const swept = after(
        lotsThen,
        planExpiry(lotsThen, bookedAt).map((plan) => plan.lot),
      );
      const late = planLateSpending(swept, amount, reservedAt);
      expect(after(swept, late.changed)).toEqual(prompt);
      const expired = (all: readonly Lot[]) => all.reduce((sum, one) => sum + one.expired, 0);
      expect([late.short, late.expiryGivenWay]).toEqual([0, expired(swept) - expired(prompt)]);
    }),
    { numRuns: 1_000 },
  );
});

/** These lots with the changed ones in place of what they were. */
function after(lots: readonly Lot[], changed: readonly Lot[]): Lot[] {
  return lots.map((one) => changed.find(({ lotId }) => lotId === one.lotId) ?? one);
}
