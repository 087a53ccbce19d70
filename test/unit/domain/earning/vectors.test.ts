/** The worked examples of the engine's specification, by name. */
import { describe, expect, test } from 'vitest';

import { graceEnd } from '#app/domain/ledger/expiry.ts';
import { type Lot, planExpiry, planGiveBack, planPosting, planSpending } from '#app/domain/ledger/lots.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  itemRule,
  makeLine,
  makeProgram,
  makeRefund,
  makeSnapshot,
  refundNews,
  settleAlone,
  snapshotNews,
  spendRule,
  stateOf,
} from '#test/support/orders.ts';

function targetOf(order: OrderState, document: ProgramDocument, unit = 'point'): number | undefined {
  return settleAlone({ order, document }).targets.find((target) => target.unit === unit)?.amount;
}

function refundOfLine(lineId: string, subtotalMinor: number) {
  return makeRefund({ refundId: lineId, lines: [{ lineId, quantity: 1, subtotalMinor, taxMinor: 0 }] });
}

describe('V1: 1 point per 1.00, an order of 59.90', () => {
  const document = makeProgram([spendRule()]);
  const order = makeSnapshot({
    lines: [makeLine({ id: '1', grossMinor: 1_995 }), makeLine({ id: '2', grossMinor: 3_995 })],
  });

  test('earns 59', () => expect(targetOf(stateOf(snapshotNews(order)), document)).toBe(59));
  test('keeps 39 when 19.95 of it is refunded', () =>
    expect(targetOf(stateOf(snapshotNews(order), refundNews(refundOfLine('1', 1_995))), document)).toBe(39));
  test('keeps the same 39 when the 19.95 are refunded without a line', () =>
    expect(targetOf(stateOf(snapshotNews(order), refundNews(makeRefund({ amountOnlyMinor: 1_995 }))), document)).toBe(
      39,
    ));
  test('keeps nothing when the rest is refunded too', () => {
    const refunds = refundNews(refundOfLine('1', 1_995), refundOfLine('2', 3_995));
    expect(targetOf(stateOf(refunds, snapshotNews(order)), document)).toBe(0);
  });
});

test('V2: twelve refunds of 8.33 and one of 0.04 take back exactly the 10 points of an order of 100.00', () => {
  const document = makeProgram([spendRule({ rates: [{ currency: 'EUR', amount: 1, perMinor: 1_000 }] })]);
  const order = snapshotNews(makeSnapshot({ lines: [makeLine({ grossMinor: 10_000 })] }));
  const amounts = [...Array.from({ length: 12 }, () => 833), 4];
  const refunds = amounts.map((amountOnlyMinor, index) => makeRefund({ refundId: String(index), amountOnlyMinor }));
  const booked = refunds.map((_, index) => targetOf(stateOf(order, refundNews(...refunds.slice(0, index))), document));
  expect(booked).toEqual([10, 9, 8, 7, 6, 5, 5, 4, 3, 2, 1, 0, 0]);
  expect(targetOf(stateOf(order, refundNews(...refunds)), document)).toBe(0);
});

test('V3: a refund is settled by the version pinned at the sale, whatever the rule became since', () => {
  const pinned = makeProgram([spendRule()]);
  const newer = makeProgram([spendRule({ rates: [{ currency: 'EUR', amount: 2, perMinor: 100 }] })]);
  const order = snapshotNews(makeSnapshot({ lines: [makeLine({ grossMinor: 10_000 })] }));
  const refunded = stateOf(order, refundNews(makeRefund({ amountOnlyMinor: 5_000 })));
  expect(targetOf(stateOf(order), pinned)).toBe(100);
  expect(targetOf(refunded, pinned)).toBe(50);
  expect(targetOf(refunded, newer)).toBe(100);
});

