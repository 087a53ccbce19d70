import { describe, expect, test } from 'vitest';

import { settle } from '#app/domain/earning/earning.ts';
import { newcomer, plainFacts } from '#app/domain/earning/facts.ts';
import type { OrderRefund } from '#app/domain/orders/order.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import {
  itemRule,
  makeLine,
  makeProgram,
  makeRefund,
  makeSnapshot,
  snapshotNews,
  spendRule,
  stateOf,
} from '#test/support/orders.ts';

describe('rates in several currencies', () => {
  const rates = [
    { currency: 'EUR', amount: 1, perMinor: 100 },
    { currency: 'CHF', amount: 1, perMinor: 200 },
  ];
  const inFrancs = makeSnapshot({
    lines: [makeLine({ id: '1', grossMinor: 1_000 }), makeLine({ id: '2', grossMinor: 3_000 })],
    presentment: {
      currency: 'CHF',
      lines: {
        '1': { grossMinor: 950, discountMinor: 0, taxMinor: 0 },
        '2': { grossMinor: 2_850, discountMinor: 0, taxMinor: 0 },
      },
      shippingMinor: 0,
      shippingTaxMinor: 0,
      tipMinor: 0,
    },
  });
  const given = (rule: EarnRule, refunds: Parameters<typeof makeRefund>[0][] = []) =>
    settle({
      order: stateOf(
        snapshotNews(
          inFrancs,
          refunds.map((refund, index) => makeRefund({ refundId: String(index), ...refund })),
        ),
      ),
      document: makeProgram([rule]),
      facts: plainFacts('UTC'),
      standing: newcomer,
    }).targets[0];

  test('count the shopper’s money when there is a rate for it, and say so', () => {
    const target = given(spendRule({ rates }));
    expect(target?.amount).toBe(19);
    expect(target?.explanation[0]).toEqual({
      ruleId: 'spend',
      lineId: '1',
      eligibleMinor: 950,
      amount: 5,
      currency: 'CHF',
    });
  });

  test('count the shop’s money when there is none, and nothing when there is neither', () => {
    expect(given(spendRule())?.amount).toBe(40);
    expect(given(spendRule({ rates: [{ currency: 'USD', amount: 1, perMinor: 100 }] }))?.amount).toBe(0);
  });

  test('judge the minimum in the money that counts', () => {
    const rule = (minimumMinor: number, of = rates) => spendRule({ rates: of, conditions: { minimumMinor } });
    expect(given(rule(3_800))?.amount).toBe(19);
    expect(given(rule(3_801))?.amount).toBe(0);
    expect(given(rule(3_801, rates.slice(0, 1)))?.amount).toBe(40);
  });

  test('take off refunds in the same money, converted at the order’s own rate when nobody told it', () => {
    const back = { lines: [{ lineId: '1', quantity: 1, subtotalMinor: 1_000, taxMinor: 0 }] };
    const told = { lines: { '1': { subtotalMinor: 950, taxMinor: 0 } }, shippingMinor: 0, amountOnlyMinor: 0 };
    expect(given(spendRule({ rates }), [{ ...back, presentment: told }])?.amount).toBe(14);
    expect(given(spendRule({ rates }), [back])?.amount).toBe(14);
    const amountOnly = { lines: {}, shippingMinor: 0, amountOnlyMinor: 1_900 };
    expect(given(spendRule({ rates }), [{ amountOnlyMinor: 2_000, presentment: amountOnly }])?.amount).toBe(9);
    expect(given(spendRule({ rates }), [{ amountOnlyMinor: 2_000 }])?.amount).toBe(9);
  });

  test('take off as much for many refunds as for one of their sum, though each is no whole amount there', () => {
    const exact = spendRule({ rates: [{ currency: 'CHF', amount: 1, perMinor: 1 }] });
    const many = (refund: Partial<OrderRefund>) =>
      given(
        exact,
        Array.from({ length: 10 }, () => refund),
      )?.amount;
    expect(many({ amountOnlyMinor: 11 })).toBe(given(exact, [{ amountOnlyMinor: 110 }])?.amount);
    const line = { lineId: '1', quantity: 0, subtotalMinor: 11, taxMinor: 0 };
    const sum = { ...line, subtotalMinor: 110 };
    expect(many({ lines: [line] })).toBe(given(exact, [{ lines: [sum] }])?.amount);
  });

  test('leave nothing of an order whose money went back, however its amounts were rounded', () => {
    const short = { lines: {}, shippingMinor: 0, amountOnlyMinor: 3_600 };
    expect(given(spendRule({ rates }), [{ amountOnlyMinor: 4_000, presentment: short }])?.amount).toBe(0);
  });
});

describe('gift cards that do not earn', () => {
  const goods = makeSnapshot({
    lines: [makeLine({ id: '1', grossMinor: 8_000 }), makeLine({ id: '2', grossMinor: 2_000, isGiftCard: true })],
    hasGiftCardTender: true,
  });
  const given = (giftCardMinor: number | null, earnsOnGiftCards = false) => {
    const tenders =
      giftCardMinor === null ? null : { asOf: '2026-03-01T10:00:00.000Z', giftCardMinor, totalMinor: 10_000 };
    return settle({
      order: { ...stateOf(snapshotNews(goods)), tenders },
      document: makeProgram([spendRule(), itemRule()], { earnsOnGiftCards }),
      facts: plainFacts('UTC'),
      standing: newcomer,
    });
  };

  test('are shared over the whole order', () => {
    expect(given(3_000).targets.map(({ amount }) => amount)).toEqual([56, 1]);
    expect(given(0).targets.map(({ amount }) => amount)).toEqual([80, 1]);
    expect(given(10_000).targets.map(({ amount }) => amount)).toEqual([0, 0]);
  });

  test('earn like any tender when the merchant says so', () => {
    expect(given(3_000, true).targets[0]?.amount).toBe(80);
    expect(given(null, true).targets[0]?.amount).toBe(80);
  });

  test('are never guessed at', () => {
    expect(given(null)).toMatchObject({ because: 'awaiting-facts', targets: [{ amount: 0 }, { amount: 0 }] });
  });
});
