import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { type Settlement, settle } from '#app/domain/earning/earning.ts';
import { type MemberStanding, newcomer, plainFacts, type RuleUse } from '#app/domain/earning/facts.ts';
import type { OrderSnapshot } from '#app/domain/orders/order.ts';
import type { Campaign, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  itemRule,
  makeLine,
  makeProgram,
  makeRefund,
  makeSnapshot,
  snapshotNews,
  spendRule,
  stateOf,
  visitRule,
} from '#test/support/orders.ts';

vi.setConfig({ testTimeout: 30_000 });

const tiers: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'orders' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [
    { id: 'silver', name: 'Silver', threshold: 2 },
    { id: 'gold', name: 'Gold', threshold: 5, multiplier: { times: 3, over: 2 } },
  ],
};

const campaign = (changes: Partial<Campaign> = {}): Campaign => ({
  id: 'double',
  name: 'Double',
  from: '2026-03-01T00:00',
  to: '2026-03-08T00:00',
  multiplier: { times: 2, over: 1 },
  ...changes,
});

type Asked = {
  rules: EarnRule[];
  campaigns?: Campaign[];
  snapshot?: Partial<OrderSnapshot>;
  standing?: Partial<MemberStanding>;
  timeZone?: string;
};

const order = makeSnapshot({ lines: [makeLine({ quantity: 3, grossMinor: 1_050 })] });

function settled({ rules, campaigns = [], snapshot = {}, standing = {}, timeZone = 'UTC' }: Asked): Settlement {
  return settle({
    order: stateOf(snapshotNews({ ...order, ...snapshot })),
    document: makeProgram(rules, {}, { tiers, campaigns }),
    facts: plainFacts(timeZone),
    standing: { ...newcomer, ...standing },
  });
}

const amounts = (asked: Asked) => settled(asked).targets.map(({ amount }) => amount);
const used = (use: Partial<RuleUse>, ruleId = 'spend') => ({
  used: { [ruleId]: { today: 0, ever: 0, lastAt: null, ...use } },
});

describe('campaigns', () => {
  test.each([
    // Half-open on the wall clock of Paris.
    ['2026-02-28T22:59:59.000Z', 10],
    ['2026-02-28T23:00:00.000Z', 21],
    ['2026-03-07T22:59:59.000Z', 21],
    ['2026-03-07T23:00:00.000Z', 10],
  ])('multiply a sale at %s to %i', (processedAt, expected) => {
    const asked = { rules: [spendRule()], campaigns: [campaign()], timeZone: 'Europe/Paris' };
    expect(amounts({ ...asked, snapshot: { processedAt } })[0]).toBe(expected);
  });

  test('that begin in a jump of the clock begin when it is over', () => {
    const jump = campaign({ from: '2026-03-29T02:30', to: '2026-03-29T04:00' });
    const at = (processedAt: string) =>
      amounts({ rules: [visitRule()], campaigns: [jump], timeZone: 'Europe/Paris', snapshot: { processedAt } })[1];
    expect(['2026-03-29T00:59:59.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z'].map(at)).toEqual([
      1, 2, 1,
    ]);
  });

  test('that name a time which comes twice mean its first', () => {
    const twice = campaign({ from: '2026-10-25T01:00', to: '2026-10-25T02:30' });
    const at = (processedAt: string) =>
      amounts({ rules: [visitRule()], campaigns: [twice], timeZone: 'Europe/Paris', snapshot: { processedAt } })[1];
    expect(['2026-10-25T00:29:59.000Z', '2026-10-25T00:30:00.000Z', '2026-10-25T01:15:00.000Z'].map(at)).toEqual([
      2, 1, 1,
    ]);
  });

  test('multiply each other and the tier, and only the rules they name', () => {
    const rules = [spendRule(), spendRule({ id: 'other' })];
    const campaigns = [campaign(), campaign({ id: 'triple', multiplier: { times: 3, over: 1 }, ruleIds: ['other'] })];
    const standing = { tierId: 'gold' };
    // 10.50 × 2 × 3/2, and once more × 3.
    expect(amounts({ rules, campaigns, standing })[0]).toBe(31 + 94);
    expect(amounts({ rules, campaigns, standing: { tierId: 'silver' } })[0]).toBe(21 + 63);
  });
});

describe('rounding', () => {
  test('comes once, after everything multiplied', () => {
    // 10.50 × 3/2 = 15.75; rounding first would give 15.
    const standing = { tierId: 'gold' };
    expect(amounts({ rules: [spendRule({ rounding: 'nearest-even' })], standing })[0]).toBe(16);
    expect(amounts({ rules: [itemRule()], standing })[1]).toBe(4);
    expect(amounts({ rules: [visitRule()], standing })[1]).toBe(1);
  });

  test('spreads what items gave so that lines add up', () => {
    const lines = ['1', '2', '3'].map((id) => makeLine({ id, grossMinor: 100 }));
    const [, target] = settled({ rules: [itemRule()], standing: { tierId: 'gold' }, snapshot: { lines } }).targets;
    expect(target?.amount).toBe(4);
    expect(target?.explanation.map((part) => part.amount)).toEqual([2, 1, 1]);
  });
});

