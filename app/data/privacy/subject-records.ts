/** What is held about a person beside their membership: consents with proof, requests, reports, and decisions of machines. */
import { readEvidence } from '#app/data/privacy/consent-keys.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

type Records = Record<string, unknown>[];

/** Everything of that kind about one member, for them to read. */
export async function collectSubjectRecords(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>> {
  return {
    consents: await listConsents(tx, memberId),
    requests: await listRequests(tx, memberId),
    reports: await listReports(tx, memberId),
    decisions: await listDecisions(tx, memberId),
    contact: await readContact(tx, memberId),
  };
}

/** Every word they ever gave, with the address it was given for where one was noted. */
async function listConsents(tx: Tx, memberId: MemberId): Promise<Records> {
  const rows = await tx.query<Record<string, unknown> & { sequence: number }>(
    `select sequence, purpose, channel, granted, confirmation, wording_version as "wordingVersion", locale, source,
       occurred_at as "occurredAt" from consent_record where shop_id = $1 and subject = $2 order by sequence`,
    [tx.shopId, memberId],
  );
  const noted = rows.length === 0 ? new Map<number, { address: string }>() : await readEvidence(tx, memberId);
  return rows.map(({ sequence, ...row }) => ({ ...row, address: noted.get(sequence)?.address ?? null }));
}

function listRequests(tx: Tx, memberId: MemberId): Promise<Records> {
  return tx.query(
    `select kind, origin, state, requested_at as "requestedAt", closed_at as "closedAt" from erasure_case
     where shop_id = $1 and member_ids @> array[$2]::uuid[] order by requested_at, id`,
    [tx.shopId, memberId],
  );
}

function listReports(tx: Tx, memberId: MemberId): Promise<Records> {
  return tx.query(
    `select subject, state, reported_at as "reportedAt", closed_at as "closedAt" from activity_report
     where shop_id = $1 and member_id = $2 order by reported_at, id`,
    [tx.shopId, memberId],
  );
}

/** What a machine decided about them, and by which rules: they may ask for a person's word instead. */
function listDecisions(tx: Tx, memberId: MemberId): Promise<Records> {
  return tx.query(
    `select action, outcome, score, inputs, rules, rules_version as "rulesVersion", decided_at as "decidedAt",
       overridden_at as "overriddenAt", override_reason as "overrideReason"
     from risk_decision where shop_id = $1 and member_id = $2 order by decided_at, id`,
    [tx.shopId, memberId],
  );
}

async function readContact(tx: Tx, memberId: MemberId): Promise<Record<string, unknown> | null> {
  const [row] = await tx.query(
    `select m.contact_changed_at as "changedAt", p.email_proven_at as "emailProvenAt",
       m.restricted_at as "restrictedAt", m.objected_at as "objectedAt"
     from member m left join member_profile p on p.shop_id = m.shop_id and p.member_id = m.id
     where m.shop_id = $1 and m.id = $2`,
    [tx.shopId, memberId],
  );
  return row ?? null;
}
