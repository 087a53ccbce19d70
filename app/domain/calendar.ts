/**
 * The calendar and wall clock of a time zone. Days, weekdays, opening hours and campaign times are the shop's own; all else
 * is instants.
 *
 * Reading a zone through `Intl` is slow and its answers never change, so what is read is remembered. Every function throws
 * RangeError for a time zone that does not exist.
 */

export type LocalDate = { year: number; month: number; day: number };
/** `weekday` is ISO: 1 is Monday, 7 is Sunday. `time` reads like 07:30. */
export type WallClock = LocalDate & { weekday: number; time: string };
export type Period = 'month' | 'quarter' | 'year';

const dayMs = 86_400_000;
const secondMs = 1_000;
// Within a stretch this short no zone changes its clock twice.
const stretchMs = 6 * 3_600_000;
const rememberedMax = 20_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
const instants = new Map<string, number>();
const wallTimes = new Map<string, number>();

/** What a clock on the shop's wall shows at an instant. */
export function wallClockOf(at: Date, timeZone: string): WallClock {
  const wall = new Date(wallMsAt(at.getTime(), timeZone));
  return {
    ...dateOf(wall),
    weekday: wall.getUTCDay() === 0 ? 7 : wall.getUTCDay(),
    time: wall.toISOString().slice(11, 16),
  };
}

/** The day of the shop's calendar on which an instant lies. */
export function localDateOf(at: Date, timeZone: string): LocalDate {
  return dateOf(new Date(wallMsAt(at.getTime(), timeZone)));
}

/**
 * The instant at which the wall clock comes to a time written like 2026-12-24T18:00. A time that the clock jumps over is
 * reached when the jump is over; of a time that comes twice the first is meant.
 */
export function instantOf(wallTime: string, timeZone: string): Date {
  const key = `${timeZone} ${wallTime}`;
  const known = wallTimes.get(key);
  if (known !== undefined) return new Date(known);
  const [date = '', time = ''] = wallTime.split('T');
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const instant = firstInstantOf(Date.UTC(year, month - 1, day, hour, minute), timeZone);
  if (wallTimes.size >= rememberedMax) wallTimes.clear();
  wallTimes.set(key, instant.getTime());
  return instant;
}

/** The first instant of a day. A day past the end of its month is counted on into the next. */
export function startOfDay({ year, month, day }: LocalDate, timeZone: string): Date {
  return firstInstantOf(Date.UTC(year, month - 1, day), timeZone);
}

/** The first instant after a day. */
export function endOfDay(date: LocalDate, timeZone: string): Date {
  return startOfDay(addDays(date, 1), timeZone);
}

/** So many days later. */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  return dateOf(new Date(Date.UTC(year, month - 1, day + days)));
}

/** So many months later; months clamp, so that 31 January and one month is the last of February. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const monthIndex = date.year * 12 + (date.month - 1) + months;
  const month = ((monthIndex % 12) + 12) % 12;
  const year = (monthIndex - month) / 12;
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return { year, month: month + 1, day: Math.min(date.day, daysInMonth) };
}

/** The first and the last day of the calendar period in which a day lies. */
export function periodOf(date: LocalDate, period: Period): { first: LocalDate; last: LocalDate } {
  const months = { month: 1, quarter: 3, year: 12 }[period];
  const first = { year: date.year, month: date.month - ((date.month - 1) % months), day: 1 };
  return { first, last: addDays(addMonths(first, months), -1) };
}

function dateOf(wall: Date): LocalDate {
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

/** The first instant at which the wall clock, written as if it were UTC, reads `wallMs` or, after a jump, more. */
function firstInstantOf(wallMs: number, timeZone: string): Date {
  const key = `${timeZone} ${wallMs}`;
  const known = instants.get(key);
  if (known !== undefined) return new Date(known);
  // Both offsets around it are tried. In a jump neither fits, and its end lies between them.
  const candidates = [wallMs - dayMs, wallMs + dayMs].map((instantMs) => wallMs - offsetMsAt(instantMs, timeZone));
  const earlier = Math.min(...candidates);
  const later = Math.max(...candidates);
  const exact = [earlier, later].find((instantMs) => wallMsAt(instantMs, timeZone) === wallMs);
  const found = exact ?? endOfJump({ wallMs, earlier, later, timeZone });
  if (instants.size >= rememberedMax) instants.clear();
  instants.set(key, found);
  return new Date(found);
}

function endOfJump(jump: { wallMs: number; earlier: number; later: number; timeZone: string }): number {
  let before = jump.earlier;
  let after = jump.later;
  while (after - before > secondMs) {
    const middle = before + secondMs * Math.floor((after - before) / (2 * secondMs));
    if (wallMsAt(middle, jump.timeZone) >= jump.wallMs) after = middle;
    else before = middle;
  }
  return after;
}

/** The wall clock of the zone at an instant, written as if it were UTC. */
function wallMsAt(instantMs: number, timeZone: string): number {
  return instantMs + offsetMsAt(instantMs, timeZone);
}

/** Only a stretch at whose two ends the clock differs needs a closer look. */
function offsetMsAt(instantMs: number, timeZone: string): number {
  const stretch = Math.floor(instantMs / stretchMs);
  const atStart = stretchOffset(stretch, timeZone);
  return atStart === stretchOffset(stretch + 1, timeZone) ? atStart : readOffsetMs(instantMs, timeZone);
}

function stretchOffset(stretch: number, timeZone: string): number {
  let known = offsets.get(timeZone);
  if (known === undefined) {
    known = new Map();
    offsets.set(timeZone, known);
  }
  let offsetMs = known.get(stretch);
  if (offsetMs === undefined) {
    offsetMs = readOffsetMs(stretch * stretchMs, timeZone);
    if (known.size >= rememberedMax) known.clear();
    known.set(stretch, offsetMs);
  }
  return offsetMs;
}

function readOffsetMs(instantMs: number, timeZone: string): number {
  const values = new Map<string, number>();
  for (const part of formatOf(timeZone).formatToParts(instantMs)) values.set(part.type, Number(part.value));
  const read = (type: string) => values.get(type) ?? 0;
  const wallMs = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
  return wallMs - Math.floor(instantMs / secondMs) * secondMs;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
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
  formats.set(timeZone, format);
  return format;
}
