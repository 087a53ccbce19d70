/**
 * The months of the audit chain. A month that is over gets a signed head, which outlives its records: after they were
 * removed the chain still has something to hang on.
 */
import type { Tx } from '#app/data/tenancy.ts';
import type { Signed } from '#app/lib/evidence.ts';

/** What is signed. Hashes are hexadecimal, `month` is as in 2026-11. */
export type AuditMonthHead = {
  kind: 'audit-month';
  shopId: string;
  month: string;
  firstSequence: number;
  lastSequence: number;
  previousHash: string;
  hash: string;
  closedAt: string;
};

export type AuditMonth = {
  month: string;
  firstSequence: number;
  lastSequence: number;
  previousHash: Buffer;
  hash: Buffer;
  signed: Signed<AuditMonthHead>;
  closedAt: Date;
  /** When its records were removed. */
  purgedAt: Date | null;
};

/** Every closed month, oldest first. A shop has twelve in a year. */
export async function listAuditMonths(tx: Tx): Promise<AuditMonth[]> {
  const rows = await tx.query<{
    month: string;
    first_sequence: number;
    last_sequence: number;
    previous_hash: Buffer;
    hash: Buffer;
    signed: Signed<AuditMonthHead>;
    closed_at: Date;
    purged_at: Date | null;
  }>(
    `select to_char(month, 'YYYY-MM') as month, first_sequence, last_sequence, previous_hash, hash, signed, closed_at, purged_at
     from audit_segment where shop_id = $1 order by first_sequence`,
    [tx.shopId],
  );
  return rows.map((row) => ({
    month: row.month,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
    previousHash: row.previous_hash,
    hash: row.hash,
    signed: row.signed,
    closedAt: row.closed_at,
    purgedAt: row.purged_at,
  }));
}

/**
 * The months before `until` that have records after `after` and no head yet, oldest first. From here on nothing is recorded
 * in them any more.
 */
export async function endAuditMonths(
  tx: Tx,
  ended: { after: number; until: Date },
): Promise<{ month: string; lastSequence: number }[]> {
  // The head is what writers wait for: whoever appends from now on finds the end of the month there.
  const locked = await tx.query(
    `select 1 as one from chain_head where shop_id = $1 and chain = 'audit' and sequence > $2 for update`,
    [tx.shopId, ended.after],
  );
  if (locked.length === 0) return [];
  const rows = await tx.query<{ month: string; last_sequence: number }>(
    `select to_char(recorded_at at time zone 'UTC', 'YYYY-MM') as month, max(sequence) as last_sequence
     from audit_record where shop_id = $1 and sequence > $2 and recorded_at < $3 group by 1 order by 1`,
    [tx.shopId, ended.after, ended.until],
  );
  if (rows.length === 0) return [];
  await tx.query(
    `update chain_head set recorded_at = greatest(recorded_at, $2) where shop_id = $1 and chain = 'audit'`,
    [tx.shopId, ended.until],
  );
  return rows.map((row) => ({ month: row.month, lastSequence: row.last_sequence }));
}

/** Keeps the signed head of a month. Safe to repeat: the first one stands. */
export async function insertAuditMonth(tx: Tx, signed: Signed<AuditMonthHead>): Promise<void> {
  const { payload } = signed;
  await tx.query(
    `insert into audit_segment (shop_id, month, first_sequence, last_sequence, previous_hash, hash, signed, closed_at)
     values ($1, to_date($2, 'YYYY-MM'), $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [
      tx.shopId,
      payload.month,
      payload.firstSequence,
      payload.lastSequence,
      Buffer.from(payload.previousHash, 'hex'),
      Buffer.from(payload.hash, 'hex'),
      JSON.stringify(signed),
      payload.closedAt,
    ],
  );
}
