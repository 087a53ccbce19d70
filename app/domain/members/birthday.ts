/** Birthdays: a day and a month, never a year. */
import { addDays, type LocalDate } from '#app/domain/calendar.ts';

const pattern = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const leapYear = 2024;

/** Whether a text is a day of some year, written as MM-DD; 29 February is one. */
export function isBirthday(text: string): boolean {
  if (!pattern.test(text)) return false;
  const [month = 0, day = 0] = text.split('-').map(Number);
  return new Date(Date.UTC(leapYear, month - 1, day)).getUTCMonth() === month - 1;
}

export type BirthdayProblem = 'half' | 'no-day';

/** A day and a month as two fields of a form: both left empty is no birthday, one of them alone is half of one. */
export function readBirthday(day: string, month: string): { birthday: string | null; problem: BirthdayProblem | null } {
  if (day === '' && month === '') return { birthday: null, problem: null };
  if (day === '' || month === '') return { birthday: null, problem: 'half' };
  const birthday = `${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isBirthday(birthday) ? { birthday, problem: null } : { birthday: null, problem: 'no-day' };
}

/** Whether a birthday (MM-DD) is kept on this date: 29 February on the 28th in years that have no other. */
export function isBirthdayOn(birthday: string, date: LocalDate): boolean {
  if (birthday === monthDayOf(date)) return true;
  const isLastOfFebruary = date.month === 2 && addDays(date, 1).month === 3;
  return birthday === '02-29' && isLastOfFebruary && date.day === 28;
}

/** A date's day and month, as MM-DD. */
export function monthDayOf({ month, day }: LocalDate): string {
  return `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
