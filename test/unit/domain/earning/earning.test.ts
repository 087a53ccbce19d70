import { describe, expect, test } from 'vitest';

import type { OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
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
  visitRule,
} from '#test/support/orders.ts';

const paid = makeSnapshot({ lines: [makeLine({ quantity: 2, grossMinor: 10_000, taxMinor: 1_900 })] });

function amounts(order: OrderState, rules: EarnRule[], settings: Partial<ProgramDocument['settings']> = {}) {
  const { targets } = settleAlone({ order, document: makeProgram(rules, settings) });
  return Object.fromEntries(targets.map((target) => [target.unit, target.amount]));
}

function points(snapshot: Partial<OrderSnapshot>, settings: Partial<ProgramDocument['settings']> = {}) {
  return amounts(stateOf(snapshotNews({ ...paid, ...snapshot })), [spendRule()], settings)['point'];
}

describe('what earns nothing', () => {
  const cases: [string, OrderState][] = [
    ['no-order', stateOf(refundNews(makeRefund()))],
    ['test-order', stateOf(snapshotNews({ ...paid, isTest: true }))],
    ['cancelled', stateOf(snapshotNews({ ...paid, cancelledAt: paid.updatedAt }))],
    ['refunded', stateOf(snapshotNews({ ...paid, financialStatus: 'refunded' }))],
    ['not-paid', stateOf(snapshotNews({ ...paid, financialStatus: 'pending' }))],
    ['not-paid', stateOf(snapshotNews({ ...paid, financialStatus: 'authorized' }))],
    ['not-paid', stateOf(snapshotNews({ ...paid, financialStatus: 'partially_paid' }))],
    ['not-paid', stateOf(snapshotNews({ ...paid, financialStatus: 'voided' }))],
    ['nothing-eligible', stateOf(snapshotNews({ ...paid, lines: [] }))],
  ];
  test.each(cases)('%s names every unit with 0', (because, order) => {
    const settlement = settleAlone({ order, document: makeProgram([spendRule(), itemRule()]) });
    expect(settlement).toEqual({
      targets: [
        { unit: 'point', amount: 0, explanation: [] },
        { unit: 'coffee', amount: 0, explanation: [] },
      ],
      because,
    });
  });
});

describe('tax and shipping', () => {
  const shipped = { shippingMinor: 500, shippingTaxMinor: 100 };

  test('earn nothing by default', () => {
    expect(points(shipped)).toBe(100);
    expect(points({ ...shipped, taxesIncluded: true })).toBe(81);
  });
  test('earn when the merchant says so', () => {
    expect(points(shipped, { earnsOnTax: true })).toBe(119);
    expect(points(shipped, { earnsOnShipping: true })).toBe(105);
    expect(points(shipped, { earnsOnShipping: true, earnsOnTax: true })).toBe(125);
    expect(points({ ...shipped, taxesIncluded: true }, { earnsOnShipping: true, earnsOnTax: true })).toBe(105);
  });
  test('refunded shipping changes nothing when shipping earned nothing', () => {
    const refunded = stateOf(snapshotNews({ ...paid, ...shipped }), refundNews(makeRefund({ shippingMinor: 600 })));
    expect(amounts(refunded, [spendRule()])['point']).toBe(100);
    expect(amounts(refunded, [spendRule()], { earnsOnShipping: true })['point']).toBe(100);
  });
  test('shipping does not earn under a rule for named products', () => {
    const rule = spendRule({ conditions: { productIds: ['10'] } });
    expect(amounts(stateOf(snapshotNews({ ...paid, ...shipped })), [rule], { earnsOnShipping: true })['point']).toBe(
      100,
    );
  });
});

