import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Lot, planConsumption, planExpiry, planGiveBack, planPosting } from '#app/domain/ledger/lots.ts';

const accruedAt = new Date('2026-01-01T00:00:00Z');

function lot(lotId: string, remaining: number, overrides: Partial<Lot> = {}): Lot {
  return { lotId, remaining, accruedAt, expiresAt: null, ...overrides };
}

test('consumption takes what expires first, then the older, then the smaller id', () => {
  const lots = [
    lot('10', 1),
    lot('9', 1),
    lot('8', 1, { accruedAt: new Date('2025-12-01T00:00:00Z') }),
    lot('7', 1, { expiresAt: new Date('2026-06-01T00:00:00Z') }),
    lot('6', 0),
  ];
  expect(planConsumption(lots, 4).lotChanges.map((change) => change.lotId)).toEqual(['7', '8', '9', '10']);
  expect(planConsumption(lots, 6).short).toBe(2);
});

test('a lot is over at its expiry instant, not before, and only once', () => {
  const expiresAt = new Date('2026-06-01T00:00:00Z');
  const lots = [lot('1', 5, { expiresAt }), lot('2', 5), lot('3', 0, { expiresAt })];
  expect(planExpiry(lots, new Date(expiresAt.getTime() - 1))).toEqual([]);
  expect(planExpiry(lots, expiresAt)).toEqual([{ lotId: '1', expired: 5 }]);
});

describe('a reversal', () => {
  const posting = { balance: 30, ownExpired: 0, debtPolicy: 'carry' as const };

  test("takes from the order's own lots before the member's others, even when those expire first", () => {
    const otherLots = [lot('1', 20, { expiresAt: accruedAt })];
    const plan = planPosting({ ...posting, delta: -15, ownLots: [lot('2', 10)], otherLots });
    expect(plan.lotChanges).toEqual([
      { lotId: '2', remaining: 0 },
      { lotId: '1', remaining: 15 },
    ]);
    expect(plan.booked).toBe(-15);
  });

  test('does not take again what already expired', () => {
    const plan = planPosting({
      ...posting,
      balance: 20,
      delta: -30,
      ownLots: [],
      ownExpired: 30,
      otherLots: [lot('1', 20)],
    });
    expect(plan).toEqual({ lotRemaining: null, lotChanges: [], booked: 0, writtenOff: 0, expiryGivenWay: 30 });
  });
});

test('posting nothing changes nothing', () => {
  const plan = planPosting({ delta: 0, balance: -5, ownLots: [], ownExpired: 0, otherLots: [], debtPolicy: 'carry' });
  expect(plan).toEqual({ lotRemaining: null, lotChanges: [], booked: 0, writtenOff: 0, expiryGivenWay: 0 });
});

type Event =
  | { kind: 'settle'; order: number; target: number }
  | { kind: 'spend'; amount: number }
  | { kind: 'expire'; day: number };

const eventArbitrary: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('settle' as const), order: fc.nat(4), target: fc.nat(100) }),
  fc.record({ kind: fc.constant('spend' as const), amount: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constant('expire' as const), day: fc.integer({ min: 1, max: 30 }) }),
);

