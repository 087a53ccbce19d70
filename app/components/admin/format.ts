/** Dates and numbers as the admin shows them, the same on the server and in the browser. */

const locale = 'en-GB';

/** `21 Nov 2026` in the shop's own time zone. */
export function formatDay(at: Date | string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(
    new Date(at),
  );
}

/** `21 Nov 2026, 14:05` in the shop's own time zone. */
export function formatMoment(at: Date | string, timeZone: string): string {
  const time = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', hour12: false });
  return `${formatDay(at, timeZone)}, ${time.format(new Date(at))}`;
}

/** `1,234` */
export function formatCount(value: number): string {
  return new Intl.NumberFormat('en').format(value);
}

/** `+3` or `−2`, with a true minus sign. */
export function formatChange(value: number): string {
  return value < 0 ? `−${formatCount(-value)}` : `+${formatCount(value)}`;
}

/** `refunds/create` and `customer-redact` as words: `Refunds create`. */
export function formatCode(code: string): string {
  const words = code.replaceAll(/[-_/:]/g, ' ').trim();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