describe('caps', () => {
  const rules = (caps: EarnRule['caps']) => [caps === undefined ? spendRule() : spendRule({ caps })];

  test.each([
    [{ perOrder: 7 }, {}, 7, 'per-order'],
    [{ perOrder: 10 }, {}, 10, undefined],
    [{ perDay: 15 }, { today: 9 }, 6, 'per-day'],
    [{ perDay: 15 }, { today: 15, ever: 15 }, 0, 'per-day'],
    [{ perDay: 15 }, { ever: 100 }, 10, undefined],
    [{ perMember: 100 }, { ever: 93 }, 7, 'per-member'],
    [{ perMember: 100 }, { ever: 200 }, 0, 'per-member'],
    [{ perOrder: 8, perDay: 15, perMember: 100 }, { today: 10, ever: 96 }, 4, 'per-member'],
  ])('%j after %j leave %i', (caps, use, expected, limitedBy) => {
    const lines = [makeLine({ grossMinor: 1_000 })];
    const [target] = settled({ rules: rules(caps), standing: used(use), snapshot: { lines } }).targets;
    expect(target?.amount).toBe(expected);
    expect(target?.explanation[0]?.limitedBy).toBe(limitedBy);
  });

  test('come after multipliers and before the rounding', () => {
    const capped = rules({ perOrder: 20 });
    expect(amounts({ rules: capped, campaigns: [campaign()] })[0]).toBe(20);
    const up = [spendRule({ rounding: 'ceil', caps: { perOrder: 10 } })];
    expect(amounts({ rules: up })[0]).toBe(10);
  });

  test('say so at every line, and lines still add up', () => {
    const lines = ['1', '2', '3'].map((id) => makeLine({ id, grossMinor: 500 }));
    const [target] = settled({ rules: rules({ perOrder: 10 }), snapshot: { lines } }).targets;
    expect(target?.explanation).toEqual(
      [4, 3, 3].map((amount, index) => ({
        ruleId: 'spend',
        lineId: String(index + 1),
        eligibleMinor: 500,
        amount,
        limitedBy: 'per-order',
      })),
    );
  });

  test('are what a rule gives, not what another gave', () => {
    const two = [spendRule({ caps: { perDay: 12 } }), spendRule({ id: 'other', caps: { perDay: 12 } })];
    expect(amounts({ rules: two, standing: used({ today: 12, ever: 12 }) })[0]).toBe(10);
  });
});

describe('a cool-down', () => {
  const rules = [visitRule({ coolDownHours: 24 })];
  test.each([
    ['2026-03-01T09:00:00.000Z', 0],
    ['2026-03-02T08:59:59.000Z', 0],
    ['2026-03-02T09:00:00.000Z', 1],
  ])('of a day after 1 March, 9:00, gives at %s %i', (processedAt, expected) => {
    const standing = used({ lastAt: new Date('2026-03-01T09:00:00Z') }, 'visit');
    const [, target] = settled({ rules, standing, snapshot: { processedAt } }).targets;
    expect(target?.amount).toBe(expected);
    expect(target?.explanation[0]?.limitedBy).toBe(expected === 0 ? 'cool-down' : undefined);
  });
});

test('the explanation names what multiplied, in the order in which it was applied', () => {
  const [target] = settled({ rules: [spendRule()], campaigns: [campaign()], standing: { tierId: 'gold' } }).targets;
  expect(target?.explanation).toEqual([
    {
      ruleId: 'spend',
      lineId: '1',
      eligibleMinor: 1_050,
      amount: 31,
      multipliers: [
        { by: 'campaign', id: 'double', times: 2, over: 1 },
        { by: 'tier', id: 'gold', times: 3, over: 2 },
      ],
    },
  ]);
});

test('whatever multiplies and caps, lines add up, no cap is passed, and no refund gives more', () => {
  const ratio = fc.record({ times: fc.integer({ min: 1, max: 300 }), over: fc.integer({ min: 1, max: 100 }) });
  const grosses = fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 1, maxLength: 5 });
  const rounding = fc.constantFrom('floor' as const, 'nearest-even' as const, 'ceil' as const);
  fc.assert(
    fc.property(
      grosses,
      ratio,
      fc.integer({ min: 1, max: 2_000 }),
      rounding,
      fc.nat(50_000),
      (lines, multiplier, cap, how, back) => {
        const document = {
          ...makeProgram([
            spendRule({ rounding: how, caps: { perOrder: cap } }),
            itemRule({ id: 'item', unit: 'point' }),
          ]),
          campaigns: [campaign({ multiplier })],
        };
        const snapshot = makeSnapshot({
          lines: lines.map((grossMinor, index) => makeLine({ id: String(index), grossMinor })),
        });
        const amountOf = (amountOnlyMinor: number) => {
          const state = stateOf(snapshotNews(snapshot, amountOnlyMinor === 0 ? [] : [makeRefund({ amountOnlyMinor })]));
          const [target] = settle({ order: state, document, facts: plainFacts('UTC'), standing: newcomer }).targets;
          const parts = target?.explanation ?? [];
          const sumOf = (list: typeof parts) => list.reduce((sum, part) => sum + part.amount, 0);
          expect(sumOf(parts)).toBe(target?.amount);
          const spent = sumOf(parts.filter((part) => part.ruleId === 'spend'));
          expect(spent).toBeLessThanOrEqual(cap);
          for (const part of parts) expect(part.amount).toBeGreaterThanOrEqual(0);
          return spent;
        };
        expect(amountOf(back)).toBeLessThanOrEqual(amountOf(0));
      },
    ),
    { numRuns: 700 },
  );
});
