/** When value ends, by the calendar on the shop's wall. */
import type { Expiry } from '#app/domain/programs/program.ts';
import { addDays, addMonths, dayText, endOfDay, lastDayOfPeriod } from '#test/support/oracle/wall-clock.ts';

/** The first instant at which value earned at a time is over; null when it never is. It is good through its last day. */
export function endOf(expiry: Expiry, earnedAt: number, timeZone: string): number | null {
  const day = dayText(earnedAt, timeZone);
  if (expiry.mode === 'none') return null;
  if (expiry.mode === 'calendar')
    return endOfDay(addDays(lastDayOfPeriod(day, expiry.period), expiry.graceDays), timeZone);
  return endOfDay(addMonths(day, expiry.months), timeZone);
}

/** The end of value given back to a lot that is over. */
export function endOfGrace(at: number, days: number, timeZone: string): number {
  return endOfDay(addDays(dayText(at, timeZone), days), timeZone);
}
