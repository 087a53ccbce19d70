import { describe, expect, test } from 'vitest';

import type { OrderSnapshot } from '#app/domain/orders/order.ts';
import { isStanding, presentmentStandingOf, standingOf } from '#app/domain/orders/standing.ts';
import { makeLine, makeRefund, makeSnapshot, refundNews, snapshotNews, stateOf } from '#test/support/orders.ts';

const sale = makeSnapshot({
  lines: [makeLine({ id: '1', quantity: 2, grossMinor: 4_000 }), makeLine({ id: '2', grossMinor: 6_000 })],
  shippingMinor: 500,
});
const returned = (lineId: string, quantity: number, subtotalMinor: number) => ({
  lines: [{ lineId, quantity, subtotalMinor, taxMinor: 0 }],
});

describe('an order stands', () => {
  const stands = (snapshot: Partial<OrderSnapshot>, refunds: Parameters<typeof makeRefund>[0][] = []) =>
    isStanding(
      stateOf(
        snapshotNews(
          { ...sale, ...snapshot },
          refunds.map((refund, index) => makeRefund({ refundId: String(index + 1), ...refund })),
        ),
      ),
    );

  test('when it is paid, and neither cancelled, nor a test, nor refunded', () => {
    expect(stands({})).toBe(true);
    expect(stands({ financialStatus: 'pending' })).toBe(false);
    expect(stands({ isTest: true })).toBe(false);
    expect(stands({ cancelledAt: sale.updatedAt })).toBe(false);
    expect(stands({ financialStatus: 'refunded' })).toBe(false);
  });

  test('as long as some of it was neither returned nor paid back', () => {
    expect(stands({}, [returned('1', 1, 2_000), returned('2', 1, 6_000)])).toBe(true);
    expect(stands({}, [{ amountOnlyMinor: 10_499 }])).toBe(true);
    expect(stands({}, [{ amountOnlyMinor: 10_500 }])).toBe(false);
    expect(stands({}, [{ shippingMinor: 500, amountOnlyMinor: 10_000 }])).toBe(false);
  });

  test('not for a fee or the shipping of goods that all came back', () => {
    expect(stands({}, [returned('1', 2, 3_000), returned('2', 1, 5_000)])).toBe(false);
  });

  test('not for a tip alone', () => {
    const lines = [makeLine({ id: '1', grossMinor: 1_000 }), makeLine({ id: '2', grossMinor: 200, isTip: true })];
    expect(stands({ lines, tipMinor: 200 }, [returned('1', 1, 1_000)])).toBe(false);
  });

  test('when it cost nothing, until it is returned', () => {
    const free = { lines: [makeLine({ grossMinor: 500, discountMinor: 500 })], shippingMinor: 0 };
    expect(stands(free)).toBe(true);
    expect(stands(free, [returned('1', 1, 0)])).toBe(false);
  });
});

describe('money paid back for an edit', () => {
  const at = (minutes: number) => new Date(Date.parse(sale.updatedAt) + minutes * 60_000).toISOString();
  const [first, second] = sale.lines;
  const edited = (minutes: number, lines: (typeof first)[]) =>
    snapshotNews({ ...sale, lines: lines.filter((line) => line !== undefined), updatedAt: at(minutes) });
  const back = (minutes: number, amountOnlyMinor: number) =>
    refundNews(makeRefund({ refundId: String(minutes), createdAt: at(minutes), amountOnlyMinor }));
  const added = makeLine({ id: '3', grossMinor: 6_000 });
  const cheaper = makeLine({ id: '3', grossMinor: 2_000 });
  const givenBack = (...news: Parameters<typeof stateOf>) =>
    [news, news.toReversed()].map((told) => {
      const state = stateOf(...told);
      return state.paidUp === null ? null : standingOf(state, state.paidUp).givenBackMinor;
    });

  test('is no refund of what a later edit adds and the shopper pays', () => {
    const emptied = [snapshotNews(sale), edited(10, []), back(12, 10_000)];
    expect(givenBack(...emptied, edited(30, [first, second]))).toEqual([0, 0]);
    const halved = [snapshotNews(sale), edited(10, [first]), back(12, 6_000)];
    expect(givenBack(...halved, edited(30, [first, added]))).toEqual([0, 0]);
    expect(givenBack(...halved, edited(30, [first, cheaper]))).toEqual([0, 0]);
    expect(givenBack(...halved, edited(30, [first, added]), edited(40, [first]), back(41, 6_000))).toEqual([0, 0]);
  });

  test('is told from other money given back, before and after', () => {
    const halved = [snapshotNews(sale), edited(10, [first]), back(12, 6_000)];
    expect(givenBack(...halved, edited(30, [first, added]), back(40, 700))).toEqual([700, 700]);
    expect(givenBack(back(5, 700), ...halved, edited(30, [first, added]))).toEqual([700, 700]);
    // The refund is told by an edit that is told no earlier.
    expect(givenBack(snapshotNews(sale), edited(13, [first]), back(12, 6_000))).toEqual([0, 0]);
    // What an edit takes off is met by what the same or the next one adds.
    const swapped = [snapshotNews(sale), edited(10, [first]), edited(20, [first, cheaper]), back(21, 4_000)];
    expect(givenBack(...swapped)).toEqual([0, 0]);
    expect(givenBack(...swapped, back(30, 500))).toEqual([500, 500]);
  });
});

