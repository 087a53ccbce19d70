import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import type { MemberHistory } from '#app/domain/earning/history.ts';
import { tierAt, type TierState } from '#app/domain/earning/tiers.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { Tiers } from '#app/domain/programs/program.ts';
import { madeHistory, type Sale, writtenReview } from '#test/support/member-histories.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

vi.setConfig({ testTimeout: 30_000 });

const levels = [
  { id: 'silver', name: 'Silver', threshold: 100 },
  { id: 'gold', name: 'Gold', threshold: 300 },
];
const byPoints = { kind: 'unit', unit: 'point' } as const;

const review: EarnRule = {
  kind: 'event', id: 'review', unit: 'point', event: 'review', amount: 100, conditions: {},
}; // prettier-ignore

function programOf(tiers: Partial<Tiers>) {
  const plain: Tiers = { qualifiesBy: byPoints, window: { kind: 'lifetime' }, graceDays: 0, levels };
  return makeProgram([spendRule(), review], {}, { tiers: { ...plain, ...tiers } });
}

function tierOf(
  tiers: Partial<Tiers>,
  sales: Sale[],
  { at, timeZone = 'UTC' }: { at: string; timeZone?: string },
): TierState {
  const document = programOf(tiers);
  const history: MemberHistory = madeHistory(document, sales, timeZone);
  const tier = tierAt(history, { at: new Date(`${at.length === 10 ? `${at}T12:00` : at}:00Z`), document, timeZone });
  if (tier === null) throw new Error('the document has tiers');
  return tier;
}

const tierIds = (tiers: Partial<Tiers>, sales: Sale[], times: string[]) =>
  times.map((at) => tierOf(tiers, sales, { at }).tierId);

test('a document without tiers has none', () => {
  const document = makeProgram([spendRule()]);
  expect(tierAt(madeHistory(document, []), { at: new Date(), document, timeZone: 'UTC' })).toBeNull();
});

describe('qualifying', () => {
  const sales: Sale[] = [
    { id: '1', at: '2026-03-01', minor: 12_000, refunds: [{ at: '2026-03-04', minor: 5_000 }] },
    { id: '2', at: '2026-03-02', minor: 4_050 },
    { id: '3', at: '2026-03-03', minor: 9_000, cancelledAt: '2026-03-05' },
  ];
  const progress = (qualifiesBy: Tiers['qualifiesBy']) =>
    ['2026-02-28', '2026-03-01', '2026-03-03', '2026-03-04', '2026-03-06'].map(
      (at) => tierOf({ qualifiesBy }, sales, { at }).progress,
    );

  test('counts units net of refunds and cancellations, each from its own time', () => {
    expect(progress(byPoints)).toEqual([0, 120, 250, 200, 110]);
  });
  test('counts money kept', () => expect(progress({ kind: 'spend' })).toEqual([0, 12_000, 25_050, 20_050, 11_050]));
  test('counts standing orders', () => expect(progress({ kind: 'orders' })).toEqual([0, 1, 3, 3, 2]));

  test('counts units earned by events, and no event as an order', () => {
    const document = programOf({});
    const events = [writtenReview(document, { id: '1', at: '2026-03-01' })];
    const at = { at: new Date('2026-04-01'), document, timeZone: 'UTC' };
    expect(tierAt({ orders: [], events }, at)).toMatchObject({ tierId: 'silver', progress: 100 });
    const byOrders = programOf({ qualifiesBy: { kind: 'orders' } });
    expect(tierAt({ orders: [], events }, { ...at, document: byOrders })).toMatchObject({ tierId: null, progress: 0 });
  });
});

