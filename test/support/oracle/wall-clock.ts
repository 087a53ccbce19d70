/**
 * What the clock on the shop's wall shows, and when it shows it. Answers are found by trying one minute after the other,
 * because that cannot be wrong about clocks that jump.
 */

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const clocks = new Map<string, Intl.DateTimeFormat>();
const walls = new Map<string, string>();
const instants = new Map<string, number>();

/** The wall clock as `2026-12-24T18:00`. Such texts compare like the times they mean. */
export function wallText(at: number, timeZone: string): string {
  const minute = at - (((at % minuteMs) + minuteMs) % minuteMs);
  const key = `${timeZone} ${minute}`;
  const known = walls.get(key);
  if (known !== undefined) return known;
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    clocks.set(timeZone, clock);
  }
  const text = clock.format(minute).replace(' ', 'T');
  if (walls.size > 100_000) walls.clear();
  walls.set(key, text);
  return text;
}

/** The calendar day of the shop, as `2026-12-24`. */
export function dayText(at: number, timeZone: string): string {
  return wallText(at, timeZone).slice(0, 10);
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  // 3 January 2000 was a Monday.
  const daysSince = Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse('2000-01-03T00:00:00Z')) / dayMs);
  return (((daysSince % 7) + 7) % 7) + 1;
}

/** The first instant at which the wall clock shows this time, or a later one when it never shows this one. */
export function instantOf(wall: string, timeZone: string): number {
  const key = `${timeZone} ${wall}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const asInGreenwich = Date.parse(`${wall}:00Z`);
  // However far ahead of Greenwich the clock goes on the day before or after, three hours earlier it shows less.
  const ahead = [-dayMs, dayMs].map((days) => {
    const instant = asInGreenwich + days;
    return Date.parse(`${wallText(instant, timeZone)}:00Z`) - instant;
  });
  let at = asInGreenwich - Math.max(...ahead) - 3 * hourMs;
  while (wallText(at, timeZone) < wall) at += minuteMs;
  instants.set(key, at);
  return at;
}

/** The first instant of the day after this one. */
export function endOfDay(day: string, timeZone: string): number {
  return instantOf(`${addDays(day, 1)}T00:00`, timeZone);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** The same day so many months later, or the last of that month when it has no such day. */
export function addMonths(day: string, months: number): string {
  let year = Number(day.slice(0, 4));
  let month = Number(day.slice(5, 7));
  for (let added = 0; added < months; added += 1) {
    month += 1;
    if (month === 13) {
      month = 1;
      year += 1;
    }
  }
  let dayOfMonth = Number(day.slice(8, 10));
  while (!isDay(textOf(year, month, dayOfMonth))) dayOfMonth -= 1;
  return textOf(year, month, dayOfMonth);
}

/** The last day of the calendar month, quarter or year in which this day lies. */
export function lastDayOfPeriod(day: string, period: 'month' | 'quarter' | 'year'): string {
  let last = day;
  while (periodOf(addDays(last, 1), period) === periodOf(day, period)) last = addDays(last, 1);
  return last;
}

/** A name of the calendar period in which a day lies. */
export function periodOf(day: string, period: 'month' | 'quarter' | 'year'): string {
  if (period === 'year') return day.slice(0, 4);
  if (period === 'month') return day.slice(0, 7);
  const month = day.slice(5, 7);
  if (month <= '03') return `${day.slice(0, 4)} first`;
  if (month <= '06') return `${day.slice(0, 4)} second`;
  return month <= '09' ? `${day.slice(0, 4)} third` : `${day.slice(0, 4)} fourth`;
}

function textOf(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
