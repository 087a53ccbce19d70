import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  isUsable,
  type Lot,
  type LotShare,
  planExpiry,
  planGiveBack,
  planPosting,
  planSpending,
  planTaking,
} from '#app/domain/ledger/lots.ts';

const accruedAt = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-02-01T00:00:00Z');
const dayMs = 86_400_000;

function lot(lotId: string, remaining: number, overrides: Partial<Lot> = {}): Lot {
  return {
    lotId,
    remaining,
    consumed: 0,
    expired: 0,
    reversed: 0,
    writtenOff: 0,
    accruedAt,
    availableAt: accruedAt,
    expiresAt: null,
    ...overrides,
  };
}

const accruedOf = (one: Lot) => one.remaining + one.consumed + one.expired + one.reversed;
const idsOf = (shares: readonly LotShare[]) => shares.map((share) => share.lotId);

describe('spending', () => {
  test('takes what expires first, then the older, then the smaller id', () => {
    const lots = [
      lot('10', 1),
      lot('9', 1),
      lot('8', 1, { accruedAt: new Date('2025-12-01T00:00:00Z') }),
      lot('7', 1, { expiresAt: new Date('2026-06-01T00:00:00Z') }),
      lot('6', 0),
    ];
    expect(idsOf(planSpending(lots, 4, now).taken)).toEqual(['7', '8', '9', '10']);
    expect(planSpending(lots, 6, now).short).toBe(2);
  });

  test('leaves pending value and what is over alone while usable lots reach', () => {
    const lots = [
      lot('1', 5, { expiresAt: new Date('2026-03-01T00:00:00Z'), availableAt: new Date('2026-02-02T00:00:00Z') }),
      lot('2', 5, { availableAt: null }),
      lot('3', 5, { expiresAt: now }),
      lot('4', 5, { availableAt: now }),
    ];
    expect(lots.map((one) => isUsable(one, now))).toEqual([false, false, false, true]);
    expect(planSpending(lots, 5, now).taken).toEqual([{ lotId: '4', amount: 5 }]);
    // A sale that carries a reward is honoured, whatever became of the lots since.
    expect(idsOf(planSpending(lots, 20, now).taken)).toEqual(['4', '3', '1', '2']);
  });
});

test('a lot is over at its expiry instant, not before, and only once', () => {
  const expiresAt = new Date('2026-06-01T00:00:00Z');
  const lots = [lot('1', 5, { expiresAt }), lot('2', 5), lot('3', 0, { expiresAt })];
  expect(planExpiry(lots, new Date(expiresAt.getTime() - 1))).toEqual([]);
  expect(planExpiry(lots, expiresAt)).toEqual([{ lot: { ...lots[0], remaining: 0, expired: 5 }, expired: 5 }]);
});

describe('a reversal', () => {
  const posting = { balance: 30, debtPolicy: 'carry' as const };

  test("takes from the order's own lots, pending ones too, before the member's others, even when those expire first", () => {
    const plan = planPosting({
      ...posting,
      delta: -15,
      ownLots: [lot('2', 10, { availableAt: null })],
      otherLots: [lot('1', 20, { expiresAt: accruedAt })],
    });
    expect(plan.changed.map((one) => [one.lotId, one.remaining, one.reversed])).toEqual([
      ['2', 0, 10],
      ['1', 15, 5],
    ]);
    expect(plan.booked).toBe(-15);
  });

  test('does not take again what already expired: the expiry gives way', () => {
    const own = lot('2', 0, { expired: 30 });
    const plan = planPosting({ ...posting, balance: 20, delta: -30, ownLots: [own], otherLots: [lot('1', 20)] });
    expect(plan).toEqual({
      lotRemaining: null,
      changed: [{ ...own, expired: 0, reversed: 30 }],
      booked: 0,
      writtenOff: 0,
      expiryGivenWay: 30,
    });
  });

  test('that nothing can meet is forgiven under write-off, and noted at the spending that caused it', () => {
    const own = lot('1', 0, { consumed: 30 });
    const other = lot('2', 0, { consumed: 40 });
    const plan = planPosting({ delta: -50, balance: 0, ownLots: [own], otherLots: [other], debtPolicy: 'write-off' });
    expect(plan).toMatchObject({ booked: 0, writtenOff: 50 });
    expect(plan.changed).toEqual([
      { ...own, writtenOff: 30 },
      { ...other, writtenOff: 20 },
    ]);
  });
});

test('posting nothing changes nothing', () => {
  const plan = planPosting({ delta: 0, balance: -5, ownLots: [], otherLots: [], debtPolicy: 'carry' });
  expect(plan).toEqual({ lotRemaining: null, changed: [], booked: 0, writtenOff: 0, expiryGivenWay: 0 });
});

test('what is taken by hand comes from all lots alike, and stays taken', () => {
  const lots = [lot('1', 5, { availableAt: null }), lot('2', 5, { expiresAt: now })];
  const plan = planTaking(lots, 7);
  expect(plan.short).toBe(0);
  expect(plan.changed.map((one) => [one.lotId, one.remaining, one.reversed])).toEqual([
    ['2', 0, 5],
    ['1', 3, 2],
  ]);
});

describe('spending given back', () => {
  const lots = [lot('1', 0, { consumed: 6 }), lot('2', 0, { consumed: 4 })];
  const taken = [
    { lotId: '1', amount: 6 },
    { lotId: '2', amount: 4 },
  ];

  test('returns to the lots it came from, the one taken last first, after a debt', () => {
    expect(planGiveBack({ amount: 10, balance: 3, taken, lots })).toMatchObject({
      restored: taken.toReversed(),
      newLot: 0,
      madeGood: 0,
    });
    const owing = planGiveBack({ amount: 10, balance: -5, taken, lots });
    expect(owing.restored).toEqual([
      { lotId: '2', amount: 4 },
      { lotId: '1', amount: 1 },
    ]);
    expect(owing.changed.find((one) => one.lotId === '1')).toMatchObject({ remaining: 1, consumed: 0, reversed: 5 });
    expect(planGiveBack({ amount: 10, balance: -20, taken, lots })).toMatchObject({ restored: [], newLot: 0 });
  });

  test('in parts begins with the lot taken last', () => {
    const plan = planGiveBack({ amount: 5, balance: 0, taken, lots });
    expect(plan.restored).toEqual([
      { lotId: '2', amount: 4 },
      { lotId: '1', amount: 1 },
    ]);
  });

  test('makes a loss good that was written off because of it, and restores the rest', () => {
    const forgiven = [lot('1', 0, { consumed: 50, writtenOff: 30 })];
    const plan = planGiveBack({ amount: 50, balance: 0, taken: [{ lotId: '1', amount: 50 }], lots: forgiven });
    expect(plan).toEqual({
      changed: [{ ...forgiven[0], consumed: 0, writtenOff: 0, remaining: 20, reversed: 30 }],
      restored: [{ lotId: '1', amount: 20 }],
      madeGood: 30,
      newLot: 0,
    });
  });

  test('that was met by a debt repaid since becomes a lot of its own', () => {
    const plan = planGiveBack({ amount: 10, balance: 0, taken: taken.slice(0, 1), lots });
    expect(plan).toMatchObject({ restored: [{ lotId: '1', amount: 6 }], newLot: 4 });
  });
});

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
