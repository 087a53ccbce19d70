/** Checks of the ledger against itself, and reading it back for people. Never writes. */
import type { Tx } from '#app/data/tenancy.ts';
import type { EntryKind, EntrySource } from '#app/data/ledger/ledger.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type Imbalance = {
  memberId: MemberId;
  unit: string;
  problem:
    | 'balance-differs-from-entries'
    | 'lots-differ-from-balance'
    | 'spent-differs-from-entries'
    | 'lot-not-conserved'
    | 'lot-differs-from-entry';
  stored: number;
  expected: number;
  /** The lot it is about, if it is about one. */
  lotId?: string;
};

type Slice = { after: MemberId | null; limit: number };

type AuditedBalance = {
  member_id: MemberId;
  unit: string;
  amount: number;
  expected: number;
  remaining: number;
  spent: number;
  redeemed: number;
};

const lotsNamedMax = 100;

/**
 * Compares, for a slice of members in id order, each balance with opening + Σ entries and with Σ remaining − owed, what is
 * noted as spent with Σ redemptions, and each lot with its parts and with the entry that made it. Answers what is wrong,
 * the first first, how many balances were looked at, and where to go on.
 */
export async function verifyBalances(
  tx: Tx,
  slice: Slice,
): Promise<{ checked: number; imbalances: Imbalance[]; next: MemberId | null }> {
  const rows = await tx.query<AuditedBalance>(
    `with members as (
       select id from member where shop_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
     )
     select b.member_id, b.unit, b.amount, b.spent, (b.opening + coalesce(e.total, 0))::bigint as expected,
       coalesce(l.remaining, 0)::bigint as remaining, coalesce(e.redeemed, 0)::bigint as redeemed
     from members m
     join balance b on b.shop_id = $1 and b.member_id = m.id
     left join (select e.member_id, e.unit, sum(e.amount) as total,
         -sum(e.amount) filter (where e.kind = 'redemption' or (e.kind = 'reversal' and e.source = 'reward')) as redeemed
       from members s join ledger_entry e on e.shop_id = $1 and e.member_id = s.id
       group by e.member_id, e.unit) e on e.member_id = b.member_id and e.unit = b.unit
     left join (select l.member_id, l.unit, sum(l.remaining) as remaining
       from members s join lot l on l.shop_id = $1 and l.member_id = s.id
       group by l.member_id, l.unit) l on l.member_id = b.member_id and l.unit = b.unit
     order by b.member_id, b.unit`,
    [tx.shopId, slice.after, slice.limit],
  );
  const imbalances = [...rows.flatMap(imbalancesOf), ...(await findWrongLots(tx, slice))];
  const [last] = await tx.query<{ id: MemberId | null; members: number }>(
    `select (array_agg(id order by id desc))[1] as id, count(*)::int as members from (
       select id from member where shop_id = $1 and ($2::uuid is null or id > $2) order by id limit $3) m`,
    [tx.shopId, slice.after, slice.limit],
  );
  const isLast = last === undefined || last.members < slice.limit;
  return {
    checked: rows.length,
    imbalances: imbalances.toSorted(byMember),
    next: isLast ? null : last.id,
  };
}

function byMember(one: Imbalance, two: Imbalance): number {
  return Number(one.memberId > two.memberId) - Number(one.memberId < two.memberId);
}

function imbalancesOf(row: AuditedBalance): Imbalance[] {
  const found: Imbalance[] = [];
  const about = { memberId: row.member_id, unit: row.unit, stored: row.amount };
  if (row.amount !== row.expected)
    found.push({ ...about, problem: 'balance-differs-from-entries', expected: row.expected });
  // Somebody who owes has nothing left in any lot, so the lots must add up to the balance, or to 0 below it.
  if (row.remaining !== Math.max(0, row.amount))
    found.push({ ...about, problem: 'lots-differ-from-balance', expected: row.remaining });
  if (row.spent !== row.redeemed)
    found.push({ ...about, problem: 'spent-differs-from-entries', stored: row.spent, expected: row.redeemed });
  return found;
}

/** Lots whose parts are not what was accrued, or that are not what their entry brought. */
async function findWrongLots(tx: Tx, slice: Slice): Promise<Imbalance[]> {
  const rows = await tx.query<{
    id: string;
    member_id: MemberId;
    unit: string;
    amount: number;
    parts: number;
    accrued: number;
  }>(
    `with members as (
       select id from member where shop_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
     ), entry as materialized (
       -- Read once for all members: looking each lot's entry up by its id asks every partition.
       select e.id, e.unit, e.kind, e.amount from members m join ledger_entry e on e.shop_id = $1 and e.member_id = m.id
     )
     select l.id::text, l.member_id, l.unit, l.amount, (l.remaining + l.consumed + l.expired + l.reversed)::bigint as parts,
       coalesce(e.amount, 0)::bigint as accrued
     from members m
     join lot l on l.shop_id = $1 and l.member_id = m.id
     left join entry e on e.id = l.id and e.unit = l.unit
     where l.remaining + l.consumed + l.expired + l.reversed <> l.amount
       or e.amount is null or (case e.kind when 'reversal' then e.amount < l.amount else e.amount <> l.amount end)
     order by l.member_id, l.id limit $4`,
    [tx.shopId, slice.after, slice.limit, lotsNamedMax],
  );
  return rows.map((row) => ({
    memberId: row.member_id,
    unit: row.unit,
    lotId: row.id,
    stored: row.amount,
    ...(row.parts === row.amount
      ? { problem: 'lot-differs-from-entry', expected: row.accrued }
      : { problem: 'lot-not-conserved', expected: row.parts }),
  }));
}

export type ListedEntry = {
  entryId: string;
  unit: string;
  kind: EntryKind;
  amount: number;
  source: EntrySource;
  orderId: string | null;
  ruleVersionId: RuleVersionId | null;
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
    rule_version_id: RuleVersionId | null;
    reason: string | null;
    actor: string;
    explanation: unknown;
    occurred_at: Date;
    booked_at: Date;
  }>(
    `select id::text, unit, kind, amount, source, order_id, rule_version_id, reason, actor, explanation, occurred_at,
       booked_at
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
    ruleVersionId: row.rule_version_id,
    reason: row.reason,
    actor: row.actor,
    explanation: row.explanation,
    occurredAt: row.occurred_at,
    bookedAt: row.booked_at,
  }));
}

export type OrderBooking = { orderId: string; entryId: string; unit: string; bookedAt: Date };

/** When something was booked for these orders of a member, oldest first; write-offs and the like beside an entry are left out. */
export async function listOrderBookings(tx: Tx, memberId: string, orderIds: string[]): Promise<OrderBooking[]> {
  if (orderIds.length === 0) return [];
  const rows = await tx.query<{ order_id: string; id: string; unit: string; booked_at: Date }>(
    `select order_id, id::text, unit, booked_at from ledger_entry
     where shop_id = $1 and member_id = $2 and order_id = any($3) and source = 'order' and kind in ('accrual', 'reversal')
     order by ledger_entry.id`,
    [tx.shopId, memberId, orderIds],
  );
  return rows.map((row) => ({ orderId: row.order_id, entryId: row.id, unit: row.unit, bookedAt: row.booked_at }));
}
