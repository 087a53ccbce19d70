/**
 * Consent and audit: append-only hash chains, one of each per shop. Subjects are opaque ids, so a chain still verifies
 * after the person behind one was erased. The head row is the lock: records of one shop are appended one by one.
 */
import type { Tx } from '#app/data/tenancy.ts';
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

async function nextLink(tx: Tx, chain: Chain): Promise<{ sequence: number; hash: Buffer }> {
  await tx.query(
    `insert into chain_head (shop_id, chain, sequence, hash) values ($1, $2, 0, $3) on conflict do nothing`,
    [tx.shopId, chain, chainStart],
  );
  const [head] = await tx.query<{ sequence: number; hash: Buffer }>(
    'select sequence, hash from chain_head where shop_id = $1 and chain = $2 for update',
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

/** Appends consents in the order given. */
export async function appendConsents(tx: Tx, consents: Consent[]): Promise<void> {
  if (consents.length === 0) return;
  let head = await nextLink(tx, 'consent');
  for (const consent of consents) {
    const next = { sequence: head.sequence + 1, hash: chainHash(head.hash, consent) };
    await tx.query(
      `insert into consent_record (shop_id, sequence, subject, purpose, channel, granted, wording_version, locale,
         source, occurred_at, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
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
      ],
    );
    head = next;
  }
  await moveHead(tx, 'consent', head);
}

/** Appends one audit record. */
export async function appendAudit(tx: Tx, event: AuditEvent): Promise<void> {
  const head = await nextLink(tx, 'audit');
  const next = { sequence: head.sequence + 1, hash: chainHash(head.hash, event) };
  await tx.query(
    `insert into audit_record (shop_id, sequence, actor, action, object, before_hash, after_hash, reason, occurred_at,
       previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
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
    ],
  );
  await moveHead(tx, 'audit', next);
}

export type GivenConsent = {
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  granted: boolean;
  wordingVersion: string;
  source: string;
  occurredAt: Date;
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
  }>(
    `select distinct on (purpose, channel) purpose, channel, granted, wording_version, source, occurred_at
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
  }));
}

export type ChainRecord = { sequence: number; content: Record<string, unknown>; previousHash: Buffer; hash: Buffer };

/** A slice of a chain in order, with each record's content as it was hashed. */
export async function readChain(tx: Tx, chain: Chain, slice: { after: number; limit: number }): Promise<ChainRecord[]> {
  return chain === 'consent' ? readConsentChain(tx, slice) : readAuditChain(tx, slice);
}

async function readConsentChain(tx: Tx, slice: { after: number; limit: number }): Promise<ChainRecord[]> {
  const rows = await tx.query<
    Omit<Consent, 'wordingVersion' | 'occurredAt'> & {
      sequence: number;
      wording_version: string;
      occurred_at: Date;
      previous_hash: Buffer;
      hash: Buffer;
    }
  >(
    `select sequence, subject, purpose, channel, granted, wording_version, locale, source, occurred_at, previous_hash, hash
     from consent_record where shop_id = $1 and sequence > $2 order by sequence limit $3`,
    [tx.shopId, slice.after, slice.limit],
  );
  return rows.map(({ sequence, previous_hash, hash, wording_version, occurred_at, ...rest }) => ({
    sequence,
    previousHash: previous_hash,
    hash,
    content: { ...rest, wordingVersion: wording_version, occurredAt: occurred_at },
  }));
}

async function readAuditChain(tx: Tx, slice: { after: number; limit: number }): Promise<ChainRecord[]> {
  const rows = await tx.query<{
    sequence: number;
    actor: string;
    action: string;
    object: string;
    before_hash: Buffer | null;
    after_hash: Buffer | null;
    reason: string | null;
    occurred_at: Date;
    previous_hash: Buffer;
    hash: Buffer;
  }>(
    `select sequence, actor, action, object, before_hash, after_hash, reason, occurred_at, previous_hash, hash
     from audit_record where shop_id = $1 and sequence > $2 order by sequence limit $3`,
    [tx.shopId, slice.after, slice.limit],
  );
  return rows.map(({ sequence, previous_hash, hash, before_hash, after_hash, occurred_at, ...rest }) => ({
    sequence,
    previousHash: previous_hash,
    hash,
    content: { ...rest, beforeHash: before_hash, afterHash: after_hash, occurredAt: occurred_at },
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