test('the state names the tier, since when it is held, and the way to the next', () => {
  const sales: Sale[] = [{ id: '1', at: '2026-03-01T09:00', minor: 15_000 }];
  expect(tierOf({}, sales, { at: '2026-03-05' })).toEqual({
    tierId: 'silver',
    name: 'Silver',
    since: new Date('2026-03-01T09:00:00Z'),
    heldUntil: null,
    progress: 150,
    next: { tierId: 'gold', name: 'Gold', missing: 150 },
  });
  expect(tierOf({}, [], { at: '2026-03-05' })).toMatchObject({
    tierId: null,
    since: null,
    heldUntil: null,
    next: { missing: 100 },
  });
  expect(tierOf({}, [{ id: '1', at: '2026-03-01', minor: 90_000 }], { at: '2026-03-05' }).next).toBeNull();
});

test('a lifetime tier never falls, whatever is refunded', () => {
  const sales: Sale[] = [{ id: '1', at: '2026-03-01', minor: 30_000, refunds: [{ at: '2026-03-05', minor: 30_000 }] }];
  expect(tierOf({}, sales, { at: '2036-03-05' })).toMatchObject({ tierId: 'gold', progress: 0 });
});

describe('a tier of the calendar year', () => {
  const year = { window: { kind: 'calendar', period: 'year' } } as const;
  const once: Sale[] = [{ id: '1', at: '2026-05-01', minor: 30_000 }];

  test('is held for the rest of the year and the whole of the next', () => {
    expect(tierIds(year, once, ['2026-04-30', '2026-05-01', '2026-12-31', '2027-12-31', '2028-01-01'])).toEqual([
      null,
      'gold',
      'gold',
      'gold',
      null,
    ]);
    expect(tierOf(year, once, { at: '2026-06-01' }).heldUntil).toEqual(new Date('2028-01-01T00:00:00Z'));
  });

  test('falls to what the year’s own sum gives', () => {
    const sales: Sale[] = [...once, { id: '2', at: '2027-02-01', minor: 10_000 }];
    expect(tierIds(year, sales, ['2027-12-31', '2028-01-01', '2028-12-31', '2029-01-01'])).toEqual([
      'gold',
      'silver',
      'silver',
      null,
    ]);
    expect(tierOf(year, sales, { at: '2028-06-01' })).toMatchObject({
      since: new Date('2028-01-01T00:00:00Z'),
      heldUntil: new Date('2029-01-01T00:00:00Z'),
      progress: 0,
    });
  });

  test('is held to the year’s end though what lifted it was refunded', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-05-01', minor: 30_000, refunds: [{ at: '2026-06-01', minor: 15_000 }] },
    ];
    expect(tierIds(year, sales, ['2026-12-31', '2027-01-01', '2027-12-31', '2028-01-01'])).toEqual([
      'gold',
      'silver',
      'silver',
      null,
    ]);
    expect(tierOf(year, sales, { at: '2026-07-01' }).heldUntil).toEqual(new Date('2027-01-01T00:00:00Z'));
  });

  test('is not taken by a refund after the review that it passed', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-05-01', minor: 30_000, refunds: [{ at: '2027-02-01', minor: 30_000 }] },
    ];
    expect(tierIds(year, sales, ['2027-12-31', '2028-01-01'])).toEqual(['gold', null]);
  });

  test('counts a refund of the review’s own instant, and no sale of it', () => {
    const refunded: Sale[] = [
      { id: '1', at: '2026-05-01', minor: 30_000, refunds: [{ at: '2027-01-01T00:00', minor: 30_000 }] },
    ];
    expect(tierIds(year, refunded, ['2026-12-31T23:59', '2027-01-01T00:00'])).toEqual(['gold', null]);
    const bought: Sale[] = [{ id: '1', at: '2027-01-01T00:00', minor: 30_000 }];
    expect(tierIds(year, bought, ['2027-01-01T00:00', '2028-12-31', '2029-01-01'])).toEqual(['gold', 'gold', null]);
  });

  test('is reviewed after its grace, and what was reached in the grace stays', () => {
    const graced = { ...year, graceDays: 31 };
    const sales: Sale[] = [...once, { id: '2', at: '2028-01-10', minor: 10_000 }];
    expect(tierIds(graced, sales, ['2028-01-31', '2028-02-01', '2030-01-31', '2030-02-01'])).toEqual([
      'gold',
      'silver',
      'silver',
      null,
    ]);
  });

  test('follows the calendar of the shop', () => {
    const sales: Sale[] = [{ id: '1', at: '2026-12-31T23:30', minor: 30_000 }];
    const held = (timeZone: string) => tierOf(year, sales, { at: '2027-02-01', timeZone }).heldUntil?.toISOString();
    expect(held('UTC')).toBe('2028-01-01T00:00:00.000Z');
    expect(held('Europe/Paris')).toBe('2028-12-31T23:00:00.000Z');
  });
});

