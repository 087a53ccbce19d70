/** What a person, the shop or Shopify may ask for about personal data, and by when it must be done. */

export const caseKinds = [
  'access',
  'rectification',
  'erasure',
  'portability',
  'restriction',
  'objection',
  'shop-erasure',
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** What can be asked about one person. */
export const subjectCaseKinds = caseKinds.filter((kind): kind is SubjectCaseKind => kind !== 'shop-erasure');
export type SubjectCaseKind = Exclude<CaseKind, 'shop-erasure'>;

/** Where a request came from. */
export type SubjectCaseOrigin = 'shopper' | 'merchant' | 'api';
export type CaseOrigin = SubjectCaseOrigin | 'shopify' | 'restore' | 'retention';

export type CaseUrgency = 'due-soon' | 'overdue';

/** Article 12(3) of the GDPR gives one month: 28 days are within a month of any length. */
const answerDays = 28;
const dueSoonDays = 7;
const dayMs = 86_400_000;

/** By when a request must be done. */
export function dueDateOf(requestedAt: Date): Date {
  return new Date(requestedAt.getTime() + answerDays * dayMs);
}

/** Requests due by then are due soon, or overdue. */
export function dueSoonAt(at: Date): Date {
  return new Date(at.getTime() + dueSoonDays * dayMs);
}

/** How urgent a request that is still open has become; null while there is time. */
export function urgencyOf(dueAt: Date, at: Date): CaseUrgency | null {
  if (at >= dueAt) return 'overdue';
  return dueAt <= dueSoonAt(at) ? 'due-soon' : null;
}

/** Why the shop opens a case for somebody: picked from a list, so that nobody is named in what can never be deleted. */
export const caseReasons = ['asked-in-writing', 'asked-in-person', 'asked-by-authority', 'no-longer-needed'] as const;
export type CaseReason = (typeof caseReasons)[number];

/** What can be taken out of a case: the answer as a document or a table, and the certificate. */
export const caseFileKinds = ['json', 'csv', 'certificate'] as const;
export type CaseFileKind = (typeof caseFileKinds)[number];
