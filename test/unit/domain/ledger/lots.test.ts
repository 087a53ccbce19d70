import { describe, expect, test } from 'vitest';

import {
  isUsable,
  type LotShare,
  planExpiry,
  planGiveBack,
  planPosting,
  planSpending,
  planTaking,
} from '#app/domain/ledger/lots.ts';
import { accruedAt, lot } from '#test/support/lots.ts';

const now = new Date('2026-02-01T00:00:00Z');

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
