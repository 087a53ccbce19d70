/** Privacy cases: what a person or Shopify asked for, what was done, and the proof. */
import { findShopKeys, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type CaseId, type MemberId, newId } from '#app/lib/ids.ts';
import { blindIndex, seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

export type CaseKind = 'access' | 'erasure' | 'shop-erasure';

/** Whom it is about, as Shopify named them. */
export type CaseSubject = {
  customerId: string | null;
  email: string | null;
  phone: string | null;
  orderIds: string[];
  /** Customer ids of the members that were found, which their rows no longer name once they are erased. */
  memberCustomerIds?: string[];
};

export type Receipt = { step: string; at: string; count: number };

export type PrivacyCase = {
  caseId: CaseId;
  kind: CaseKind;
  origin: string;
  state: 'open' | 'closed';
  memberIds: MemberId[];
  receipts: Receipt[];
  hasAnswer: boolean;
  requestedAt: Date;
  dueAt: Date;
  closedAt: Date | null;
};

const answerDays = 30;
const subjectPlace = (caseId: string) => ({ table: 'erasure_case', column: 'subject', row: caseId });
const answerPlace = (caseId: string) => ({ table: 'erasure_case', column: 'answer', row: caseId });

/** Opens a case once per source key; the due date is 30 days on. Safe to repeat. */
export async function openCase(
  tx: Tx,
  opened: { kind: CaseKind; origin: string; subject: CaseSubject | null; sourceKey: string; at: Date },
): Promise<CaseId> {
  const caseId = newId<CaseId>();
  const subject =
    opened.subject === null ? null : seal(await readShopKeys(tx), subjectPlace(caseId), JSON.stringify(opened.subject));
  const dueAt = new Date(opened.at.getTime() + answerDays * 86_400_000);
  const [row] = await tx.query<{ id: CaseId }>(
    `insert into erasure_case (shop_id, id, kind, origin, subject, source_key, requested_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (shop_id, source_key) do update set origin = erasure_case.origin returning id`,
    [tx.shopId, caseId, opened.kind, opened.origin, subject, opened.sourceKey, opened.at, dueAt],
  );
  return row?.id ?? caseId;
}

type CaseRow = {
  id: CaseId;
  kind: CaseKind;
  origin: string;
  state: 'open' | 'closed';
  member_ids: MemberId[];
  receipts: Receipt[];
  has_answer: boolean;
  requested_at: Date;
  due_at: Date;
  closed_at: Date | null;
};

const columns =
  'id, kind, origin, state, member_ids, receipts, answer is not null as has_answer, requested_at, due_at, closed_at';

function toCase(row: CaseRow): PrivacyCase {
  return {
    caseId: row.id,
    kind: row.kind,
    origin: row.origin,
    state: row.state,
    memberIds: row.member_ids,
    receipts: row.receipts,
    hasAnswer: row.has_answer,
    requestedAt: row.requested_at,
    dueAt: row.due_at,
    closedAt: row.closed_at,
  };
}

/** Locks a case, or answers null. */
export async function lockCase(tx: Tx, caseId: string): Promise<PrivacyCase | null> {
  const [row] = await tx.query<CaseRow>(
    `select ${columns} from erasure_case where shop_id = $1 and id = $2 for update`,
    [tx.shopId, caseId],
  );
  return row === undefined ? null : toCase(row);
}

/** Cases, open ones first, then newest; at most `limit`. */
export async function listCases(tx: Tx, limit: number): Promise<PrivacyCase[]> {
  const rows = await tx.query<CaseRow>(
    `select ${columns} from erasure_case where shop_id = $1 order by state desc, requested_at desc, id limit $2`,
    [tx.shopId, limit],
  );
  return rows.map(toCase);
}

/** Whom a case is about, or null once that was forgotten or can no longer be read because the shop was erased. */
export async function readCaseSubject(tx: Tx, caseId: CaseId): Promise<CaseSubject | null> {
  const [row] = await tx.query<{ subject: Buffer | null }>(
    'select subject from erasure_case where shop_id = $1 and id = $2',
    [tx.shopId, caseId],
  );
  const keys = await findShopKeys(tx);
  if (row?.subject == null || keys === null) return null;
  return JSON.parse(unseal(keys, subjectPlace(caseId), row.subject)) as CaseSubject;
}

/** Remembers which members a case is about, and by which customer ids they were known. */
export async function writeCaseMembers(
  tx: Tx,
  caseId: CaseId,
  found: { memberIds: MemberId[]; subject: CaseSubject },
): Promise<void> {
  const subject = seal(await readShopKeys(tx), subjectPlace(caseId), JSON.stringify(found.subject));
  await tx.query('update erasure_case set member_ids = $3, subject = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    caseId,
    found.memberIds,
    subject,
  ]);
}

