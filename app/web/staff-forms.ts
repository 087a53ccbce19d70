/** Reads what the forms of the Staff page send. Whether a person may be given it is the domain's word. */
import { z } from 'zod';

import { type Role, roles } from '#app/domain/access/permissions.ts';
import type { Terms } from '#app/domain/access/staff-terms.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { textField } from '#app/web/admin-forms.ts';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const defaultRoles = ['manager', 'marketer', 'support', 'viewer'] as const;

function roleOf(form: FormData): Role {
  const parsed = z.enum(roles).safeParse(textField(form, 'role', 16));
  if (!parsed.success) throw new InvalidInput('bad-form', 'The form names no role');
  return parsed.data;
}

/** The end of a day in UTC: whoever is let in until a day may work through it. */
function endOf(day: string): Date | null {
  if (day === '') return null;
  const at = new Date(dayPattern.test(day) ? `${day}T23:59:59Z` : Number.NaN);
  return at;
}

/** What a person is given. An invalid day is passed on as an invalid date, so that its field can say so. */
export function readTerms(form: FormData): Terms {
  const places = textField(form, 'places', 16);
  const typed = textField(form, 'locations', 2_500);
  const listed = typed.split(/[\s,;]+/).filter((id) => id !== '');
  return {
    role: roleOf(form),
    locations: places === 'everywhere' ? null : places === 'nowhere' ? [] : listed,
    isLocked: form.get('isLocked') === 'on',
    expiresAt: endOf(textField(form, 'expires', 10)),
  };
}

function costOf(form: FormData, name: string): number | null {
  const text = textField(form, name, 12);
  return text === '' ? null : Number(text);
}

/** How the shop lets people in. Throws `InvalidInput` for what no form of ours sends. */
export function readAccessForm(form: FormData) {
  const defaultRole = z.enum(defaultRoles).safeParse(textField(form, 'defaultRole', 16));
  if (!defaultRole.success) throw new InvalidInput('bad-form', 'The form names no default role');
  return {
    defaultRole: defaultRole.data,
    isTillOpen: form.get('till') === 'open',
    tillCostMax: costOf(form, 'tillCostMax'),
    apiCostMax: costOf(form, 'apiCostMax'),
  };
}
