/** Dates and numbers as the admin shows them, the same on the server and in the browser. */
import { formatMinor } from '#app/domain/money.ts';

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

/** `€1,234.50`, or a dash where nothing says what it is worth. */
export function formatWorth(minor: number | null, currency: string): string {
  return minor === null ? '—' : formatMinor({ minor, currency, locale: 'en' });
}

/** `Nov 2026` of `2026-11`, `21 Nov 2026` of `2026-11-21`. */
export function formatStep(step: string): string {
  const isDay = step.length > 7;
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    month: 'short',
    year: 'numeric',
    ...(isDay ? { day: 'numeric' } : {}),
  });
  return format.format(new Date(`${isDay ? step : `${step}-01`}T00:00:00Z`));
}

/** Who did something: `Staff 42`, `An integration`, or as it was recorded. */
export function formatActor(actor: string): string {
  const [kind = '', id = ''] = actor.split(':', 2);
  const kinds: Record<string, string> = { staff: 'Staff', api: 'Integration', system: 'Stampwell' };
  const named = kinds[kind];
  if (named === undefined) return formatCode(actor);
  return kind === 'staff' && id !== '' ? `${named} ${id}` : named;
}

/** A member without a name: the end of an id tells members apart, its beginning only says when they joined. */
export function formatMember(memberId: string): string {
  return `Member ${memberId.slice(-8)}`;
}

/** `99.9 %` of a share from 0 to 1. */
export function formatShare(share: number): string {
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(share * 100)} %`;
}
