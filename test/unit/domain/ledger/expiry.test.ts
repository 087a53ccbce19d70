import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { expiryOf, graceEnd, slidingExpiry } from '#app/domain/ledger/expiry.ts';
import type { Expiry } from '#app/domain/programs/program.ts';
import { beginnings, zones as lifeZones } from '#test/support/histories/lives.ts';
import { endOf, endOfGrace } from '#test/support/oracle/ages.ts';

const day = (instantMs: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(instantMs);

const rolling = (months: number) => ({ mode: 'rolling' as const, months });

test('value that does not age never ends', () => {
  expect(expiryOf({ mode: 'none' }, new Date(), 'Europe/Paris')).toBeNull();
});

test.each([
  // Already 1 March in Paris, so valid through 1 April, when summer time has begun.
  ['2026-02-28T23:30:00Z', 1, 'Europe/Paris', '2026-04-01T22:00:00.000Z'],
  ['2026-01-31T12:00:00Z', 1, 'Europe/Paris', '2026-02-28T23:00:00.000Z'],
  ['2027-12-31T12:00:00Z', 2, 'UTC', '2028-03-01T00:00:00.000Z'],
  ['2026-06-15T03:00:00Z', 12, 'America/New_York', '2027-06-15T04:00:00.000Z'],
  ['2026-06-15T12:00:00Z', 6, 'Asia/Kolkata', '2026-12-15T18:30:00.000Z'],
  // Clocks in Santiago jump from 23:59:59 to 01:00 on 6 September 2026: the day begins at one.
  ['2026-08-05T12:00:00Z', 1, 'America/Santiago', '2026-09-06T04:00:00.000Z'],
  // Clocks in Havana strike midnight twice on 1 November 2026: the day begins with the first.
  ['2026-09-30T12:00:00Z', 1, 'America/Havana', '2026-10-31T04:00:00.000Z'],
  ['2026-10-31T12:00:00Z', 0, 'America/Havana', '2026-11-01T04:00:00.000Z'],
])('earned at %s, %i months in %s end at %s', (at, months, timeZone, ends) => {
  expect(expiryOf(rolling(months), new Date(at), timeZone)?.toISOString()).toBe(ends);
});

test('the last day is whole: the end is a local midnight or the first instant after a jump over it', () => {
  const zones = fc.constantFrom(
    'Europe/Paris',
    'America/Santiago',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  );
  const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2029, 11, 31) });
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 36 }), zones, (atMs, months, timeZone) => {
      const endsMs = expiryOf(rolling(months), new Date(atMs), timeZone)?.getTime() ?? 0;
      const lastDay = day(endsMs - 1_000, timeZone);
      expect(day(endsMs, timeZone)).not.toBe(lastDay);
      const [startYear = 0, startMonth = 0, startDay = 0] = day(atMs, timeZone).split('-').map(Number);
      const [endYear = 0, endMonth = 0, endDay = 0] = lastDay.split('-').map(Number);
      expect(endYear * 12 + endMonth - (startYear * 12 + startMonth)).toBe(months);
      const daysInMonth = new Date(Date.UTC(endYear, endMonth, 0)).getUTCDate();
      expect(endDay).toBe(Math.min(startDay, daysInMonth));
    }),
    { numRuns: 300 },
  );
});

describe('with the calendar', () => {
  test.each([
    ['month', 0, 'UTC', '2026-03-01T00:00:00.000Z'],
    ['quarter', 0, 'UTC', '2026-04-01T00:00:00.000Z'],
    ['year', 0, 'UTC', '2027-01-01T00:00:00.000Z'],
    ['year', 31, 'UTC', '2027-02-01T00:00:00.000Z'],
    // Already 1 March in Kolkata.
    ['month', 0, 'Asia/Kolkata', '2026-03-31T18:30:00.000Z'],
    // Summer time begins in the grace.
    ['month', 30, 'Europe/Paris', '2026-04-30T22:00:00.000Z'],
  ] as const)('value of a %s with %i days of grace in %s ends at %s', (period, graceDays, timeZone, ends) => {
    const expiry = { mode: 'calendar' as const, period, graceDays };
    const at = timeZone === 'Europe/Paris' ? '2026-03-15T12:00:00Z' : '2026-02-28T20:00:00Z';
    expect(expiryOf(expiry, new Date(at), timeZone)?.toISOString()).toBe(ends);
  });
});

test('sliding value ends so many months after the last activity, whenever it was earned', () => {
  const expiry = { mode: 'sliding' as const, months: 6 };
  const at = new Date('2026-08-31T12:00:00Z');
  expect(slidingExpiry(expiry, at, 'Europe/Paris').toISOString()).toBe('2027-02-28T23:00:00.000Z');
  expect(expiryOf(expiry, at, 'Europe/Paris')).toEqual(slidingExpiry(expiry, at, 'Europe/Paris'));
});

test('a grace runs through its last day', () => {
  expect(graceEnd(new Date('2026-03-05T12:00:00Z'), 14, 'UTC').toISOString()).toBe('2026-03-20T00:00:00.000Z');
  expect(graceEnd(new Date('2026-03-05T12:00:00Z'), 0, 'America/New_York').toISOString()).toBe(
    '2026-03-06T05:00:00.000Z',
  );
});

describe('on days on which clocks are changed, and on leap days,', () => {
  const modes: Expiry[] = [
    { mode: 'rolling', months: 1 }, { mode: 'rolling', months: 12 }, { mode: 'sliding', months: 6 },
    { mode: 'calendar', period: 'month', graceDays: 0 }, { mode: 'calendar', period: 'quarter', graceDays: 14 },
    { mode: 'calendar', period: 'year', graceDays: 59 },
  ]; // prettier-ignore

  test.each(lifeZones)('what is earned in %s ends as an independent calendar says', (timeZone) => {
    for (const begins of beginnings)
      for (const minutes of [-1, 31]) {
        const at = begins + minutes * 60_000;
        for (const expiry of modes)
          expect([expiry, at, expiryOf(expiry, new Date(at), timeZone)]).toEqual([
            expiry,
            at,
            new Date(endOf(expiry, at, timeZone) ?? 0),
          ]);
        for (const days of [0, 14])
          expect([days, at, graceEnd(new Date(at), days, timeZone)]).toEqual([
            days,
            at,
            new Date(endOfGrace(at, days, timeZone)),
          ]);
      }
  });
});
