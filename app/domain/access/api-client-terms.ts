/** What a merchant may decide about an API client, and what is wrong with it. */

export const apiClientLimits = {
  nameLengthMax: 60,
  networksMax: 50,
  programsMax: 50,
  requestsPerSecondMax: 1_000,
  clientsMax: 50,
  /** How long two secrets may be good side by side. */
  overlapHoursMax: 7 * 24,
  lifetimeDaysMax: 3 * 366,
} as const;

export type AskedTerms = {
  name: string;
  scopes: string[];
  programIds: string[] | null;
  networks: string[];
  requestsPerSecond: number | null;
  expiresAt: Date | null;
};

export type TermsProblem = {
  path: 'name' | 'scopes' | 'programIds' | 'networks' | 'requestsPerSecond' | 'expiresAt';
  message: string;
};

type Known = { scopes: readonly string[]; programIds: readonly string[]; at: Date };

/** Everything that is wrong, for people; nothing when all is well. */
export function termsProblems(asked: AskedTerms, known: Known): TermsProblem[] {
  return [...nameProblems(asked), ...reachProblems(asked, known), ...boundProblems(asked, known)];
}

function nameProblems({ name }: AskedTerms): TermsProblem[] {
  const { nameLengthMax } = apiClientLimits;
  if (name === '') return [{ path: 'name', message: 'Give it a name that tells who uses it.' }];
  return name.length > nameLengthMax ? [{ path: 'name', message: `At most ${nameLengthMax} characters.` }] : [];
}

/** What it may do, and for which programs. */
function reachProblems({ scopes, programIds }: AskedTerms, known: Known): TermsProblem[] {
  const problems: TermsProblem[] = [];
  if (scopes.length === 0) problems.push({ path: 'scopes', message: 'Choose at least one thing it may do.' });
  if (scopes.some((scope) => !known.scopes.includes(scope)))
    problems.push({ path: 'scopes', message: 'One of these permissions is unknown.' });
  if (programIds?.length === 0)
    problems.push({ path: 'programIds', message: 'Choose at least one program, or allow all of them.' });
  if (programIds?.some((id) => !known.programIds.includes(id)) === true)
    problems.push({ path: 'programIds', message: 'One of these programs is gone.' });
  return problems;
}

/** From where, how fast, how long. Whether a network is one is not seen here. */
function boundProblems({ networks, requestsPerSecond: pace, expiresAt }: AskedTerms, { at }: Known): TermsProblem[] {
  const { networksMax, requestsPerSecondMax } = apiClientLimits;
  const problems: TermsProblem[] = expiresAt === null ? [] : expiryProblems(expiresAt, at);
  if (networks.length > networksMax) problems.push({ path: 'networks', message: `At most ${networksMax} networks.` });
  if (pace !== null && !(Number.isInteger(pace) && pace >= 1 && pace <= requestsPerSecondMax))
    problems.push({ path: 'requestsPerSecond', message: `A whole number from 1 to ${requestsPerSecondMax}.` });
  return problems;
}

function expiryProblems(expiresAt: Date, at: Date): TermsProblem[] {
  const aheadMs = expiresAt.getTime() - at.getTime();
  if (!(aheadMs > 0)) return [{ path: 'expiresAt', message: 'Choose a day that is still to come.' }];
  const isTooFar = aheadMs > apiClientLimits.lifetimeDaysMax * 24 * 3_600_000;
  return isTooFar ? [{ path: 'expiresAt', message: 'At most three years from now.' }] : [];
}