describe('stamps', () => {
  test('go with each returned item', () => {
    const returned = makeRefund({ lines: [{ lineId: '1', quantity: 1, subtotalMinor: 5_000, taxMinor: 950 }] });
    expect(amounts(stateOf(snapshotNews(paid), refundNews(returned)), [itemRule({ amount: 3 })])['coffee']).toBe(3);
  });
  test('stay while any money for the line stays', () => {
    const nearlyAll = stateOf(snapshotNews(paid), refundNews(makeRefund({ amountOnlyMinor: 11_899 })));
    const all = stateOf(snapshotNews(paid), refundNews(makeRefund({ amountOnlyMinor: 11_900 })));
    expect(amounts(nearlyAll, [itemRule()])['coffee']).toBe(2);
    expect(amounts(all, [itemRule()])['coffee']).toBe(0);
  });
  test('are not given for the free coffee itself, nor a visit for an order of nothing else', () => {
    const free = makeLine({ id: '2', grossMinor: 350, discountMinor: 350 });
    expect(amounts(stateOf(snapshotNews({ ...paid, lines: [...paid.lines, free] })), [itemRule()])['coffee']).toBe(2);
    expect(amounts(stateOf(snapshotNews({ ...paid, lines: [free] })), [visitRule()])['coffee']).toBe(0);
  });
  test('a visit counts once for an order', () => {
    expect(amounts(stateOf(snapshotNews(paid)), [visitRule({ amount: 2 })])['coffee']).toBe(2);
  });
});

describe('conditions', () => {
  const order = stateOf(
    snapshotNews({
      ...paid,
      channel: 'pos',
      locationId: '5',
      lines: [
        makeLine({ id: '1', productId: '10', grossMinor: 1_000 }),
        makeLine({ id: '2', productId: '11', grossMinor: 2_000 }),
        makeLine({ id: '3', productId: null, grossMinor: 4_000 }),
      ],
    }),
  );
  test.each([
    [{}, 70],
    [{ productIds: ['10', '11'] }, 30],
    [{ excludedProductIds: ['10'] }, 60],
    [{ channels: ['pos' as const] }, 70],
    [{ channels: ['online' as const] }, 0],
    [{ locationIds: ['5', '6'] }, 70],
    [{ locationIds: ['6'] }, 0],
    [{ minimumMinor: 7_000 }, 70],
    [{ minimumMinor: 7_001 }, 0],
    [{ minimumMinor: 7_000, productIds: ['10'] }, 0],
  ])('%j earn %i', (conditions, expected) => {
    expect(amounts(order, [spendRule({ conditions })])['point']).toBe(expected);
  });
  test('the minimum is judged on what still stands', () => {
    const refund = refundNews(makeRefund({ amountOnlyMinor: 1 }));
    const rule = spendRule({ conditions: { minimumMinor: 10_000 } });
    expect(amounts(stateOf(snapshotNews(paid)), [rule])['point']).toBe(100);
    expect(amounts(stateOf(snapshotNews(paid), refund), [rule])['point']).toBe(0);
  });
});

describe('money', () => {
  test('a rule without a rate for the currency of the order earns nothing', () => {
    expect(points({ currency: 'USD' })).toBe(0);
  });
  test('three digits of the dinar count exactly', () => {
    const rule = spendRule({ rates: [{ currency: 'KWD', amount: 3, perMinor: 1_000 }] });
    const order = { ...paid, currency: 'KWD', lines: [makeLine({ grossMinor: 4_999 })] };
    expect(amounts(stateOf(snapshotNews(order)), [rule])['point']).toBe(14);
  });
  test.each([
    ['floor', [2, 3]],
    ['nearest-even', [2, 4]],
    ['ceil', [3, 4]],
  ] as const)('%s rounds 2.5 and 3.5 to %j', (rounding, expected) => {
    const rule = spendRule({ rounding });
    const rounded = [250, 350].map(
      (grossMinor) => amounts(stateOf(snapshotNews({ ...paid, lines: [makeLine({ grossMinor })] })), [rule])['point'],
    );
    expect(rounded).toEqual(expected);
  });
  test('the largest order and rate stay within whole numbers', () => {
    const rule = spendRule({ rates: [{ currency: 'EUR', amount: 1_000_000_000, perMinor: 1 }] });
    const lines = ['1', '2', '3'].map((id) => makeLine({ id, grossMinor: 3_000_000_000_000_000 }));
    const [target] = settleAlone({
      order: stateOf(snapshotNews({ ...paid, lines })),
      document: makeProgram([rule]),
    }).targets;
    expect(target?.amount).toBe(10_000_000_000);
    expect(target?.explanation.map((part) => part.amount)).toEqual([3_333_333_334, 3_333_333_333, 3_333_333_333]);
  });
});

