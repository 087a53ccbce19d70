/** Privacy cases: what a person, the shop or Shopify asked for, what was done, and the proof. */
import { findShopKeys, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type CaseKind, type CaseOrigin, type CaseUrgency, dueDateOf } from '#app/domain/privacy/case.ts';
import { isId, type CaseId, type MemberId, newId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

/** Whom it is about, as Shopify named them or by our own ids. */
export type CaseSubject = {
  customerId: string | null;
  email: string | null;
  phone: string | null;
  orderIds: string[];
  /** Members that were named by their ids. */
  memberIds?: MemberId[];
  /** Customer ids of the members that were found, which their rows no longer name once they are erased. */
  memberCustomerIds?: string[];
};

/** What a rectification changes; what is absent stays. */
export type CaseDetails = {
  name?: string;
  email?: string;
  phone?: string;
  /** Day and month, as MM-DD. */
  birthday?: string;
  locale?: string;
  timeZone?: string;
};

export type Receipt = { step: string; at: string; count: number };

export type PrivacyCase = {
  caseId: CaseId;
  kind: CaseKind;
  origin: string;
  actor: string;
  state: 'open' | 'closed';
  urgency: CaseUrgency | null;
  memberIds: MemberId[];
  receipts: Receipt[];
  hasAnswer: boolean;
  hasCertificate: boolean;
  requestedAt: Date;
  dueAt: Date;
  closedAt: Date | null;
};

const subjectPlace = (caseId: string) => ({ table: 'erasure_case', column: 'subject', row: caseId });
const answerPlace = (caseId: string) => ({ table: 'erasure_case', column: 'answer', row: caseId });
const detailsPlace = (caseId: string) => ({ table: 'erasure_case', column: 'details', row: caseId });

export type NewCase = {
  kind: CaseKind;
  origin: CaseOrigin;
  actor: string;
  subject: CaseSubject | null;
  details: CaseDetails | null;
  /** The same key again is the same case. */
  sourceKey: string;
  at: Date;
};

/** Opens a case once per source key. Safe to repeat. */
export async function openCase(tx: Tx, opened: NewCase): Promise<CaseId> {
  const caseId = newId<CaseId>();
  const { subject, details } = opened;
  const keys = subject === null && details === null ? null : await readShopKeys(tx);
  const [row] = await tx.query<{ id: CaseId }>(
    `insert into erasure_case (shop_id, id, kind, origin, actor, subject, details, member_ids, source_key, requested_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (shop_id, source_key) do update set origin = erasure_case.origin returning id`,
    [
      tx.shopId,
      caseId,
      opened.kind,
      opened.origin,
      opened.actor,
      keys === null || subject === null ? null : seal(keys, subjectPlace(caseId), JSON.stringify(subject)),
      keys === null || details === null ? null : seal(keys, detailsPlace(caseId), JSON.stringify(details)),
      subject?.memberIds ?? [],
      opened.sourceKey,
      opened.at,
      dueDateOf(opened.at),
    ],
  );
  return row?.id ?? caseId;
}

type CaseRow = {
  id: CaseId;
  kind: CaseKind;
  origin: string;
  actor: string;
  state: 'open' | 'closed';
  urgency: CaseUrgency | null;
  member_ids: MemberId[];
  receipts: Receipt[];
  has_answer: boolean;
  has_certificate: boolean;
  requested_at: Date;
  due_at: Date;
  closed_at: Date | null;
};

const columns = `id, kind, origin, actor, state, urgency, member_ids, receipts, answer is not null as has_answer,
  certificate is not null as has_certificate, requested_at, due_at, closed_at`;

function toCase(row: CaseRow): PrivacyCase {
  return {
    caseId: row.id,
    kind: row.kind,
    origin: row.origin,
    actor: row.actor,
    state: row.state,
    urgency: row.urgency,
    memberIds: row.member_ids,
    receipts: row.receipts,
    hasAnswer: row.has_answer,
    hasCertificate: row.has_certificate,
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

/** A case, or null; another shop's is as none. */
export async function findCase(tx: Tx, caseId: string): Promise<PrivacyCase | null> {
  if (!isId(caseId)) return null;
  const [row] = await tx.query<CaseRow>(`select ${columns} from erasure_case where shop_id = $1 and id = $2`, [
    tx.shopId,
    caseId,
  ]);
  return row === undefined ? null : toCase(row);
}

/** Cases, open ones first, those due soonest before others, then newest; at most `limit`. */
export async function listCases(tx: Tx, limit: number): Promise<PrivacyCase[]> {
  const rows = await tx.query<CaseRow>(
    `select ${columns} from erasure_case where shop_id = $1
     order by state desc, case when state = 'open' then due_at end, requested_at desc, id limit $2`,
    [tx.shopId, limit],
  );
  return rows.map(toCase);
}

/** The cases about a member, newest first; at most `limit`. */
export async function listMemberCases(tx: Tx, memberId: MemberId, limit: number): Promise<PrivacyCase[]> {
  const rows = await tx.query<CaseRow>(
    `select ${columns} from erasure_case where shop_id = $1 and member_ids @> array[$2]::uuid[]
     order by requested_at desc, id limit $3`,
    [tx.shopId, memberId, limit],
  );
  return rows.map(toCase);
}

/** The open case of a kind about a member, or null. */
export async function findOpenCase(tx: Tx, memberId: MemberId, kind: CaseKind): Promise<CaseId | null> {
  const [row] = await tx.query<{ id: CaseId }>(
    `select id from erasure_case where shop_id = $1 and state = 'open' and kind = $3 and member_ids @> array[$2]::uuid[]
     order by requested_at limit 1`,
    [tx.shopId, memberId, kind],
  );
  return row?.id ?? null;
}

async function openSealed(tx: Tx, caseId: string, column: 'subject' | 'details' | 'answer'): Promise<string | null> {
  const [row] = await tx.query<Record<'subject' | 'details' | 'answer', Buffer | null>>(
    'select subject, details, answer from erasure_case where shop_id = $1 and id = $2',
    [tx.shopId, caseId],
  );
  const sealed = row?.[column] ?? null;
  const keys = sealed === null ? null : await findShopKeys(tx);
  return sealed === null || keys === null ? null : unseal(keys, { table: 'erasure_case', column, row: caseId }, sealed);
}

/** Whom a case is about, or null once that was forgotten or can no longer be read because the shop was erased. */
export async function readCaseSubject(tx: Tx, caseId: CaseId): Promise<CaseSubject | null> {
  const text = await openSealed(tx, caseId, 'subject');
  return text === null ? null : (JSON.parse(text) as CaseSubject);
}

/** What a rectification says, or null once it was forgotten. */
export async function readCaseDetails(tx: Tx, caseId: CaseId): Promise<CaseDetails | null> {
  const text = await openSealed(tx, caseId, 'details');
  return text === null ? null : (JSON.parse(text) as CaseDetails);
}

/** The answer of an access or portability case, opened; null while there is none, and once it was deleted. */
export async function readCaseAnswer(tx: Tx, caseId: string): Promise<string | null> {
  return openSealed(tx, caseId, 'answer');
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

export type ClosedCase = { at: Date; answer: string | null; certificate: unknown };

/** Closes a case and forgets whom it was about; `answer` is kept sealed until it is handed over. Safe to repeat. */
export async function closeCase(tx: Tx, caseId: CaseId, closed: ClosedCase): Promise<void> {
  const answer = closed.answer === null ? null : seal(await readShopKeys(tx), answerPlace(caseId), closed.answer);
  await tx.query(
    `update erasure_case set state = 'closed', closed_at = coalesce(closed_at, $3), subject = null, details = null,
       progress = null, answer = coalesce($4, answer), certificate = coalesce(certificate, $5) where shop_id = $1 and id = $2`,
    [tx.shopId, caseId, closed.at, answer, closed.certificate === null ? null : JSON.stringify(closed.certificate)],
  );
}

/** Deletes answers that were kept long enough. Answers how many. */
export async function purgeAnswers(tx: Tx, before: Date): Promise<number> {
  const rows = await tx.query(
    'update erasure_case set answer = null where shop_id = $1 and answer is not null and closed_at < $2 returning id',
    [tx.shopId, before],
  );
  return rows.length;
}
