/** Days of a shop's own calendar. */
import { localDateOf } from '#app/domain/calendar.ts';

/** The day on which an instant lies in the shop's time zone, such as 2026-11-21. */
export function dayOf(at: Date, timeZone: string): string {
  const { year, month, day } = localDateOf(at, timeZone);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
