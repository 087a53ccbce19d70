/** The dates of HTTP headers (RFC 9110, 5.6.7): three spellings, all in UTC, and nothing else. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// A leap second has the number 60.
const spellings = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^(?<day>[A-Z][a-z]{2}), (?<date>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hours>[01]\d|2[0-3]):(?<minutes>[0-5]\d):(?<seconds>[0-5]\d|60) GMT$/,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^(?<day>[A-Z][a-z]{5,8}), (?<date>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<hours>[01]\d|2[0-3]):(?<minutes>[0-5]\d):(?<seconds>[0-5]\d|60) GMT$/,
  // Sun Nov  6 08:49:37 1994
  /^(?<day>[A-Z][a-z]{2}) (?<month>[A-Z][a-z]{2}) (?<date>\d\d| \d) (?<hours>[01]\d|2[0-3]):(?<minutes>[0-5]\d):(?<seconds>[0-5]\d|60) (?<year>\d{4})$/,
];

const yearsAheadMax = 50;

/** Two digits that would be more than 50 years ahead mean the most recent year in the past that ends with them. */
function wholeYear(text: string): number {
  if (text.length === 4) return Number(text);
  const thisYear = new Date().getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(text);
  return year > thisYear + yearsAheadMax ? year - 100 : year;
}

const firstSpellingLength = 'Sun, 06 Nov 1994 08:49:37 GMT'.length;

/** The moment that a header names; null when it is no date of HTTP, or one that no calendar has. */
export function parseHttpDate(text: string): Date | null {
  const said = new Date(text);
  // Most callers send back what we sent: a date that would be written just so needs no second look.
  return text.length === firstSpellingLength && said.toUTCString() === text ? said : parseSpelling(text);
}

function parseSpelling(text: string): Date | null {
  const parts = spellings.map((spelling) => spelling.exec(text)?.groups).find((groups) => groups !== undefined);
  if (parts === undefined) return null;
  const { day = '', month: monthName = '', year = '' } = parts;
  const [date, hours, minutes, seconds] = [parts['date'], parts['hours'], parts['minutes'], parts['seconds']].map(
    Number,
  );
  const at = new Date(0);
  at.setUTCFullYear(wholeYear(year), months.indexOf(monthName), date);
  const weekday = days[at.getUTCDay()];
  // The 31st of February would be one in March, on another day of the week than it says.
  if (!months.includes(monthName) || at.getUTCDate() !== date) return null;
  if (day !== weekday && day !== weekday?.slice(0, 3)) return null;
  at.setUTCHours(hours ?? 0, minutes, seconds);
  return at;
}

/** What was written already: a pass that is asked for again brings the very same date, and writing one is slow. */
const written = new WeakMap<Date, string>();

/** A date as a header says it, in the first spelling. A date that was written once must not be set to another time. */
export function writeHttpDate(date: Date): string {
  const known = written.get(date);
  if (known !== undefined) return known;
  const text = date.toUTCString();
  written.set(date, text);
  return text;
}
