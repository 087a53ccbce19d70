import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import {
  addMonths,
  endOfDay,
  instantOf,
  localDateOf,
  periodOf,
  startOfDay,
  wallClockOf,
} from '#app/domain/calendar.ts';

vi.setConfig({ testTimeout: 30_000 });

const zones = [
  'UTC',
  'Europe/Paris',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Apia',
] as const;
const zoneArbitrary = fc.constantFrom(...zones);
const instantArbitrary = fc.integer({ min: Date.UTC(2008, 0, 1), max: Date.UTC(2030, 0, 1) });

/** As the zone's own clock writes it. */
function written(instantMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    .format(instantMs)
    .replace(' ', 'T');
}

test('the wall clock is what the zone’s own clock shows, around every change too', () => {
  fc.assert(
    fc.property(instantArbitrary, zoneArbitrary, (instantMs, timeZone) => {
      const { year, month, day, time } = wallClockOf(new Date(instantMs), timeZone);
      const two = (part: number) => String(part).padStart(2, '0');
      expect(`${year}-${two(month)}-${two(day)}T${time}`).toBe(written(instantMs, timeZone));
    }),
    { numRuns: 1_000 },
  );
});

test('weekdays are counted from Monday to Sunday on the shop’s day', () => {
  const sundayNight = new Date('2026-03-01T23:30:00Z');
  expect(wallClockOf(sundayNight, 'UTC').weekday).toBe(7);
  expect(wallClockOf(sundayNight, 'Europe/Paris')).toMatchObject({ weekday: 1, day: 2, time: '00:30' });
});

describe('the instant of a wall time', () => {
  test.each([
    ['2026-12-24T18:00', 'Europe/Paris', '2026-12-24T17:00:00.000Z'],
    // Clocks in Paris jump from two to three on 29 March 2026.
    ['2026-03-29T01:59', 'Europe/Paris', '2026-03-29T00:59:00.000Z'],
    ['2026-03-29T02:00', 'Europe/Paris', '2026-03-29T01:00:00.000Z'],
    ['2026-03-29T02:30', 'Europe/Paris', '2026-03-29T01:00:00.000Z'],
    ['2026-03-29T03:00', 'Europe/Paris', '2026-03-29T01:00:00.000Z'],
    // They show half past two twice on 25 October 2026.
    ['2026-10-25T02:30', 'Europe/Paris', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:00', 'Europe/Paris', '2026-10-25T02:00:00.000Z'],
    // Half an hour only, on Lord Howe.
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    // The whole of 30 December 2011 never was in Samoa.
    ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('%s in %s is %s', (wallTime, timeZone, instant) => {
    expect(instantOf(wallTime, timeZone).toISOString()).toBe(instant);
  });

  test('is the first one at which the clock has come so far', () => {
    const minutes = fc.integer({ min: 0, max: 20 * 365 * 1_440 });
    fc.assert(
      fc.property(minutes, zoneArbitrary, (minute, timeZone) => {
        const wallTime = new Date(Date.UTC(2008, 0, 1) + minute * 60_000).toISOString().slice(0, 16);
        const instantMs = instantOf(wallTime, timeZone).getTime();
        expect(written(instantMs, timeZone) >= wallTime).toBe(true);
        expect(written(instantMs - 60_000, timeZone) < wallTime).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a day reaches from its first instant to the first of the next', () => {
  fc.assert(
    fc.property(instantArbitrary, zoneArbitrary, (instantMs, timeZone) => {
      const date = localDateOf(new Date(instantMs), timeZone);
      expect(startOfDay(date, timeZone).getTime()).toBeLessThanOrEqual(instantMs);
      expect(endOfDay(date, timeZone).getTime()).toBeGreaterThan(instantMs);
    }),
    { numRuns: 1_000 },
  );
});

test('months clamp to the last day there is', () => {
  expect(addMonths({ year: 2026, month: 1, day: 31 }, 1)).toEqual({ year: 2026, month: 2, day: 28 });
  expect(addMonths({ year: 2027, month: 12, day: 31 }, 2)).toEqual({ year: 2028, month: 2, day: 29 });
  expect(addMonths({ year: 2026, month: 3, day: 15 }, -3)).toEqual({ year: 2025, month: 12, day: 15 });
});

test.each([
  ['month', '2028-02-01', '2028-02-29'],
  ['quarter', '2028-01-01', '2028-03-31'],
  ['year', '2028-01-01', '2028-12-31'],
] as const)('the %s of 14 February 2028 is from %s to %s', (period, first, last) => {
  const dates = periodOf({ year: 2028, month: 2, day: 14 }, period);
  const text = ({ year, month, day }: typeof dates.first) => new Date(Date.UTC(year, month - 1, day)).toISOString();
  expect([text(dates.first).slice(0, 10), text(dates.last).slice(0, 10)]).toEqual([first, last]);
});

test('a zone that does not exist is refused', () => {
  expect(() => wallClockOf(new Date(), 'Middle/Earth')).toThrow(RangeError);
});
