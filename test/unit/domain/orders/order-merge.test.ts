import { expect, test } from 'vitest';

import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderReceived } from '#app/domain/orders/order.ts';
import {
  makeLine,
  makeRefund,
  makeSnapshot,
  orderId,
  refundNews,
  snapshotNews,
  stateOf,
} from '#test/support/orders.ts';

const paid = makeSnapshot({ lines: [makeLine({ grossMinor: 10_000 })] });
const later = (minutes: number) => new Date(Date.parse(paid.updatedAt) + minutes * 60_000).toISOString();

test('a refund heard before its order waits for it', () => {
  const refund = makeRefund({ amountOnlyMinor: 500 });
  const waiting = stateOf(refundNews(refund));
  expect(waiting.latest).toBeNull();
  expect(mergeNews(waiting, snapshotNews(paid))).toEqual(stateOf(snapshotNews(paid), refundNews(refund)));
});

test('an older snapshot that arrives late changes nothing', () => {
  const newer = snapshotNews({ ...paid, updatedAt: later(5), customerId: '8' });
  expect(stateOf(newer, snapshotNews(paid))).toEqual(stateOf(snapshotNews(paid), newer));
  expect(stateOf(newer, snapshotNews(paid)).latest?.customerId).toBe('8');
});

test('an order edited upwards keeps its paid-up snapshot until the difference is paid', () => {
  const lines = [...paid.lines, makeLine({ id: '2', grossMinor: 5_000 })];
  const edited = { ...paid, lines, financialStatus: 'partially_paid' as const, updatedAt: later(5) };
  const unpaid = stateOf(snapshotNews(edited), snapshotNews(paid));
  expect(unpaid.latest).toEqual(edited);
  expect(unpaid.paidUp).toEqual(paid);
  const settled = mergeNews(unpaid, snapshotNews({ ...edited, financialStatus: 'paid', updatedAt: later(6) }));
  expect(settled.paidUp?.lines).toHaveLength(2);
});

test('of two snapshots of the same second the one further in life wins, whichever came first', () => {
  const created = snapshotNews({ ...paid, financialStatus: 'pending' });
  const cancelled = snapshotNews({ ...paid, financialStatus: 'voided', cancelledAt: paid.updatedAt });
  for (const news of [
    [created, snapshotNews(paid), cancelled],
    [cancelled, snapshotNews(paid), created],
  ])
    expect(stateOf(...news).latest?.cancelledAt).toBe(paid.updatedAt);
});

test('of two snapshots of the same second the one that names somebody wins, whichever came first', () => {
  const nameless = snapshotNews({ ...paid, customerId: null, cardCode: null });
  for (const named of [
    { ...paid, customerId: '8', cardCode: null },
    { ...paid, customerId: null, cardCode: 'c'.repeat(22) },
  ])
    for (const news of [
      [nameless, snapshotNews(named)],
      [snapshotNews(named), nameless],
    ])
      expect(stateOf(...news).latest).toMatchObject(named);
});

test('two different snapshots alike in time and status end the same way, even after a store reordered their keys', () => {
  const one = { ...paid, customerId: '8' };
  const two = { ...paid, customerId: null };
  const { orderId: id, ...rest } = one;
  const reordered = { ...rest, orderId: id };
  expect(stateOf(snapshotNews(one), snapshotNews(two))).toEqual(stateOf(snapshotNews(two), snapshotNews(reordered)));
});

test('a refund told before its money moved is replaced by the account that gives money back', () => {
  const early = makeRefund({ amountOnlyMinor: 0 });
  const settled = makeRefund({ amountOnlyMinor: 700 });
  expect(stateOf(refundNews(early), refundNews(settled)).refunds).toEqual([settled]);
  expect(stateOf(refundNews(settled), refundNews(early)).refunds).toEqual([settled]);
});

test('news of another order is refused', () => {
  expect(() => mergeNews(emptyOrder(orderId), { orderId: '2', snapshot: null, refunds: [] })).toThrow(/another/);
});

test('of what two fetches told about tenders the newer counts, in whatever order they are heard', () => {
  const told = (minute: number, giftCardMinor: number) => ({
    ...refundNews(),
    tenders: { asOf: later(minute), giftCardMinor, totalMinor: 10_000 },
  });
  const [early, late, other] = [told(1, 3_000), told(2, 1_000), told(2, 2_000)];
  expect(stateOf(early, late).tenders).toEqual(late.tenders);
  expect(stateOf(late, snapshotNews(paid), early).tenders).toEqual(late.tenders);
  expect(stateOf(late, other).tenders).toEqual(stateOf(other, late).tenders);
});

test('of what was told to have come in, payments count before a balance, then the newer, in whatever order they are heard', () => {
  const told = (minute: number, by: OrderReceived['by'], amountMinor: number): OrderNews => ({
    ...refundNews(),
    received: { asOf: later(minute), by, amountMinor },
  });
  const rising = [
    told(9, 'balance', 9_000),
    told(1, 'payments', 4_000),
    told(2, 'payments', 3_000),
    told(2, 'payments', 3_500),
  ];
  for (const [index, news] of rising.entries()) {
    const others = rising.slice(0, index);
    expect(stateOf(...others, news, snapshotNews(paid)).received).toEqual(news.received);
    expect(stateOf(news, news, ...others.toReversed()).received).toEqual(news.received);
  }
  expect(stateOf(snapshotNews(paid))).not.toHaveProperty('received');
});