describe('a rolling tier of three months', () => {
  const rolling = { window: { kind: 'rolling', months: 3 } } as const;

  test('is held through the day three months after it was reached', () => {
    const sales: Sale[] = [{ id: '1', at: '2026-03-15', minor: 30_000 }];
    expect(tierIds(rolling, sales, ['2026-03-15', '2026-06-15T23:59', '2026-06-16T00:00'])).toEqual([
      'gold',
      'gold',
      null,
    ]);
    expect(tierOf(rolling, sales, { at: '2026-04-01' }).heldUntil).toEqual(new Date('2026-06-16T00:00:00Z'));
  });

  test('adds up sales no older than that', () => {
    const sales: Sale[] = ['2026-03-15', '2026-06-16', '2026-07-01'].map((at, index) => ({
      id: String(index),
      at,
      minor: 6_000,
    }));
    expect(tierIds(rolling, sales, ['2026-06-16', '2026-07-01'])).toEqual([null, 'silver']);
    const inTime = sales.map((sale) => (sale.at === '2026-06-16' ? { ...sale, at: '2026-06-15' } : sale));
    expect(tierIds(rolling, inTime, ['2026-06-15'])).toEqual(['silver']);
  });

  test('falls at its review to what the window gives then, and is held again from there', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-15', minor: 30_000 },
      { id: '2', at: '2026-05-01', minor: 12_000 },
    ];
    expect(tierIds(rolling, sales, ['2026-06-15', '2026-06-16', '2026-09-15', '2026-09-16'])).toEqual([
      'gold',
      'silver',
      'silver',
      null,
    ]);
    expect(tierOf(rolling, sales, { at: '2026-07-01' })).toMatchObject({
      since: new Date('2026-06-16T00:00:00Z'),
      heldUntil: new Date('2026-09-16T00:00:00Z'),
      progress: 120,
    });
    expect(tierOf(rolling, sales, { at: '2026-08-15' }).progress).toBe(0);
  });

  test('passes its review when the window still gives it', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-15', minor: 30_000 },
      { id: '2', at: '2026-06-01', minor: 30_000 },
    ];
    expect(tierIds(rolling, sales, ['2026-06-16', '2026-09-15', '2026-09-16'])).toEqual(['gold', 'gold', null]);
    expect(tierOf(rolling, sales, { at: '2026-06-10' }).heldUntil).toEqual(new Date('2026-09-16T00:00:00Z'));
  });

  test('loses nothing by a refund of a sale that no longer counted', () => {
    const sales: Sale[] = [
      { id: '1', at: '2026-03-15', minor: 30_000, refunds: [{ at: '2026-06-25', minor: 30_000 }] },
      { id: '2', at: '2026-06-20', minor: 12_000 },
    ];
    expect(tierOf(rolling, sales, { at: '2026-06-26' })).toMatchObject({ tierId: 'silver', progress: 120 });
  });

  test('is reviewed after its grace, with what counts then', () => {
    const graced = { ...rolling, graceDays: 10 };
    const sales: Sale[] = [
      { id: '1', at: '2026-03-15', minor: 30_000 },
      { id: '2', at: '2026-06-20', minor: 10_000 },
    ];
    expect(tierIds(graced, sales, ['2026-06-25', '2026-06-26'])).toEqual(['gold', 'silver']);
  });

  test('clamps to the end of a month', () => {
    const sales: Sale[] = [{ id: '1', at: '2025-11-30', minor: 30_000 }];
    expect(tierOf(rolling, sales, { at: '2025-12-01' }).heldUntil).toEqual(new Date('2026-03-01T00:00:00Z'));
  });
});

