/** What a person may be given: which combinations of role, places and time make sense. */
import type { Role } from '#app/domain/access/permissions.ts';

export type Terms = {
  role: Role;
  /** Ids of Shopify's locations; null is everywhere, an empty list nowhere. */
  locations: string[] | null;
  isLocked: boolean;
  expiresAt: Date | null;
};

const locationsMax = 100;
const locationPattern = /^\d{1,20}$/;
const auditorDaysMax = 366;
const dayMs = 24 * 60 * 60_000;

/** What is wrong with the terms, by field, in words for people; empty when they can be given at `at`. */
export function termsProblems({ role, locations, isLocked, expiresAt }: Terms, at: Date): Record<string, string> {
  const problems: Record<string, string> = {};
  const end = endProblem(role, expiresAt, at);
  if (end !== null) problems['expiresAt'] = end;
  if (locations !== null && (locations.length > locationsMax || locations.some((id) => !locationPattern.test(id))))
    problems['locations'] = `Enter the numbers of up to ${locationsMax} locations, as Shopify shows them.`;
  if (role === 'owner' && isLocked) problems['isLocked'] = 'An owner cannot be locked out. Choose another role first.';
  return problems;
}

function endProblem(role: Role, expiresAt: Date | null, at: Date): string | null {
  if (expiresAt === null) return role === 'auditor' ? 'An auditor’s visit ends: choose the last day.' : null;
  if (role === 'owner') return 'An owner’s access has no end.';
  if (Number.isNaN(expiresAt.getTime())) return 'Choose a day.';
  const isTooLong = role === 'auditor' && expiresAt.getTime() > at.getTime() + auditorDaysMax * dayMs;
  return isTooLong ? 'An auditor’s visit lasts a year at most.' : null;
}