test('V4: three coffees give 3 stamps once, though the delivery comes five times and the creation after the payment', () => {
  const document = makeProgram([itemRule()]);
  const coffees = makeSnapshot({ lines: [makeLine({ quantity: 3, grossMinor: 1_050 })] });
  const paid = snapshotNews({ ...coffees, updatedAt: '2026-03-01T09:00:02.000Z' });
  const created = snapshotNews({ ...coffees, financialStatus: 'pending' });
  const state = stateOf(paid, paid, paid, paid, paid, created);
  expect(targetOf(state, document, 'coffee')).toBe(3);
  expect(state).toEqual(stateOf(created, paid));
});

describe('V5: 50 earned, 50 spent, then the order is refunded', () => {
  const reversal = { delta: -50, balance: 0, ownLots: [], otherLots: [] };

  test('carry: the balance falls to −50, and the next 80 leave 30', () => {
    const plan = planPosting({ ...reversal, debtPolicy: 'carry' });
    expect(plan).toMatchObject({ lotRemaining: null, booked: -50, writtenOff: 0, expiryGivenWay: 0 });
    const next = planPosting({ ...reversal, delta: 80, balance: -50, debtPolicy: 'carry' });
    expect(next.booked).toBe(80);
    expect(next.lotRemaining).toBe(30);
  });

  test('write-off: the balance stays 0 and the loss of 50 is told', () => {
    const plan = planPosting({ ...reversal, debtPolicy: 'write-off' });
    expect(plan).toMatchObject({ lotRemaining: null, booked: 0, writtenOff: 50, expiryGivenWay: 0 });
  });
});

test('V6: of goods, a gift card, shipping, a tip and a 10 % code, only the discounted goods earn', () => {
  const document = makeProgram([spendRule()]);
  const order = makeSnapshot({
    lines: [
      makeLine({ id: '1', grossMinor: 7_000, discountMinor: 700 }),
      makeLine({ id: '2', grossMinor: 3_000, isGiftCard: true }),
    ],
    shippingMinor: 800,
    tipMinor: 500,
  });
  expect(targetOf(stateOf(snapshotNews(order)), document)).toBe(63);
});

test('V7: spending 50 of 40 and 60 and cancelling it on 5 March gives 40 back until 19 March and 10 until 1 June', () => {
  const march = lot('2', 40, '2026-03-01');
  const june = lot('1', 60, '2026-06-01');
  const spent = planSpending([june, march], 50, new Date('2026-02-10T12:00:00Z'));
  expect(spent.taken).toEqual([
    { lotId: '2', amount: 40 },
    { lotId: '1', amount: 10 },
  ]);
  const cancelledAt = new Date('2026-03-05T12:00:00Z');
  expect(planExpiry(spent.changed, cancelledAt)).toEqual([]);
  const back = planGiveBack({ amount: 50, balance: 50, taken: spent.taken, lots: spent.changed });
  expect(back.restored).toEqual([
    { lotId: '1', amount: 10 },
    { lotId: '2', amount: 40 },
  ]);
  // Valid through its last day, in a shop east of Greenwich.
  expect(graceEnd(cancelledAt, 14, 'Europe/Paris')).toEqual(new Date('2026-03-19T23:00:00Z'));
});

test('V8: 1,234 yen at 1 point per 100 yen earn 12', () => {
  const document = makeProgram([spendRule({ rates: [{ currency: 'JPY', amount: 1, perMinor: 100 }] })]);
  const order = makeSnapshot({ currency: 'JPY', lines: [makeLine({ grossMinor: 1_234 })] });
  expect(targetOf(stateOf(snapshotNews(order)), document)).toBe(12);
});

function lot(lotId: string, remaining: number, lastDay: string): Lot {
  const accruedAt = new Date('2026-01-01T00:00:00Z');
  const expiresAt = new Date(Date.parse(`${lastDay}T00:00:00Z`) + 86_400_000);
  return {
    lotId, remaining, consumed: 0, expired: 0, reversed: 0, writtenOff: 0, accruedAt, availableAt: accruedAt, expiresAt,
  }; // prettier-ignore
}
