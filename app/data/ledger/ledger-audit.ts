/** Checks of the ledger against itself, and reading it back for people. Never writes. */
import type { Tx } from '#app/data/tenancy.ts';
import type { EntryKind, EntrySource } from '#app/data/ledger/ledger.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Imbalance = {
  memberId: MemberId;
  unit: string;
  problem: 'balance-differs-from-entries' | 'lots-differ-from-balance';
  stored: number;
  expected: number;
};

/**
 * Compares, for a slice of members in id order, each balance with opening + Σ entries and with Σ remaining − owed.
 * Answers what is wrong, how many balances were looked at, and where to go on.
 */
export async function verifyBalances(
  tx: Tx,
  slice: { after: MemberId | null; limit: number },
): Promise<{ checked: number; imbalances: Imbalance[]; next: MemberId | null }> {
  const rows = await tx.query<{
    member_id: MemberId;
    unit: string;
    amount: number;
    expected: number;
    remaining: number;
  }>(
    `with members as (
       select id from member where shop_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
     )
     select b.member_id, b.unit, b.amount,
       (b.opening + coalesce(e.total, 0))::bigint as expected, coalesce(l.remaining, 0)::bigint as remaining
     from members m
     join balance b on b.shop_id = $1 and b.member_id = m.id
     left join lateral (select sum(amount) as total from ledger_entry e
       where e.shop_id = $1 and e.member_id = b.member_id and e.unit = b.unit) e on true
     left join lateral (select sum(remaining) as remaining from lot l
       where l.shop_id = $1 and l.member_id = b.member_id and l.unit = b.unit and l.remaining > 0) l on true
     order by b.member_id, b.unit`,
    [tx.shopId, slice.after, slice.limit],
  );
  const imbalances = rows.flatMap((row): Imbalance[] => {
    const found: Imbalance[] = [];
    const about = { memberId: row.member_id, unit: row.unit, stored: row.amount };
    if (row.amount !== row.expected)
      found.push({ ...about, problem: 'balance-differs-from-entries', expected: row.expected });
    // Somebody who owes has nothing left in any lot, so the lots must add up to the balance, or to 0 below it.
    if (row.remaining !== Math.max(0, row.amount))
      found.push({ ...about, problem: 'lots-differ-from-balance', expected: row.remaining });
    return found;
  });
  const [last] = await tx.query<{ id: MemberId | null; members: number }>(
    `select (array_agg(id order by id desc))[1] as id, count(*)::int as members from (
       select id from member where shop_id = $1 and ($2::uuid is null or id > $2) order by id limit $3) m`,
    [tx.shopId, slice.after, slice.limit],
  );
  const isLast = last === undefined || last.members < slice.limit;
  return { checked: rows.length, imbalances, next: isLast ? null : last.id };
}

export type ListedEntry = {
  entryId: string;
  unit: string;
  kind: EntryKind;
  amount: number;
  source: EntrySource;
  orderId: string | null;
  reason: string | null;
  actor: string;
  explanation: unknown;
  occurredAt: Date;
  bookedAt: Date;
};

/** A page of a member's entries, newest first, before an entry id. */
export async function listEntries(
  tx: Tx,
  memberId: string,
  page: { before: string | null; limit: number },
): Promise<ListedEntry[]> {
  const rows = await tx.query<{
    id: string;
    unit: string;
    kind: EntryKind;
    amount: number;
    source: EntrySource;
    order_id: string | null;
    reason: string | null;
    actor: string;
    explanation: unknown;
    occurred_at: Date;
    booked_at: Date;
  }>(
    `select id::text, unit, kind, amount, source, order_id, reason, actor, explanation, occurred_at, booked_at
     from ledger_entry where shop_id = $1 and member_id = $2 and ($3::bigint is null or id < $3)
     order by ledger_entry.id desc limit $4`,
    [tx.shopId, memberId, page.before, page.limit],
  );
  return rows.map((row) => ({
    entryId: row.id,
    unit: row.unit,
    kind: row.kind,
    amount: row.amount,
    source: row.source,
    orderId: row.order_id,
    reason: row.reason,
    actor: row.actor,
    explanation: row.explanation,
    occurredAt: row.occurred_at,
    bookedAt: row.booked_at,
  }));
}
