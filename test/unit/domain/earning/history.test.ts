import { describe, expect, test } from 'vitest';

import { plainFacts } from '#app/domain/earning/facts.ts';
import { type MemberHistory, needsHistory, settleHistory } from '#app/domain/earning/history.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { madeHistory, madeSale, type Sale, writtenReview } from '#test/support/member-histories.ts';
import { emptyOrder } from '#app/domain/orders/order-merge.ts';
import { itemRule, makeProgram, spendRule, visitRule } from '#test/support/orders.ts';

/** What each sale earned, in the order given. */
function earned(history: MemberHistory, unit: 'point' | 'coffee' = 'point'): (number | undefined)[] {
  const { orders } = settleHistory(history);
  return history.orders.map(
    ({ state }) => orders.get(state.orderId)?.targets.find((target) => target.unit === unit)?.amount,
  );
}

const gold: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'unit', unit: 'point' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [{ id: 'gold', name: 'Gold', threshold: 100, multiplier: { times: 2, over: 1 } }],
};

describe('a cap per day', () => {
  const document = makeProgram([spendRule({ caps: { perDay: 100 } })]);

  test('is shared by the sales of a day of the shop, the earlier first', () => {
    const sales: Sale[] = [
      { id: '3', at: '2026-03-01T22:30', minor: 3_000 },
      { id: '1', at: '2026-03-01T10:00', minor: 6_000 },
      { id: '2', at: '2026-03-01T12:00', minor: 6_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([0, 60, 40]);
    // In Tokyo the last of them was on the next day.
    expect(earned(madeHistory(document, sales, 'Asia/Tokyo'))).toEqual([30, 60, 40]);
  });

  test('of sales of one instant goes to the smaller number first', () => {
    const sales: Sale[] = [
      { id: '10', at: '2026-03-01', minor: 9_000 },
      { id: '9', at: '2026-03-01', minor: 9_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([10, 90]);
  });

  test('is freed by what was refunded before the next sale, and not by what was refunded later', () => {
    const later: Sale = { id: '2', at: '2026-03-01T15:00', minor: 9_000 };
    const refunded = (at: string) =>
      earned(
        madeHistory(document, [
          { id: '1', at: '2026-03-01T10:00', minor: 9_000, refunds: [{ at, minor: 6_000 }] },
          later,
        ]),
      );
    expect(refunded('2026-03-01T14:59')).toEqual([30, 70]);
    expect(refunded('2026-03-01T15:00')).toEqual([30, 70]);
    expect(refunded('2026-03-01T15:01')).toEqual([30, 10]);
  });

  test('counts by rule through all versions of a program', () => {
    const newer = makeProgram([spendRule({ caps: { perDay: 50 }, rounding: 'ceil' })]);
    const history: MemberHistory = {
      orders: [
        madeSale(document, { id: '1', at: '2026-03-01T10:00', minor: 3_000 }),
        madeSale(newer, { id: '2', at: '2026-03-01T12:00', minor: 3_000 }),
      ],
      events: [],
    };
    expect(earned(history)).toEqual([30, 20]);
  });
});

test('a cap per member is for ever, less what was cancelled by then', () => {
  const document = makeProgram([spendRule({ caps: { perMember: 100 } })]);
  const sales: Sale[] = [
    { id: '1', at: '2026-03-01', minor: 8_000, cancelledAt: '2026-04-15' },
    { id: '2', at: '2026-04-01', minor: 8_000 },
    { id: '3', at: '2026-05-01', minor: 9_000 },
  ];
  expect(earned(madeHistory(document, sales))).toEqual([0, 20, 80]);
});

describe('a cool-down', () => {
  const document = makeProgram([visitRule({ coolDownHours: 24 })]);

  test('runs from the last sale that earned, and is over exactly at its end', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-01T09:00', minor: 500 },
      { id: '2', at: '2026-03-02T08:59', minor: 500 },
      { id: '3', at: '2026-03-02T09:00', minor: 500 },
      { id: '4', at: '2026-03-02T10:00', minor: 500 },
    ];
    expect(earned(madeHistory(document, sales), 'coffee')).toEqual([1, 0, 1, 0]);
  });

  test('does not run from a sale that was refunded by then', () => {
    const refunded = (at: string) =>
      earned(
        madeHistory(document, [
          { id: '1', at: '2026-03-01T09:00', minor: 500, refunds: [{ at, minor: 500 }] },
          { id: '2', at: '2026-03-01T12:00', minor: 500 },
        ]),
        'coffee',
      );
    expect(refunded('2026-03-01T11:00')).toEqual([0, 1]);
    expect(refunded('2026-03-01T13:00')).toEqual([0, 0]);
  });
});

describe('the first order', () => {
  const document = makeProgram([spendRule(), spendRule({ id: 'welcome', conditions: { firstOrder: true } })]);

  test('is the one before which no other was standing', () => {
    const sales = (cancelledAt: string): Sale[] => [
      { id: '1', at: '2026-03-01', minor: 1_000, cancelledAt },
      { id: '2', at: '2026-03-02', minor: 1_000 },
      { id: '3', at: '2026-03-03', minor: 1_000 },
    ];
    expect(earned(madeHistory(document, sales('2026-03-01T20:00')))).toEqual([0, 20, 10]);
    expect(earned(madeHistory(document, sales('2026-03-02T20:00')))).toEqual([0, 10, 10]);
  });

  test('is not made first again by a later refund of an earlier one', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-01', minor: 1_000, refunds: [{ at: '2026-03-05', minor: 1_000 }] },
      { id: '2', at: '2026-03-02', minor: 1_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([0, 10]);
  });

  test('is found by the time of the sale, though another arrived before it', () => {
    const sales: Sale[] = [
      { id: '7', at: '2026-03-02', minor: 1_000 },
      { id: '8', at: '2026-03-01', minor: 1_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([10, 20]);
  });
});

describe('a tier', () => {
  const document = makeProgram([spendRule()], {}, { tiers: gold });

  test('multiplies from the order after the one that lifted it', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-01', minor: 6_000 },
      { id: '2', at: '2026-03-02', minor: 6_000 },
      { id: '3', at: '2026-03-03', minor: 6_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([60, 60, 120]);
  });

  test('stays as it was for a sale made before what lifted it was refunded', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-01', minor: 10_000, refunds: [{ at: '2026-03-04', minor: 10_000 }] },
      { id: '2', at: '2026-03-03', minor: 1_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([0, 20]);
  });

  test('is not reached by what had been refunded before the rest was bought', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-01', minor: 6_000, refunds: [{ at: '2026-03-02', minor: 6_000 }] },
      { id: '2', at: '2026-03-03', minor: 6_000 },
      { id: '3', at: '2026-03-04', minor: 1_000 },
    ];
    expect(earned(madeHistory(document, sales))).toEqual([0, 60, 10]);
  });
});

describe('events', () => {
  const review: EarnRule = {
    kind: 'event', id: 'review', unit: 'point', event: 'review', amount: 50, conditions: {}, caps: { perMember: 2 * 50 },
  }; // prettier-ignore
  const document = makeProgram([spendRule(), review], {}, { tiers: gold });

  test('earn in turn with orders, under caps and tiers of their own time', () => {
    const history: MemberHistory = {
      orders: [
        madeSale(document, { id: '1', at: '2026-03-02', minor: 6_000 }),
        madeSale(document, { id: '2', at: '2026-03-04', minor: 1_000 }),
      ],
      events: ['1', '3', '5'].map((date) => writtenReview(document, { id: date, at: `2026-03-0${date}` })),
    };
    const { events } = settleHistory(history);
    // 50, then 60 lift the tier, so the second review would double, were it not for the cap.
    expect([...events.values()].map((settlement) => settlement.targets[0]?.amount)).toEqual([50, 50, 0]);
    expect(earned(history)).toEqual([60, 20]);
  });

  test('of the instant of an order come before it', () => {
    const reviews = makeProgram([spendRule(), { ...review, amount: 100 }], {}, { tiers: gold });
    const history: MemberHistory = {
      orders: [madeSale(reviews, { id: '1', at: '2026-03-02', minor: 1_000 })],
      events: [writtenReview(reviews, { id: 'a-longer-id', at: '2026-03-02' })],
    };
    expect(earned(history)).toEqual([20]);
  });

  test('that were revoked never happened', () => {
    const events = ['1', '2', '3'].map((id) => writtenReview(document, { id, at: `2026-03-0${id}` }));
    const [first] = events;
    if (first !== undefined) first.event.isRevoked = true;
    const settled = settleHistory({ orders: [], events }).events;
    expect([...settled.values()].map(({ because, targets }) => [because, targets[0]?.amount])).toEqual([
      ['revoked', 0],
      ['earned', 50],
      ['earned', 50],
    ]);
  });
});

test('an order nobody has heard of yet is answered for, and bears on nothing', () => {
  const document = makeProgram([spendRule({ conditions: { firstOrder: true } })]);
  const history = madeHistory(document, [{ id: '2', at: '2026-03-01', minor: 1_000 }]);
  history.orders.unshift({ state: emptyOrder('1'), document, facts: plainFacts('UTC') });
  const { orders } = settleHistory(history);
  expect(orders.get('1')?.because).toBe('no-order');
  expect(orders.get('2')?.targets[0]?.amount).toBe(10);
});

describe('history is needed', () => {
  const plain = makeProgram([spendRule({ caps: { perOrder: 5 } }), itemRule({ conditions: { minimumMinor: 5 } })]);
  const level = { id: 'gold', name: 'Gold', threshold: 1 };

  test.each<[string, boolean, ProgramDocument]>([
    ['for nothing of the order itself', false, plain],
    ['for a cap per day', true, makeProgram([spendRule({ caps: { perDay: 5 } })])],
    ['for a cap per member', true, makeProgram([spendRule({ caps: { perMember: 5 } })])],
    ['for a cool-down', true, makeProgram([spendRule({ coolDownHours: 1 })])],
    ['for the first order', true, makeProgram([spendRule({ conditions: { firstOrder: true } })])],
    ['for tiers that only have a name', false, { ...plain, tiers: { ...gold, levels: [level] } }],
    ['for tiers that multiply', true, { ...plain, tiers: gold }],
    ['for rules of a tier', true, makeProgram([spendRule({ conditions: { tierIds: ['gold'] } })], {}, { tiers: gold })],
  ])('%s: %s', (_, isNeeded, document) => expect(needsHistory(document)).toBe(isNeeded));
});
