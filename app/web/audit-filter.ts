/** What the audit page was asked to show, from its address or a form. */
import { addDays, startOfDay } from '#app/domain/calendar.ts';
import type { auditPage } from '#app/queries/audit-page.ts';

type AuditFilter = Parameters<typeof auditPage>[1]['filter'];

export type AuditFilterFields = Record<'actor' | 'action' | 'object' | 'from' | 'until', string>;

const textLengthMax = 100;
const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The fields as they were typed; what is no field of ours is left out, and what is no day is no limit. */
export function auditFields(given: URLSearchParams | FormData): AuditFilterFields {
  const field = (name: string) => {
    const value = given.get(name);
    return typeof value === 'string' ? value.trim().slice(0, textLengthMax) : '';
  };
  const day = (name: string) => (dayPattern.test(field(name)) ? field(name) : '');
  return {
    actor: field('actor'),
    action: field('action'),
    object: field('object'),
    from: day('from'),
    until: day('until'),
  };
}

/** The days count in the shop's own time zone; the last one is included. */
export function auditFilterOf(fields: AuditFilterFields, timeZone: string): AuditFilter {
  const orNull = (text: string) => (text === '' ? null : text);
  return {
    actor: orNull(fields.actor),
    action: orNull(fields.action),
    object: orNull(fields.object),
    from: dayStart(fields.from, 0, timeZone),
    until: dayStart(fields.until, 1, timeZone),
  };
}

function dayStart(text: string, daysOn: number, timeZone: string): Date | null {
  const [, year, month, day] = dayPattern.exec(text) ?? [];
  if (year === undefined) return null;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const at = startOfDay(addDays(date, daysOn), timeZone);
  return Number.isNaN(at.getTime()) ? null : at;
}
