/**
 * Consent and audit: append-only hash chains, one of each per shop. Subjects are opaque ids, so a chain still verifies
 * after the person behind one was erased. The head row is the lock: records of one shop are appended one by one.
 */
import type { Tx } from '#app/data/tenancy.ts';
import type { ChainRecord } from '#app/domain/privacy/chain-walk.ts';
import { now } from '#app/lib/clock.ts';
import { chainHash, chainStart } from '#app/lib/hash-chain.ts';

type Chain = 'consent' | 'audit';

export type ConsentPurpose = 'program' | 'marketing' | 'analytics';
export type ConsentChannel = 'wallet' | 'email' | 'sms';

export type Consent = {
  subject: string;
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  granted: boolean;
  wordingVersion: string;
  locale: string;
  /** Where it was given: 'join-page', 'checkout', 'api', 'shopify' … */
  source: string;
  occurredAt: Date;
  /** Where a mailed link has to confirm it: 'asked' grants nothing yet. Absent where one step was enough. */
  confirmation?: 'asked' | 'confirmed' | null;
  /** Particulars of the person, sealed under their own key: the hash covers the sealed bytes. */
  evidence?: Buffer | null;
};

export type AuditEvent = {
  /** 'staff:<id>', 'api:<client>', 'system' … */
  actor: string;
  action: string;
  /** What it was done to, as 'member:<id>'. */
  object: string;
  beforeHash: Buffer | null;
  afterHash: Buffer | null;
  reason: string | null;
  occurredAt: Date;
};

type LockedHead = { sequence: number; hash: Buffer; recorded_at: Date | null };

async function nextLink(tx: Tx, chain: Chain): Promise<LockedHead> {
  await tx.query(
    `insert into chain_head (shop_id, chain, sequence, hash) values ($1, $2, 0, $3) on conflict do nothing`,
    [tx.shopId, chain, chainStart],
  );
  const [head] = await tx.query<LockedHead>(
    'select sequence, hash, recorded_at from chain_head where shop_id = $1 and chain = $2 for update',
    [tx.shopId, chain],
  );
  if (head === undefined) throw new Error('Broken invariant: a chain has no head');
  return head;
}

async function moveHead(tx: Tx, chain: Chain, head: { sequence: number; hash: Buffer }): Promise<void> {
  await tx.query('update chain_head set sequence = $3, hash = $4 where shop_id = $1 and chain = $2', [
    tx.shopId,
    chain,
    head.sequence,
    head.hash,
  ]);
}

/** What is hashed. A record from before there were confirmations hashes as it always did. */
function consentContent({ confirmation, evidence, ...plain }: Consent): Record<string, unknown> {
  return { ...plain, ...(confirmation != null && { confirmation }), ...(evidence != null && { evidence }) };
}

/** A consent to be written down: its particulars are sealed for the record it becomes. */
export type NewConsent = Omit<Consent, 'evidence'> & { evidence?: ((sequence: number) => Buffer) | null };

