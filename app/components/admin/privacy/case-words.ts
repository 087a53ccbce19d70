import type { CaseKind, CaseReason, CaseUrgency } from '#app/domain/privacy/case.ts';

export type CaseRow = {
  caseId: string;
  kind: CaseKind;
  origin: string;
  actor: string;
  state: 'open' | 'closed';
  urgency: CaseUrgency | null;
  memberIds: string[];
  receipts: { step: string; at: string; count: number }[];
  hasAnswer: boolean;
  hasCertificate: boolean;
  requestedAt: Date;
  dueAt: Date;
  closedAt: Date | null;
};

export const caseNames: Record<CaseKind, string> = {
  access: 'A copy of their data',
  portability: 'Their data to take elsewhere',
  rectification: 'Correction of their details',
  erasure: 'Erasure of a person',
  restriction: 'Keep the data, do not use it',
  objection: 'No marketing, no profiling',
  'shop-erasure': 'Erasure of the whole shop',
};

const originNames: Record<string, string> = {
  shopify: 'Shopify',
  shopper: 'the member',
  merchant: 'staff',
  api: 'an integration',
  restore: 'a restored backup',
  retention: 'the retention rules',
};

/** Who asked, as a person would say it. */
export function originOf({ origin }: CaseRow): string {
  return originNames[origin] ?? origin;
}

export type CaseStatus = { label: string; tone: 'success' | 'attention' | 'warning' | 'critical' };

/** Where a request stands. */
export function statusOf({ state, urgency }: CaseRow): CaseStatus {
  if (state === 'closed') return { label: 'Done', tone: 'success' };
  if (urgency === 'overdue') return { label: 'Overdue', tone: 'critical' };
  return urgency === 'due-soon' ? { label: 'Due soon', tone: 'warning' } : { label: 'Open', tone: 'attention' };
}

export const reasonNames: Record<CaseReason, string> = {
  'asked-in-writing': 'The member asked in writing',
  'asked-in-person': 'The member asked in person',
  'asked-by-authority': 'An authority or a lawyer asked',
  'no-longer-needed': 'The data is no longer needed',
};