describe('refunds and edits', () => {
  test('a line that came back whole is gone, whatever fee was kept', () => {
    const refund = makeRefund({ lines: [{ lineId: '1', quantity: 2, subtotalMinor: 7_000, taxMinor: 0 }] });
    expect(amounts(stateOf(snapshotNews(paid), refundNews(refund)), [spendRule()])['point']).toBe(0);
  });
  test('half a line that came back takes half its money at least, whatever fee was kept', () => {
    const refund = makeRefund({ lines: [{ lineId: '1', quantity: 1, subtotalMinor: 4_000, taxMinor: 0 }] });
    expect(amounts(stateOf(snapshotNews(paid), refundNews(refund)), [spendRule()])['point']).toBe(50);
  });
  test('money given back without a line is shared by tips, gift cards and tax, which never earned', () => {
    const lines = [makeLine({ grossMinor: 5_000 }), makeLine({ id: '2', grossMinor: 3_000, isGiftCard: true })];
    const order = { ...paid, lines, tipMinor: 2_000 };
    const refund = refundNews(makeRefund({ amountOnlyMinor: 5_000 }));
    expect(amounts(stateOf(snapshotNews(order), refund), [spendRule()])['point']).toBe(25);
  });
  test('a tip that is a line and a total is one tip', () => {
    const lines = [makeLine({ grossMinor: 5_000 }), makeLine({ id: '2', grossMinor: 5_000, isTip: true })];
    const refund = refundNews(makeRefund({ amountOnlyMinor: 5_000 }));
    expect(amounts(stateOf(snapshotNews({ ...paid, lines, tipMinor: 5_000 }), refund), [spendRule()])['point']).toBe(
      25,
    );
  });
  test('money paid back for an edit downwards is not a second reduction', () => {
    const smaller = [makeLine({ quantity: 1, grossMinor: 5_000, taxMinor: 950 })];
    const edited = snapshotNews({ ...paid, lines: smaller, updatedAt: '2026-03-01T09:05:00.000Z' });
    const payback = refundNews(makeRefund({ amountOnlyMinor: 5_950 }));
    expect(amounts(stateOf(snapshotNews(paid), edited, payback), [spendRule()])['point']).toBe(50);
    const goodwill = refundNews(makeRefund({ refundId: '2', amountOnlyMinor: 595 }));
    expect(amounts(stateOf(goodwill, payback, edited, snapshotNews(paid)), [spendRule()])['point']).toBe(45);
  });
  test('a discount larger than its line comes off the other lines', () => {
    const lines = [makeLine({ grossMinor: 5_000 }), makeLine({ id: '2', grossMinor: 1_000, discountMinor: 2_000 })];
    expect(points({ lines })).toBe(40);
  });
  test('what was paid keeps earning while an edit upwards is not paid', () => {
    const lines = [...paid.lines, makeLine({ id: '2', grossMinor: 5_000 })];
    const edited = {
      ...paid,
      lines,
      financialStatus: 'partially_paid' as const,
      updatedAt: '2026-03-01T09:05:00.000Z',
    };
    expect(amounts(stateOf(snapshotNews(paid), snapshotNews(edited)), [spendRule()])['point']).toBe(100);
  });
});

test('the explanation gives each line its whole points and the rest to the largest remainder, ties to the earlier', () => {
  const lines = [
    makeLine({ id: '1', grossMinor: 150 }),
    makeLine({ id: '2', grossMinor: 150 }),
    makeLine({ id: '3', grossMinor: 190 }),
  ];
  const order = stateOf(snapshotNews({ ...paid, lines }));
  const [target] = settleAlone({ order, document: makeProgram([spendRule()]) }).targets;
  expect(target).toEqual({
    unit: 'point',
    amount: 4,
    explanation: [
      { ruleId: 'spend', lineId: '1', eligibleMinor: 150, amount: 1 },
      { ruleId: 'spend', lineId: '2', eligibleMinor: 150, amount: 1 },
      { ruleId: 'spend', lineId: '3', eligibleMinor: 190, amount: 2 },
    ],
  });
});

test('rules are rounded one by one, then added', () => {
  const rules = [spendRule({ id: 'one' }), spendRule({ id: 'two' })];
  const order = stateOf(snapshotNews({ ...paid, lines: [makeLine({ grossMinor: 150 })] }));
  expect(amounts(order, rules)['point']).toBe(2);
});
