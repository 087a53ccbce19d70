import { describe, expect, test } from 'vitest';

import { changeTimesMs, orderAsOf } from '#app/domain/orders/order-as-of.ts';
import {
  makeLine,
  makeRefund,
  makeSnapshot,
  settleAlone,
  snapshotNews,
  spendRule,
  stateOf,
  makeProgram,
} from '#test/support/orders.ts';

const sale = makeSnapshot({ lines: [makeLine({ grossMinor: 10_000 })] });
const day = (date: number) => `2026-03-${String(date).padStart(2, '0')}T09:00:00.000Z`;
const at = (date: number) => new Date(day(date));
const document = makeProgram([spendRule()]);
const pointsAt = (state: ReturnType<typeof stateOf>, date: number) =>
  settleAlone({ order: orderAsOf(state, at(date)), document }).targets[0]?.amount;

const refunds = [
  makeRefund({ refundId: '1', createdAt: day(3), amountOnlyMinor: 4_000 }),
  makeRefund({ refundId: '2', createdAt: day(5), amountOnlyMinor: 6_000 }),
];

describe('an order refunded in two parts', () => {
  const state = stateOf(snapshotNews({ ...sale, financialStatus: 'refunded', updatedAt: day(5) }, refunds));

  test.each([
    [1, 100],
    [2, 100],
    [3, 60],
    [4, 60],
    [5, 0],
    [9, 0],
  ])('counted %i March with %i points', (date, points) => expect(pointsAt(state, date)).toBe(points));

  test('has the status it had', () => {
    expect([2, 4, 5].map((date) => orderAsOf(state, at(date)).latest?.financialStatus)).toEqual([
      'paid',
      'partially_refunded',
      'refunded',
    ]);
  });

  test('changed at the times of its refunds', () => {
    const saleMs = Date.parse(sale.processedAt);
    expect(changeTimesMs(state, saleMs)).toEqual([at(3).getTime(), at(5).getTime()]);
    expect(changeTimesMs(state, at(3).getTime())).toEqual([at(5).getTime()]);
  });
});

describe('a cancelled order', () => {
  test.each(['paid', 'voided', 'refunded'] as const)(
    'that is %s now counted until it was cancelled',
    (financialStatus) => {
      const cancelled = { ...sale, financialStatus, cancelledAt: day(4), updatedAt: day(4) };
      const state = stateOf(snapshotNews(sale), snapshotNews(cancelled));
      expect(pointsAt(state, 3)).toBe(100);
      expect(pointsAt(state, 4)).toBe(0);
      expect(changeTimesMs(state, Date.parse(sale.processedAt))).toEqual([at(4).getTime()]);
    },
  );

  test('whose money had gone back before is not paid again by looking back', () => {
    const whole = makeRefund({ createdAt: day(2), amountOnlyMinor: 10_000 });
    const cancelled = { ...sale, financialStatus: 'refunded' as const, cancelledAt: day(4), updatedAt: day(4) };
    const state = stateOf(snapshotNews(cancelled, [whole]));
    expect(pointsAt(state, 3)).toBe(0);
    expect(orderAsOf(state, at(3)).latest).toMatchObject({ financialStatus: 'refunded', cancelledAt: null });
  });

  test('that was never paid did not count before either', () => {
    const cancelled = { ...sale, financialStatus: 'voided' as const, cancelledAt: day(4), updatedAt: day(4) };
    expect(pointsAt(stateOf(snapshotNews(cancelled)), 3)).toBe(0);
  });
});

test('an order of which nothing lies later is the very same', () => {
  const state = stateOf(snapshotNews({ ...sale, financialStatus: 'partially_refunded' }, refunds));
  expect(orderAsOf(state, at(5))).toBe(state);
});