describe('in the shopper’s money', () => {
  const inYen: OrderSnapshot = {
    ...sale,
    presentment: {
      currency: 'JPY',
      lines: {
        '1': { grossMinor: 6_400, discountMinor: 0, taxMinor: 0 },
        '2': { grossMinor: 9_600, discountMinor: 0, taxMinor: 0 },
      },
      shippingMinor: 800,
      shippingTaxMinor: 0,
      tipMinor: 0,
    },
  };
  const linesOf = (...news: Parameters<typeof stateOf>) => {
    const state = stateOf(...news);
    const standing = state.paidUp === null ? null : presentmentStandingOf(state, state.paidUp);
    return standing === null
      ? null
      : { lines: standing.lines.map((line) => line.baseMinor), back: standing.givenBackMinor };
  };

  test('the same lines stand as in the shop’s', () => {
    const back = { lines: { '1': { subtotalMinor: 3_200, taxMinor: 0 } }, shippingMinor: 0, amountOnlyMinor: 0 };
    expect(linesOf(snapshotNews(inYen, [makeRefund({ ...returned('1', 1, 2_000), presentment: back })]))).toEqual({
      lines: [3_200, 9_600],
      back: 0,
    });
    const most = { lines: { '2': { subtotalMinor: 9_599, taxMinor: 0 } }, shippingMinor: 0, amountOnlyMinor: 0 };
    // Rounded apart, a yen would stay of what is gone.
    const twice = { ...makeLine({ id: '2', quantity: 2, grossMinor: 6_000 }) };
    const refund = makeRefund({ ...returned('2', 1, 6_000), presentment: most });
    const lines = [...inYen.lines.slice(0, 1), twice];
    expect(linesOf(snapshotNews({ ...inYen, lines }, [refund]))).toEqual({ lines: [6_400, 0], back: 0 });
  });

  test('money paid back for an edit downwards is not a second reduction', () => {
    const smaller: OrderSnapshot = {
      ...inYen,
      lines: inYen.lines.slice(1),
      presentment: inYen.presentment && {
        ...inYen.presentment,
        lines: { '2': { grossMinor: 9_600, discountMinor: 0, taxMinor: 0 } },
      },
      updatedAt: '2026-03-01T10:00:00.000Z',
    };
    const told = (amountOnlyMinor: number) => ({ lines: {}, shippingMinor: 0, amountOnlyMinor });
    const payback = makeRefund({ refundId: '1', amountOnlyMinor: 4_000, presentment: told(6_400) });
    const goodwill = makeRefund({ refundId: '2', amountOnlyMinor: 1_000, presentment: told(1_600) });
    expect(linesOf(snapshotNews(inYen), snapshotNews(smaller, [payback]))).toEqual({ lines: [9_600], back: 0 });
    expect(linesOf(snapshotNews(inYen), snapshotNews(smaller, [payback, goodwill]))).toEqual({
      lines: [9_600],
      back: 1_600,
    });
  });

  test('nothing is guessed when a line’s amount is missing', () => {
    const partly = inYen.presentment && { ...inYen.presentment, lines: {} };
    expect(linesOf(snapshotNews({ ...inYen, presentment: partly }))).toBeNull();
  });
});
