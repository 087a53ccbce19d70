/** What a certificate says of a case that is done: ids and figures, so that it can be shown to anybody. */
import { type LedgerTotals, readLedgerBefore, sumLedger } from '#app/data/privacy/case-progress.ts';
import type { PrivacyCase, Receipt } from '#app/data/privacy/cases.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CaseKind } from '#app/domain/privacy/case.ts';

export type CaseCertificate = {
  kind: 'erasure-certificate' | 'privacy-case-receipt';
  version: 1;
  caseId: string;
  shop: { id: string; domain: string };
  request: CaseKind;
  origin: string;
  requestedAt: string;
  dueAt: string;
  completedAt: string;
  /** Ids of the memberships; they name nobody once the membership is erased. Empty where it was about a whole shop. */
  memberships: string[];
  steps: Receipt[];
  /** What the ledger said of them before and after an erasure: the arithmetic is kept. */
  ledger: { before: LedgerTotals; after: LedgerTotals } | null;
};

/** Describes what was done in a case, as it stands now. */
export async function describeDone(tx: Tx, found: PrivacyCase, at: Date): Promise<CaseCertificate> {
  const { domain } = await readShop(tx);
  const isShop = found.kind === 'shop-erasure';
  const before = await readLedgerBefore(tx, found.caseId);
  return {
    kind: isShop || found.kind === 'erasure' ? 'erasure-certificate' : 'privacy-case-receipt',
    version: 1,
    caseId: found.caseId,
    shop: { id: tx.shopId, domain },
    request: found.kind,
    origin: found.origin,
    requestedAt: found.requestedAt.toISOString(),
    dueAt: found.dueAt.toISOString(),
    completedAt: at.toISOString(),
    memberships: isShop ? [] : found.memberIds,
    steps: found.receipts,
    ledger: before === null ? null : { before, after: await sumLedger(tx, isShop ? null : found.memberIds) },
  };
}