describe('any history', () => {
  const salesArbitrary = fc
    .array(
      fc.record({
        day: fc.nat(900),
        minor: fc.integer({ min: 1, max: 25_000 }),
        refundedAfter: fc.option(fc.nat(400), { freq: 3 }),
      }),
      { maxLength: 8 },
    )
    .map((seeds) =>
      seeds.map(({ day, minor, refundedAfter }, index): Sale => {
        const at = (days: number) => new Date(Date.UTC(2025, 0, 1 + days, 12)).toISOString().slice(0, 16);
        const refunds = refundedAfter === null ? [] : [{ at: at(day + refundedAfter), minor }];
        return { id: String(index + 1), at: at(day), minor, refunds };
      }),
    );
  const tiersArbitrary = fc.record({
    window: fc.constantFrom<Tiers['window']>(
      { kind: 'lifetime' },
      { kind: 'rolling', months: 2 },
      { kind: 'calendar', period: 'month' },
      { kind: 'calendar', period: 'quarter' },
    ),
    graceDays: fc.constantFrom(0, 0, 20, 100),
    qualifiesBy: fc.constantFrom<Tiers['qualifiesBy']>(byPoints, { kind: 'spend' }),
  });

  test('gives at least what the window’s sum gives, and holds a tier until the time it says', () => {
    fc.assert(
      fc.property(salesArbitrary, tiersArbitrary, fc.nat(1_200), (sales, tiers, day) => {
        const document = programOf(tiers);
        const history = madeHistory(document, sales);
        const at = new Date(Date.UTC(2025, 0, 1 + day, 18));
        const known = {
          ...history,
          orders: history.orders.filter(({ state }) => new Date(state.latest?.processedAt ?? 0) <= at),
        };
        const ask = (when: Date) => tierAt(known, { at: when, document, timeZone: 'UTC' });
        const state = ask(at);
        const rank = (tierId: string | null | undefined) => levels.findIndex((level) => level.id === tierId);
        expect(rank(state?.tierId)).toBeGreaterThanOrEqual(
          levels.findLastIndex((level) => (state?.progress ?? 0) >= level.threshold),
        );
        if (
          !state?.heldUntil ||
          sales.some((sale) => (sale.refunds ?? []).some((refund) => new Date(`${refund.at}:00Z`) > at))
        )
          return;
        expect(rank(ask(new Date(state.heldUntil.getTime() - 1))?.tierId)).toBe(rank(state.tierId));
        expect(rank(ask(state.heldUntil)?.tierId)).toBeLessThan(rank(state.tierId));
      }),
      { numRuns: 2_000 },
    );
  });

  test('asked from any history alone or from a longer one answers the same for the past', () => {
    fc.assert(
      fc.property(salesArbitrary, tiersArbitrary, fc.nat(1_000), (sales, tiers, day) => {
        const document = programOf(tiers);
        const at = new Date(Date.UTC(2025, 0, 1 + day, 18));
        const asked = { at, document, timeZone: 'UTC' };
        const all = madeHistory(document, sales);
        const isBefore = (when: string) => new Date(`${when}:00Z`) <= at;
        const past = sales
          .filter((sale) => isBefore(sale.at))
          .map((sale) => ({ ...sale, refunds: (sale.refunds ?? []).filter((refund) => isBefore(refund.at)) }));
        expect(tierAt(all, asked)).toEqual(tierAt(madeHistory(document, past), asked));
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a zone that does not exist is refused', () => {
  const document = programOf({ window: { kind: 'calendar', period: 'year' } });
  const history = madeHistory(document, [{ id: '1', at: '2026-03-01', minor: 100 }], 'UTC');
  expect(() => tierAt(history, { at: new Date('2026-04-01'), document, timeZone: 'Middle/Earth' })).toThrow(RangeError);
});
