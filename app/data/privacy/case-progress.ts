/** How far a case has come: receipts, slices, what the ledger said before, and what is late. */
import type { Receipt } from '#app/data/privacy/cases.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CaseUrgency } from '#app/domain/privacy/case.ts';
import type { CaseId, MemberId } from '#app/lib/ids.ts';

/** Adds a receipt for a step, unless it has one. Safe to repeat. */
export async function addReceipt(tx: Tx, caseId: CaseId, receipt: Receipt): Promise<void> {
  await tx.query(
    `update erasure_case set receipts = receipts || $3::jsonb, progress = null
     where shop_id = $1 and id = $2 and not receipts @> jsonb_build_array(jsonb_build_object('step', $4::text))`,
    [tx.shopId, caseId, JSON.stringify([receipt]), receipt.step],
  );
}

/** Where a step that goes in slices stands: how much is done, and after which row it goes on. */
export type Progress = { count: number; after: string | null };

/** Where a step stands; at its beginning when it has not begun. */
export async function readProgress(tx: Tx, caseId: CaseId, step: string): Promise<Progress> {
  const [row] = await tx.query<{ progress: Progress & { step: string } }>(
    `select progress from erasure_case where shop_id = $1 and id = $2 and progress->>'step' = $3`,
    [tx.shopId, caseId, step],
  );
  return row === undefined ? { count: 0, after: null } : { count: row.progress.count, after: row.progress.after };
}

/** Notes where a step stands, in the transaction of its slice. */
export async function writeProgress(tx: Tx, caseId: CaseId, progress: Progress & { step: string }): Promise<void> {
  await tx.query('update erasure_case set progress = $3 where shop_id = $1 and id = $2', [
    tx.shopId,
    caseId,
    JSON.stringify(progress),
  ]);
}

/** Entries and sums of the ledger, by unit: figures that must be the same after an erasure. */
export type LedgerTotals = { entries: number; amounts: Record<string, number> };

/** What the ledger says of these members. Null means everybody. */
export async function sumLedger(tx: Tx, memberIds: MemberId[] | null): Promise<LedgerTotals> {
  const rows = await tx.query<{ unit: string; entries: number; amount: number }>(
    `select unit, count(*)::int as entries, sum(amount)::bigint as amount from ledger_entry
     where shop_id = $1 and ($2::uuid[] is null or member_id = any($2)) group by unit order by unit`,
    [tx.shopId, memberIds],
  );
  return {
    entries: rows.reduce((sum, { entries }) => sum + entries, 0),
    amounts: Object.fromEntries(rows.map(({ unit, amount }) => [unit, amount])),
  };
}

/** Remembers what the ledger said before anything was done. */
export async function writeLedgerBefore(tx: Tx, caseId: CaseId, totals: LedgerTotals): Promise<void> {
  await tx.query('update erasure_case set ledger = coalesce(ledger, $3) where shop_id = $1 and id = $2', [
    tx.shopId,
    caseId,
    JSON.stringify(totals),
  ]);
}

/** What the ledger said before anything was done, or null. */
export async function readLedgerBefore(tx: Tx, caseId: CaseId): Promise<LedgerTotals | null> {
  const [row] = await tx.query<{ ledger: LedgerTotals | null }>(
    'select ledger from erasure_case where shop_id = $1 and id = $2',
    [tx.shopId, caseId],
  );
  return row?.ledger ?? null;
}

/** The signed certificate of a case, as it was signed; null while there is none. */
export async function readCertificate(tx: Tx, caseId: CaseId): Promise<unknown> {
  const [row] = await tx.query<{ certificate: unknown }>(
    'select certificate from erasure_case where shop_id = $1 and id = $2',
    [tx.shopId, caseId],
  );
  return row?.certificate ?? null;
}

export type OpenCaseDue = { caseId: CaseId; kind: string; dueAt: Date; urgency: CaseUrgency | null };

/** Open cases that are due before an instant, those due first before others; at most `limit`. */
export async function listDueCases(tx: Tx, before: Date, limit: number): Promise<OpenCaseDue[]> {
  const rows = await tx.query<{ id: CaseId; kind: string; due_at: Date; urgency: CaseUrgency | null }>(
    `select id, kind, due_at, urgency from erasure_case
     where shop_id = $1 and state = 'open' and due_at <= $2 order by due_at, id limit $3 for update`,
    [tx.shopId, before, limit],
  );
  return rows.map((row) => ({ caseId: row.id, kind: row.kind, dueAt: row.due_at, urgency: row.urgency }));
}

/** Marks a case as late, or as late soon. */
export async function markUrgency(tx: Tx, caseId: CaseId, urgency: CaseUrgency): Promise<void> {
  await tx.query('update erasure_case set urgency = $3 where shop_id = $1 and id = $2', [tx.shopId, caseId, urgency]);
}