/** Every customer id a case is about. */
export function customersOf(subject: CaseSubject | null): string[] {
  if (subject === null) return [];
  const named = subject.customerId === null ? [] : [subject.customerId];
  return [...new Set([...named, ...(subject.memberCustomerIds ?? [])])];
}

/** Adds a receipt for a step, unless it has one. Safe to repeat. */
export async function addReceipt(tx: Tx, caseId: CaseId, receipt: Receipt): Promise<void> {
  await tx.query(
    `update erasure_case set receipts = receipts || $3::jsonb
     where shop_id = $1 and id = $2 and not receipts @> jsonb_build_array(jsonb_build_object('step', $4::text))`,
    [tx.shopId, caseId, JSON.stringify([receipt]), receipt.step],
  );
}

/** Closes a case and forgets whom it was about; `answer` is kept sealed until it is handed over. Safe to repeat. */
export async function closeCase(tx: Tx, caseId: CaseId, closed: { at: Date; answer: string | null }): Promise<void> {
  const answer = closed.answer === null ? null : seal(await readShopKeys(tx), answerPlace(caseId), closed.answer);
  await tx.query(
    `update erasure_case set state = 'closed', closed_at = coalesce(closed_at, $3), subject = null,
       answer = coalesce($4, answer) where shop_id = $1 and id = $2`,
    [tx.shopId, caseId, closed.at, answer],
  );
}

/** The answer of an access case, opened, or null. */
export async function readCaseAnswer(tx: Tx, caseId: string): Promise<string | null> {
  const [row] = await tx.query<{ answer: Buffer | null }>(
    'select answer from erasure_case where shop_id = $1 and id = $2',
    [tx.shopId, caseId],
  );
  return row?.answer == null ? null : unseal(await readShopKeys(tx), answerPlace(caseId), row.answer);
}

/** Deletes answers that were kept long enough. Answers how many. */
export async function purgeAnswers(tx: Tx, before: Date): Promise<number> {
  const rows = await tx.query(
    'update erasure_case set answer = null where shop_id = $1 and answer is not null and closed_at < $2 returning id',
    [tx.shopId, before],
  );
  return rows.length;
}

/** A keyed fingerprint of an erased customer or address, from which nothing can be read. */
export function tombstoneOf(keys: ShopKeys, what: string): Buffer {
  return blindIndex(keys, 'tombstone', what);
}

/** Remembers that these were erased. Safe to repeat. */
export async function addTombstones(tx: Tx, fingerprints: Buffer[], at: Date): Promise<void> {
  await tx.query(
    `insert into tombstone (shop_id, fingerprint, erased_at) select $1, unnest($2::bytea[]), $3 on conflict do nothing`,
    [tx.shopId, fingerprints, at],
  );
}

/** Whether the shop, or anybody of it, was ever erased: where nobody was, nobody has to be looked up. */
export async function readErasures(tx: Tx): Promise<{ isShopErased: boolean; isAnybodyErased: boolean }> {
  const [row] = await tx.query<{ shop: boolean; anybody: boolean }>(
    `select state = 'redacted' as shop, exists (select from tombstone where shop_id = $1) as anybody from shop where id = $1`,
    [tx.shopId],
  );
  return { isShopErased: row?.shop ?? true, isAnybodyErased: row?.anybody ?? true };
}

/** Which of these fingerprints were erased. */
export async function findTombstones(tx: Tx, fingerprints: Buffer[]): Promise<Set<string>> {
  const rows = await tx.query<{ fingerprint: Buffer }>(
    'select fingerprint from tombstone where shop_id = $1 and fingerprint = any($2)',
    [tx.shopId, fingerprints],
  );
  return new Set(rows.map((row) => row.fingerprint.toString('hex')));
}
