/** The worked examples of the engine's specification, held against the oracle, so that what judges is judged too. */
import { describe, expect, test } from 'vitest';

import {
  moneyBack,
  oracleAmount,
  plainLine,
  plainOrder,
  plainPrices,
  programOf,
  soldAt,
} from '#test/support/histories/plain-life.ts';
import { balanceOf, earn, emptyPurse, expire, giveBack, spend, takeBack } from '#test/support/oracle/purse.ts';
import { addDays, endOfDay } from '#test/support/oracle/wall-clock.ts';
import { itemRule, spendRule } from '#test/support/orders.ts';

describe('V1: 1 point per 1.00, an order of 59.90', () => {
  const prices = plainPrices([1_995, 3_995]);
  const returned = (...lineIds: string[]) => ({
    refunds: lineIds.map((lineId) => ({ at: soldAt + 1, returned: [{ lineId, quantity: 1 }] })),
    shopPrices: {
      ...prices,
      refunds: lineIds.map((lineId) => ({
        lines: [{ subtotal: lineId === '1' ? 1_995 : 3_995, tax: 0 }],
        shipping: 0,
        amountOnly: 0,
      })),
    },
  });

  test('earns 59', () => expect(oracleAmount(plainOrder(prices))).toBe(59));
  test('keeps 39 when 19.95 of it comes back', () => expect(oracleAmount(plainOrder(prices, returned('1')))).toBe(39));
  test('keeps 39 when 19.95 come back without a line', () =>
    expect(oracleAmount(plainOrder({ ...prices, refunds: [moneyBack(1_995)] }))).toBe(39));
  test('keeps nothing when the rest comes back too', () =>
    expect(oracleAmount(plainOrder(prices, returned('1', '2')))).toBe(0));
  test('had earned 59 before anything came back', () =>
    expect(oracleAmount(plainOrder(prices, returned('1', '2')), 'point', soldAt)).toBe(59));
});

test('V2: twelve refunds of 8.33 and one of 0.04 leave nothing of the 10 points of an order of 100.00', () => {
  const document = programOf(spendRule({ rates: [{ currency: 'EUR', amount: 1, perMinor: 1_000 }] }));
  const amounts = [...Array.from({ length: 12 }, () => 833), 4];
  const left = amounts.map((_, count) => {
    const refunds = amounts.slice(0, count + 1).map(moneyBack);
    return oracleAmount(plainOrder(plainPrices([10_000], { refunds }), { document }));
  });
  expect(left).toEqual([9, 8, 7, 6, 5, 5, 4, 3, 2, 1, 0, 0, 0]);
});

test('V3: half of the money back takes 50 of 100 points by the version of the sale', () => {
  const prices = plainPrices([10_000], { refunds: [moneyBack(5_000)] });
  const newer = programOf(spendRule({ rates: [{ currency: 'EUR', amount: 2, perMinor: 100 }] }));
  expect(oracleAmount(plainOrder(prices))).toBe(50);
  expect(oracleAmount(plainOrder(prices, { document: newer }))).toBe(100);
});

test('V4: three coffees are three stamps', () => {
  const order = plainOrder(plainPrices([1_050]), {
    document: programOf(itemRule()),
    lines: [plainLine({ quantity: 3 })],
  });
  expect(oracleAmount(order, 'coffee')).toBe(3);
});

describe('V5: 50 earned, 50 spent, then the order is refunded', () => {
  const accrual = { earnedAt: soldAt, availableAt: soldAt, expiresAt: null };
  function spentAndRefunded(debtPolicy: 'carry' | 'write-off') {
    const purse = emptyPurse();
    earn(purse, 50, { ...accrual, lot: '1', cause: 'first' });
    spend(purse, 50, soldAt);
    takeBack(purse, 50, { cause: 'first', debtPolicy });
    return purse;
  }

  test('carry: the balance is −50, and the next 80 leave 30', () => {
    const purse = spentAndRefunded('carry');
    expect(balanceOf(purse)).toBe(-50);
    earn(purse, 80, { ...accrual, lot: '2', cause: 'next' });
    expect(balanceOf(purse)).toBe(30);
  });

  test('write-off: the balance is 0, and 50 are told as lost', () => {
    const purse = spentAndRefunded('write-off');
    expect([balanceOf(purse), purse.forgiven]).toEqual([0, 50]);
  });
});

test('V6: of goods, a gift card, shipping, a tip and a 10 % code, only the discounted goods earn', () => {
  const prices = plainPrices([6_300, 3_000], { shipping: 800, looseTip: 500 });
  const lines = [plainLine(), plainLine({ id: '2', kind: 'gift-card' })];
  expect(oracleAmount(plainOrder(prices, { lines }))).toBe(63);
});

test('V7: 50 spent of 40 that end on 1 March and 60 that end on 1 June come back on 5 March with 14 days of grace', () => {
  const ends = (day: string) => endOfDay(day, 'Europe/Berlin');
  const purse = emptyPurse();
  const accrual = { cause: 'sale', earnedAt: soldAt, availableAt: soldAt };
  earn(purse, 40, { ...accrual, lot: '1', expiresAt: ends('2026-03-01') });
  earn(purse, 60, { ...accrual, lot: '2', expiresAt: ends('2026-06-01') });
  const lots = spend(purse, 50, soldAt);
  const at = Date.parse('2026-03-05T12:00:00Z');
  expire(purse, at);
  giveBack(purse, 50, { lots, at, graceUntil: ends(addDays('2026-03-05', 14)) });
  const balances = ['2026-03-19T22:59:59Z', '2026-03-19T23:00:00Z', '2026-06-01T22:00:00Z'].map((now) => {
    expire(purse, Date.parse(now));
    return balanceOf(purse);
  });
  expect(balances).toEqual([100, 60, 0]);
});

test('V8: 1,234 yen at 1 point per 100 yen are 12', () => {
  const document = programOf(spendRule({ rates: [{ currency: 'JPY', amount: 1, perMinor: 100 }] }));
  expect(oracleAmount(plainOrder(plainPrices([1_234], { currency: 'JPY' }), { document }))).toBe(12);
});
