/** When value earned at an instant ends, by the calendar of the shop. It is valid *through* its last day there. */
import { addDays, addMonths, endOfDay, localDateOf, periodOf } from '#app/domain/calendar.ts';
import type { Expiry } from '#app/domain/programs/program.ts';

/**
 * The first instant at which something earned at `at` is no longer valid, or null when it never ends. Months clamp, so
 * 31 January and one month end with February. What slides is answered as if nothing were earned or spent after `at`.
 * Throws RangeError for a time zone that does not exist.
 */
export function expiryOf(expiry: Expiry, at: Date, timeZone: string): Date | null {
  if (expiry.mode === 'none') return null;
  const date = localDateOf(at, timeZone);
  if (expiry.mode === 'calendar')
    return endOfDay(addDays(periodOf(date, expiry.period).last, expiry.graceDays), timeZone);
  return endOfDay(addMonths(date, expiry.months), timeZone);
}

/**
 * The first instant at which everything a member has is no longer valid when they last earned (by the time of the sale)
 * or spent at `lastActivityAt`. Throws RangeError for a time zone that does not exist.
 */
export function slidingExpiry(expiry: Expiry & { mode: 'sliding' }, lastActivityAt: Date, timeZone: string): Date {
  return endOfDay(addMonths(localDateOf(lastActivityAt, timeZone), expiry.months), timeZone);
}

/**
 * The first instant at which value given back at `at` with so many days of grace is no longer valid: given back on the
 * 5th with 14 days, it is good through the 19th. Throws RangeError for a time zone that does not exist.
 */
export function graceEnd(at: Date, days: number, timeZone: string): Date {
  return endOfDay(addDays(localDateOf(at, timeZone), days), timeZone);
}
