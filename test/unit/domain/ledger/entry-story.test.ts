import { describe, expect, it } from 'vitest';

import type { ExplanationPart } from '#app/domain/earning/earning.ts';
import { sampleOrder } from '#app/domain/earning/sample-order.ts';
import { tellEntry, type ToldEntry, type ToldOrder } from '#app/domain/ledger/entry-story.ts';
import type { OrderRefund } from '#app/domain/orders/order.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const wish = { currency: 'EUR', amountMinor: 5_990, items: 2, conditions: {}, wallTime: '2026-11-21T12:00' };
const { order: state } = sampleOrder(wish);
const documents = [everythingProgram];

const parts: ExplanationPart[] = [
  {
    ruleId: 'spend',
    lineId: 'line',
    eligibleMinor: 3_995,
    amount: 39,
    multipliers: [
      { by: 'campaign', id: 'double', times: 2, over: 1 },
      { by: 'tier', id: 'gold', times: 3, over: 2 },
    ],
    limitedBy: 'per-order',
  },
];

function entry(part: Partial<ToldEntry>): ToldEntry {
  return {
    kind: 'accrual',
    unit: 'point',
    amount: 39,
    source: 'order',
    reason: null,
    explanation: { because: 'earned', parts },
    bookedAt: new Date('2026-11-23T10:00:00Z'),
    ...part,
  };
}

function refund(id: string, createdAt: string, minor: number): OrderRefund {
  return { refundId: id, createdAt, lines: [], shippingMinor: 0, amountOnlyMinor: minor, presentment: null };
}

function numbered(refunds: OrderRefund[], bookedBefore: Date | null): ToldOrder {
  const latest = state.latest && { ...state.latest, orderNumber: 1_001 };
  return { state: { ...state, latest, refunds }, bookedBefore };
}

describe('the story of an entry', () => {
  it('names the rule, the line, what counted, what multiplied and what capped it', () => {
    expect(tellEntry(entry({}), numbered([], null), documents)).toEqual({
      title: 'Earned by order #1001',
      parts: [
        {
          label: 'Beans for what is spent',
          lineId: 'line',
          line: 'line 1, 2 items',
          eligible: '€39.95',
          notes: ['× 2 by “Double week”', '× 1.5 by “Gold”', 'limited to the most for one order'],
          amount: 39,
        },
      ],
      balance: { before: 0, target: 39 },
    });
  });

  it('says which refund took something back, and what the order gave before', () => {
    const refunds = [
      refund('old', '2026-11-22T08:00:00Z', 500),
      refund('new', '2026-11-23T09:00:00Z', 1_995),
      refund('later', '2026-11-24T09:00:00Z', 100),
    ];
    const told = numbered(refunds, new Date('2026-11-22T08:00:05Z'));
    const story = tellEntry(entry({ kind: 'reversal', amount: -20 }), told, documents);
    expect(story.title).toBe('Refund of €19.95 on order #1001');
    expect(story.balance).toEqual({ before: 59, target: 39 });
  });

  it('tells a cancellation and a change from a refund', () => {
    const before = new Date('2026-11-22T08:00:00Z');
    const cancelled = entry({ kind: 'reversal', amount: -59, explanation: { because: 'cancelled', parts: [] } });
    expect(tellEntry(cancelled, numbered([], before), documents)).toMatchObject({
      title: 'Cancellation of order #1001',
      balance: { before: 59, target: 0 },
    });
    expect(tellEntry(entry({}), numbered([], before), documents).title).toBe('Change of order #1001');
  });

  it.each([
    [{ kind: 'redemption', source: 'reward', explanation: { rewardId: 'cookie', lots: [] } }, 'Reward used: Cookie'],
    [{ kind: 'reversal', source: 'reward', explanation: { rewardId: 'cookie', lots: [] } }, 'Given back: Cookie'],
    [
      { source: 'event', explanation: { because: 'earned', parts: [{ ...parts[0], ruleId: 'birthday' }] } },
      'Earned for a birthday',
    ],
    [
      { source: 'referral', explanation: { because: 'referral-friend', parts: [] } },
      'Earned for having been brought by a friend',
    ],
    [{ source: 'referral', explanation: { because: 'referral-referrer', parts: [] } }, 'Earned for bringing a friend'],
    [{ kind: 'reversal', source: 'referral', explanation: null }, 'The referral was taken back'],
    [{ kind: 'expiration', source: 'schedule', explanation: null }, 'Expired'],
    [
      { kind: 'adjustment', reason: 'written-off', explanation: null },
      'Written off: it had been spent before it was taken back',
    ],
    [
      { kind: 'expiration', reason: 'expired-before', explanation: null },
      'Had expired before, so it is not taken twice',
    ],
    [{ source: 'pos', explanation: null }, 'Given at the till'],
    [{ kind: 'adjustment', source: 'staff', amount: -3, explanation: null }, 'Taken away by hand'],
    [{ source: 'merge', explanation: null }, 'Came from another account of the same person'],
  ] as [Partial<ToldEntry>, string][])('%j is told as %j', (part, title) => {
    expect(tellEntry(entry(part), null, documents).title).toBe(title);
  });

  it('is still told when nobody knows the rule, the order or the explanation any more', () => {
    expect(tellEntry(entry({ explanation: undefined }), null, [])).toEqual({
      title: 'Earned by the order',
      parts: [],
      balance: null,
    });
    const gone = tellEntry(
      entry({ explanation: { because: 'earned', parts: [{ ...parts[0], ruleId: 'gone' }] } }),
      null,
      [],
    );
    expect(gone.parts[0]).toMatchObject({ label: 'gone', line: 'a line that is gone' });
  });
});
