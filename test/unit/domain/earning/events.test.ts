import { describe, expect, test } from 'vitest';

import { settleEvent } from '#app/domain/earning/earning.ts';
import {
  type MemberEvent,
  type MemberStanding,
  newcomer,
  plainFacts,
  type RuleUse,
} from '#app/domain/earning/facts.ts';
import type { Campaign, EarnRule, EventRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  makeLine,
  makeProgram,
  makeSnapshot,
  settleAlone,
  snapshotNews,
  spendRule,
  stateOf,
  visitRule,
} from '#test/support/orders.ts';

const tiers: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'orders' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [{ id: 'gold', name: 'Gold', threshold: 5, multiplier: { times: 3, over: 2 } }],
};
const campaign: Campaign = {
  id: 'double',
  name: 'Double',
  from: '2026-03-01T00:00',
  to: '2026-03-08T00:00',
  multiplier: { times: 2, over: 1 },
};
const used = (use: Partial<RuleUse>) => ({ used: { review: { today: 0, ever: 0, lastAt: null, ...use } } });

describe('occasions', () => {
  const review: MemberEvent = {
    eventId: '1',
    kind: 'review',
    name: null,
    occurredAt: new Date('2026-03-02T09:00:00Z'),
    isRevoked: false,
  };
  const rule = (changes: Partial<EventRule> = {}): EventRule => ({
    kind: 'event',
    id: 'review',
    unit: 'point',
    event: 'review',
    amount: 25,
    conditions: {},
    ...changes,
  });
  const given = (event: MemberEvent, rules: EarnRule[], standing: Partial<MemberStanding> = {}) =>
    settleEvent({
      event,
      document: makeProgram(rules, {}, { tiers, campaigns: [campaign] }),
      facts: { ...plainFacts('UTC'), memberTags: ['vip'] },
      standing: { ...newcomer, ...standing },
    });

  test('earn by their own rules alone, multiplied like any', () => {
    const settlement = given(review, [rule(), spendRule(), visitRule()], { tierId: 'gold' });
    expect(settlement).toEqual({
      because: 'earned',
      targets: [
        {
          unit: 'point',
          amount: 75,
          explanation: [
            {
              ruleId: 'review',
              lineId: null,
              eligibleMinor: null,
              amount: 75,
              multipliers: [
                { by: 'campaign', id: 'double', times: 2, over: 1 },
                { by: 'tier', id: 'gold', times: 3, over: 2 },
              ],
            },
          ],
        },
        { unit: 'coffee', amount: 0, explanation: [] },
      ],
    });
  });

  test('give no order anything', () => {
    const order = stateOf(snapshotNews(makeSnapshot({ lines: [makeLine({ grossMinor: 1_000 })] })));
    expect(settleAlone({ order, document: makeProgram([rule()]) }).targets[0]?.amount).toBe(0);
  });

  test('are told apart by kind, and custom ones by name', () => {
    const custom = rule({ event: 'custom', eventName: 'survey' });
    expect(given({ ...review, kind: 'birthday' }, [rule()]).because).toBe('nothing-eligible');
    expect(given({ ...review, kind: 'custom', name: 'survey' }, [custom]).targets[0]?.amount).toBe(50);
    expect(given({ ...review, kind: 'custom', name: 'quiz' }, [custom]).targets[0]?.amount).toBe(0);
  });

  test('keep caps and cool-downs', () => {
    expect(given(review, [rule({ caps: { perMember: 60 } })], used({ ever: 50 })).targets[0]?.amount).toBe(10);
    const lastAt = new Date('2026-03-02T00:00:00Z');
    expect(given(review, [rule({ coolDownHours: 10 })], used({ lastAt })).targets[0]?.amount).toBe(0);
  });

  test('ask for the member and the time, and for nothing that only an order has', () => {
    expect(given(review, [rule({ conditions: { memberTags: ['VIP'], weekdays: [1] } })]).targets[0]?.amount).toBe(50);
    expect(given(review, [rule({ conditions: { excludedMemberTags: ['VIP'] } })]).targets[0]?.amount).toBe(0);
    expect(given(review, [rule({ conditions: { tierIds: ['gold'] } })]).targets[0]?.amount).toBe(0);
    const ofOrders = { channels: ['pos' as const], minimumMinor: 5, productIds: ['1'] };
    expect(given(review, [rule({ conditions: ofOrders })]).targets[0]?.amount).toBe(50);
  });

  test('that were revoked earn nothing', () => {
    expect(given({ ...review, isRevoked: true }, [rule()])).toMatchObject({
      because: 'revoked',
      targets: [{ amount: 0 }, {}],
    });
  });
});
