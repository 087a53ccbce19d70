/** When value earned at an instant ends, by the calendar of the shop. */
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type LocalDate = { year: number; month: number; day: number };

const dayMs = 86_400_000;
const dayEndsMax = 2_000;

// Reading a zone's calendar is slow and its answers never change, so both are remembered.
const calendars = new Map<string, Intl.DateTimeFormat>();
const dayEnds = new Map<string, number>();

/**
 * The first instant at which something earned at `at` is no longer valid, or null when it never ends. It is valid
 * *through* its last day in the shop's time zone; months clamp, so 31 January and one month end with February.
 * Throws RangeError for a time zone that does not exist.
 */
export function expiryOf(expiry: ProgramDocument['settings']['expiry'], at: Date, timeZone: string): Date | null {
  if (expiry.mode === 'none') return null;
  return endOfDay(addMonths(localDateOf(at, timeZone), expiry.months), timeZone);
}

function addMonths(date: LocalDate, months: number): LocalDate {
  const monthIndex = date.year * 12 + (date.month - 1) + months;
  const year = Math.floor(monthIndex / 12);
  const month = (monthIndex % 12) + 1;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: Math.min(date.day, daysInMonth) };
}

function endOfDay(date: LocalDate, timeZone: string): Date {
  const key = `${timeZone} ${date.year}-${date.month}-${date.day}`;
  const known = dayEnds.get(key);
  if (known !== undefined) return new Date(known);
  const ends = startOfDay(new Date(Date.UTC(date.year, date.month - 1, date.day + 1)), timeZone);
  if (dayEnds.size >= dayEndsMax) dayEnds.clear();
  dayEnds.set(key, ends.getTime());
  return ends;
}

/**
 * The first instant of a local day, given as its UTC midnight. Clocks may jump over midnight or pass it twice, so both
 * offsets around it are tried: the right one starts the day and has the day before right behind it.
 */
function startOfDay(utcMidnight: Date, timeZone: string): Date {
  const wallMs = utcMidnight.getTime();
  const offsets = [wallMs - dayMs, wallMs + dayMs].map((instantMs) => offsetMsAt(instantMs, timeZone));
  const candidates = offsets.map((offsetMs) => wallMs - offsetMs).toSorted((one, two) => one - two);
  const starts = candidates.find(
    (instantMs) => wallMsAt(instantMs, timeZone) >= wallMs && wallMsAt(instantMs - 1_000, timeZone) < wallMs,
  );
  return new Date(starts ?? candidates[0] ?? wallMs);
}

function offsetMsAt(instantMs: number, timeZone: string): number {
  return wallMsAt(instantMs, timeZone) - instantMs;
}

/** The wall clock of the zone at an instant (whole seconds), written as if it were UTC. */
function wallMsAt(instantMs: number, timeZone: string): number {
  const parts = readParts(instantMs, timeZone);
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

function localDateOf(at: Date, timeZone: string): LocalDate {
  const { year, month, day } = readParts(at.getTime(), timeZone);
  return { year, month, day };
}

function readParts(instantMs: number, timeZone: string): LocalDate & { hour: number; minute: number; second: number } {
  const values = new Map<string, number>();
  for (const part of calendarOf(timeZone).formatToParts(instantMs)) values.set(part.type, Number(part.value));
  const read = (type: string) => values.get(type) ?? 0;
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  };
}

function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const known = calendars.get(timeZone);
  if (known !== undefined) return known;
  const calendar = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  calendars.set(timeZone, calendar);
  return calendar;
}
