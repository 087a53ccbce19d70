/** Checks of the ledger against itself, and reading it back for people. Never writes. */
import { highestNumber, lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { EntryKind, EntrySource } from '#app/data/ledger/ledger.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type Imbalance = {
  memberId: MemberId;
  unit: string;
  problem:
    | 'balance-missing'
    | 'balance-differs-from-entries'
    | 'lots-differ-from-balance'
    | 'spent-differs-from-entries'
    | 'held-differs-from-reservations'
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
  held: number;
  reserved: number;
  has_balance: boolean;
};

const lotsNamedMax = 100;

/** What belongs to somebody behind the last member, who is no member, is found with the last slice. */
const highestMember = 'ffffffff-ffff-ffff-ffff-ffffffffffff' as MemberId;

/** Members one after the other in id order: behind `after` until `last`. */
type Range = { after: MemberId | null; last: MemberId };

/** Rows of a table that belong to members of a range: one stretch of its index, however many partitions and members. */
const inRange = `shop_id = $1 and member_id > coalesce($2::uuid, ${lowestId}) and member_id <= $3`;

/**
 * Compares, for a slice of members in id order, each balance with opening + Σ entries and with Σ remaining − owed, what is
 * noted as spent with Σ redemptions, what is held with Σ open reservations, and each lot with its parts and with the entry
 * that made it; whoever has any of these must have a balance. Answers what is wrong, the first first, how many balances
 * were looked at, and where to go on.
 */
export async function verifyBalances(
  tx: Tx,
  slice: Slice,
): Promise<{ checked: number; imbalances: Imbalance[]; next: MemberId | null }> {
  const [found] = await tx.query<{ last: MemberId | null; members: number }>(
    `select (array_agg(id order by id desc))[1] as last, count(*)::int as members from (
       select id from member where shop_id = $1 and id > coalesce($2::uuid, ${lowestId}) order by id limit $3) m`,
    [tx.shopId, slice.after, slice.limit],
  );
  const next = found === undefined || found.members < slice.limit ? null : found.last;
  const range: Range = { after: slice.after, last: next ?? highestMember };
  const rows = await readAudited(tx, range);
  const imbalances = [...rows.flatMap(imbalancesOf), ...(await findWrongLots(tx, range))];
  return {
    checked: rows.filter((row) => row.has_balance).length,
    imbalances: imbalances.toSorted(byMember),
    next,
  };
}

/** Grouped, not joined: nobody knows beforehand how many rows there are, and a join that guesses low compares all with all. */
async function readAudited(tx: Tx, { after, last }: Range): Promise<AuditedBalance[]> {
  return tx.query<AuditedBalance>(
    `select member_id, unit, sum(amount)::bigint as amount, sum(spent)::bigint as spent, sum(expected)::bigint as expected,
       sum(remaining)::bigint as remaining, sum(redeemed)::bigint as redeemed, sum(held)::bigint as held,
       sum(reserved)::bigint as reserved, bool_or(is_balance) as has_balance
     from (
       select member_id, unit, amount, spent, opening as expected, 0 as remaining, 0 as redeemed, held, 0 as reserved,
         true as is_balance
       from balance where ${inRange}
       union all
       select member_id, unit, 0, 0, amount, 0,
         case when kind = 'redemption' or (kind = 'reversal' and source = 'reward') then -amount else 0 end, 0, 0, false
       from ledger_entry where ${inRange}
       union all
       select member_id, unit, 0, 0, 0, remaining, 0, 0, 0, false from lot where ${inRange}
       union all
       select member_id, unit, 0, 0, 0, 0, 0, 0, cost, false from reservation where ${inRange} and state = 'reserved'
     ) line
     group by member_id, unit order by member_id, unit`,
    [tx.shopId, after, last],
  );
}

function byMember(one: Imbalance, two: Imbalance): number {
  return Number(one.memberId > two.memberId) - Number(one.memberId < two.memberId);
}

function imbalancesOf(row: AuditedBalance): Imbalance[] {
  const found: Imbalance[] = [];
  const about = { memberId: row.member_id, unit: row.unit, stored: row.amount };
  if (!row.has_balance) return [{ ...about, problem: 'balance-missing', expected: row.expected }];
  if (row.amount !== row.expected)
    found.push({ ...about, problem: 'balance-differs-from-entries', expected: row.expected });
  // Somebody who owes has nothing left in any lot, so the lots must add up to the balance, or to 0 below it.
  if (row.remaining !== Math.max(0, row.amount))
    found.push({ ...about, problem: 'lots-differ-from-balance', expected: row.remaining });
  if (row.spent !== row.redeemed)
    found.push({ ...about, problem: 'spent-differs-from-entries', stored: row.spent, expected: row.redeemed });
  if (row.held !== row.reserved)
    found.push({ ...about, problem: 'held-differs-from-reservations', stored: row.held, expected: row.reserved });
  return found;
}

/** Lots whose parts are not what was accrued, or that are not what their entry brought. */
async function findWrongLots(tx: Tx, { after, last }: Range): Promise<Imbalance[]> {
  const rows = await tx.query<{
    id: string;
    member_id: MemberId;
    unit: string;
    amount: number;
    parts: number;
    accrued: number;
  }>(
    `with line as (
       select id, unit, member_id, amount, remaining + consumed + expired + reversed as parts,
         null::bigint as accrued, null::text as kind
       from lot where ${inRange}
       union all
       select id, unit, null, null, null, amount, kind from ledger_entry where ${inRange}
     ), checked as (
       select id, unit, (array_agg(member_id) filter (where member_id is not null))[1] as member_id, max(amount) as amount,
         max(parts) as parts, min(accrued) as least, max(accrued) as most, max(kind) as kind
       from line group by id, unit
     )
     select id::text, member_id, unit, amount, parts::bigint, coalesce(least, 0)::bigint as accrued
     from checked
     where amount is not null and (parts <> amount or least is null
       or (case kind when 'reversal' then least < amount else least <> amount or most <> amount end))
     order by member_id, checked.id limit $4`,
    [tx.shopId, after, last, lotsNamedMax],
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
     from ledger_entry where shop_id = $1 and member_id = $2 and id < coalesce($3::bigint, ${highestNumber})
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
