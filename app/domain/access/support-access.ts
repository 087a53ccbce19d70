/** When the platform's operators may look into a shop: what of it, for how long, and what a reason must be. */

export const supportScopes = ['overview', 'members'] as const;
export type SupportScope = (typeof supportScopes)[number];

export const supportLimits = {
  reasonLengthMin: 10,
  reasonLengthMax: 500,
  /** A merchant may wait for an answer over a weekend; an emergency is over the same day. */
  grantMinutesMax: 7 * 24 * 60,
  breakGlassMinutesMax: 8 * 60,
} as const;

export type AskedAccess = { scopes: string[]; reason: string; minutes: number };
export type SupportKind = 'break-glass' | 'grant';

/** Everything that is wrong, for people; nothing when all is well. */
export function supportProblems(asked: AskedAccess, kind: SupportKind): { path: string; message: string }[] {
  const problems: { path: string; message: string }[] = [];
  const minutesMax = kind === 'grant' ? supportLimits.grantMinutesMax : supportLimits.breakGlassMinutesMax;
  const { reasonLengthMin, reasonLengthMax } = supportLimits;
  if (asked.reason.length < reasonLengthMin || asked.reason.length > reasonLengthMax)
    problems.push({ path: 'reason', message: `Say why, in ${reasonLengthMin} to ${reasonLengthMax} characters.` });
  if (!(Number.isInteger(asked.minutes) && asked.minutes >= 1 && asked.minutes <= minutesMax))
    problems.push({ path: 'minutes', message: `From 1 to ${minutesMax} minutes.` });
  const isKnown = (scope: string) => supportScopes.some((known) => known === scope);
  if (asked.scopes.length === 0 || !asked.scopes.every(isKnown))
    problems.push({ path: 'scopes', message: 'Choose what may be looked at.' });
  return problems;
}