/** A member's account kept only by the plans, as the ledger would keep it. */
function liveThrough(events: readonly Event[], debtPolicy: 'carry' | 'write-off') {
  const lots: (Lot & { order: number })[] = [];
  const booked = new Map<number, number>();
  const expired = new Map<number, number>();
  const sums = { accrued: 0, consumed: 0, expired: 0, reversed: 0, writtenOff: 0, balance: 0 };
  const change = (changes: readonly { lotId: string; remaining: number }[]) => {
    let taken = 0;
    for (const { lotId, remaining } of changes) {
      const found = lots.find((candidate) => candidate.lotId === lotId);
      if (found === undefined) throw new Error('a plan named a lot that does not exist');
      taken += found.remaining - remaining;
      found.remaining = remaining;
    }
    return taken;
  };
  const settle = (order: number, target: number) => {
    const delta = target - (booked.get(order) ?? 0);
    const own = lots.filter((candidate) => candidate.order === order);
    const others = lots.filter((candidate) => candidate.order !== order);
    const ownExpired = expired.get(order) ?? 0;
    const plan = planPosting({ delta, balance: sums.balance, ownLots: own, ownExpired, otherLots: others, debtPolicy });
    sums.reversed += change(plan.lotChanges);
    expired.set(order, ownExpired - plan.expiryGivenWay);
    if (plan.lotRemaining !== null) {
      const expiresAt = new Date(accruedAt.getTime() + (1 + (lots.length % 20)) * 86_400_000);
      lots.push({ lotId: String(lots.length + 1), remaining: plan.lotRemaining, accruedAt, expiresAt, order });
      sums.accrued += plan.lotRemaining;
    }
    sums.balance += plan.booked;
    sums.writtenOff += plan.writtenOff;
    booked.set(order, target);
    return plan;
  };
  for (const event of events) {
    if (event.kind === 'settle') settle(event.order, event.target);
    if (event.kind === 'spend' && event.amount <= sums.balance) {
      const plan = planConsumption(lots, event.amount);
      if (plan.short !== 0) throw new Error('a balance was not covered by lots');
      sums.consumed += change(plan.lotChanges);
      sums.balance -= event.amount;
    }
    if (event.kind === 'expire')
      for (const over of planExpiry(lots, new Date(accruedAt.getTime() + event.day * 86_400_000))) {
        const order = lots.find((candidate) => candidate.lotId === over.lotId)?.order ?? -1;
        expired.set(order, (expired.get(order) ?? 0) + over.expired);
        sums.expired += change([{ lotId: over.lotId, remaining: 0 }]);
        sums.balance -= over.expired;
      }
  }
  return { lots, booked, sums, settle };
}

const lifeArbitrary = fc.record({
  events: fc.array(eventArbitrary, { maxLength: 40 }),
  debtPolicy: fc.constantFrom('carry' as const, 'write-off' as const),
});

test('after any life, balance = Σ remaining − owed, and nobody owes while a lot still holds something', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { lots, sums } = liveThrough(events, debtPolicy);
      const remaining = lots.reduce((sum, one) => sum + one.remaining, 0);
      expect(sums.balance).toBe(remaining - Math.max(0, -sums.balance));
      for (const one of lots) expect(one.remaining).toBeGreaterThanOrEqual(0);
      expect(debtPolicy === 'write-off' ? Math.min(0, sums.balance) : sums.writtenOff).toBe(0);
    }),
    { numRuns: 3_000 },
  );
});

test('after any life, Σ remaining + consumed + expired + reversed = Σ accrued', () => {
  fc.assert(
    fc.property(lifeArbitrary, ({ events, debtPolicy }) => {
      const { lots, sums } = liveThrough(events, debtPolicy);
      const remaining = lots.reduce((sum, one) => sum + one.remaining, 0);
      expect(remaining + sums.consumed + sums.expired + sums.reversed).toBe(sums.accrued);
    }),
    { numRuns: 3_000 },
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

test('spending given back returns to the lots it came from, the one taken last first, after a debt', () => {
  const taken = [
    { lotId: '1', amount: 6 },
    { lotId: '2', amount: 4 },
  ];
  expect(planGiveBack({ amount: 10, balance: 3, taken })).toEqual({ restored: taken.toReversed(), newLot: 0 });
  expect(planGiveBack({ amount: 10, balance: -5, taken })).toEqual({
    restored: [
      { lotId: '2', amount: 4 },
      { lotId: '1', amount: 1 },
    ],
    newLot: 0,
  });
  expect(planGiveBack({ amount: 10, balance: -20, taken })).toEqual({ restored: [], newLot: 0 });
});

test('what was spent on credit, and repaid since, becomes a lot of its own when it is given back', () => {
  expect(planGiveBack({ amount: 10, balance: 0, taken: [{ lotId: '1', amount: 7 }] })).toEqual({
    restored: [{ lotId: '1', amount: 7 }],
    newLot: 3,
  });
});

test('giving back keeps Σ remaining = the balance or, below 0, nothing', () => {
  const shares = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 });
  fc.assert(
    fc.property(shares, fc.integer({ min: -100, max: 100 }), fc.nat(20), (amounts, balance, short) => {
      const taken = amounts.map((amount, index) => ({ lotId: String(index), amount }));
      const amount = amounts.reduce((sum, one) => sum + one, short);
      const plan = planGiveBack({ amount, balance, taken });
      const restored = plan.restored.reduce((sum, share) => sum + share.amount, plan.newLot);
      expect(Math.max(0, balance) + restored).toBe(Math.max(0, balance + amount));
      for (const share of plan.restored) expect(share.amount).toBeLessThanOrEqual(amounts[Number(share.lotId)] ?? 0);
    }),
  );
});