/** Appends consents in the order given. */
export async function appendConsents(tx: Tx, consents: NewConsent[]): Promise<void> {
  if (consents.length === 0) return;
  let head: { sequence: number; hash: Buffer } = await nextLink(tx, 'consent');
  for (const { evidence: sealFor = null, ...given } of consents) {
    const sequence = head.sequence + 1;
    const consent: Consent = { ...given, evidence: sealFor?.(sequence) ?? null };
    const next = { sequence, hash: chainHash(head.hash, consentContent(consent)) };
    await tx.query(
      `insert into consent_record (shop_id, sequence, subject, purpose, channel, granted, wording_version, locale,
         source, occurred_at, previous_hash, hash, confirmation, evidence)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        tx.shopId,
        next.sequence,
        consent.subject,
        consent.purpose,
        consent.channel,
        consent.granted,
        consent.wordingVersion,
        consent.locale,
        consent.source,
        consent.occurredAt,
        head.hash,
        next.hash,
        consent.confirmation ?? null,
        consent.evidence ?? null,
      ],
    );
    head = next;
  }
  await moveHead(tx, 'consent', head);
}

/** Appends one audit record. It is kept with the month it is written down in, never an earlier one than the last's. */
export async function appendAudit(tx: Tx, event: AuditEvent): Promise<void> {
  const head = await nextLink(tx, 'audit');
  const recordedAt = new Date(Math.max(now().getTime(), head.recorded_at?.getTime() ?? 0));
  const next = { sequence: head.sequence + 1, hash: chainHash(head.hash, { ...event, recordedAt }) };
  await tx.query(
    `insert into audit_record (shop_id, sequence, actor, action, object, before_hash, after_hash, reason, occurred_at,
       previous_hash, hash, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.shopId,
      next.sequence,
      event.actor,
      event.action,
      event.object,
      event.beforeHash,
      event.afterHash,
      event.reason,
      event.occurredAt,
      head.hash,
      next.hash,
      recordedAt,
    ],
  );
  await moveHead(tx, 'audit', next);
  await tx.query(`update chain_head set recorded_at = $2 where shop_id = $1 and chain = 'audit'`, [
    tx.shopId,
    recordedAt,
  ]);
}

export type GivenConsent = {
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  granted: boolean;
  wordingVersion: string;
  source: string;
  occurredAt: Date;
  /** 'asked': a mail was sent, and its link was not opened yet. */
  confirmation: 'asked' | 'confirmed' | null;
};

/** The newest word of a member on each purpose and channel. */
export async function readConsents(tx: Tx, memberId: string): Promise<GivenConsent[]> {
  const rows = await tx.query<{
    purpose: ConsentPurpose;
    channel: ConsentChannel;
    granted: boolean;
    wording_version: string;
    source: string;
    occurred_at: Date;
    confirmation: 'asked' | 'confirmed' | null;
  }>(
    `select distinct on (purpose, channel) purpose, channel, granted, wording_version, source, occurred_at, confirmation
     from consent_record where shop_id = $1 and subject = $2 order by purpose, channel, sequence desc`,
    [tx.shopId, memberId],
  );
  return rows.map((row) => ({
    purpose: row.purpose,
    channel: row.channel,
    granted: row.granted,
    wordingVersion: row.wording_version,
    source: row.source,
    occurredAt: row.occurred_at,
    confirmation: row.confirmation,
  }));
}

/** A slice of the consent chain in order, with each record's content as it was hashed. */
export async function readConsentChain(tx: Tx, slice: { after: number; limit: number }): Promise<ChainRecord[]> {
  const rows = await tx.query<
    Omit<Consent, 'wordingVersion' | 'occurredAt'> & {
      sequence: number;
      wording_version: string;
      occurred_at: Date;
      previous_hash: Buffer;
      hash: Buffer;
    }
  >(
    `select sequence, subject, purpose, channel, granted, wording_version, locale, source, occurred_at, previous_hash, hash,
       confirmation, evidence
     from consent_record where shop_id = $1 and sequence > $2 order by sequence limit $3`,
    [tx.shopId, slice.after, slice.limit],
  );
  return rows.map(({ sequence, previous_hash, hash, wording_version, occurred_at, ...rest }) => ({
    sequence,
    previousHash: previous_hash,
    hash,
    content: consentContent({ ...rest, wordingVersion: wording_version, occurredAt: occurred_at }),
  }));
}

/** The head of a chain, or null while it is empty. */
export async function readChainHead(tx: Tx, chain: Chain): Promise<{ sequence: number; hash: Buffer } | null> {
  const [row] = await tx.query<{ sequence: number; hash: Buffer }>(
    'select sequence, hash from chain_head where shop_id = $1 and chain = $2',
    [tx.shopId, chain],
  );
  return row ?? null;
}
