/** What staff gave by hand at a till: looked up for limits and for taking it back. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type HandEntry = { entryId: string; memberId: MemberId; unit: string; amount: number; bookedAt: Date };

/** Where and by whom, as the till says: unsigned, so kept as a claim and never decided upon. */
export type TillClaim = { locationId: string; staffMemberId: string | null; deviceId: string | null };

/** How long staff may take back what they gave or handed over. */
export const undoWindowMs = 10 * 60_000;

type HandEntryRow = { id: string; member_id: MemberId; unit: string; amount: number; booked_at: Date };

function toHandEntry(row: HandEntryRow): HandEntry {
  return { entryId: row.id, memberId: row.member_id, unit: row.unit, amount: row.amount, bookedAt: row.booked_at };
}

/** The source key of taking an entry back: an entry can be taken back once. */
export const undoKeyOf = (entryId: string): string => `undo:${entryId}`;

/** An entry that was given by hand, or null: entries of orders and of other shops are never found here. */
export async function findHandEntry(tx: Tx, entryId: string): Promise<HandEntry | null> {
  if (!/^\d{1,18}$/.test(entryId)) return null;
  const [row] = await tx.query<HandEntryRow>(
    `select id::text, member_id, unit, amount, booked_at from ledger_entry
     where shop_id = $1 and id = $2::bigint and source = 'pos' and kind = 'accrual'`,
    [tx.shopId, entryId],
  );
  return row === undefined ? null : toHandEntry(row);
}

/** What a member was given by hand of a unit since an instant, less what was taken back. Hold the balances. */
export async function sumHandGiven(tx: Tx, given: { memberId: MemberId; unit: string; since: Date }): Promise<number> {
  const [row] = await tx.query<{ total: number }>(
    `select coalesce(sum(amount), 0)::bigint as total from ledger_entry
     where shop_id = $1 and member_id = $2 and unit = $3 and booked_at > $4 and source = 'pos'
       and kind in ('accrual', 'reversal')`,
    [tx.shopId, given.memberId, given.unit, given.since],
  );
  return row?.total ?? 0;
}

/** The newest entry since an instant that was given by hand and not taken back, or null. */
export async function findNewestHandEntry(tx: Tx, memberId: MemberId, since: Date): Promise<HandEntry | null> {
  const [row] = await tx.query<HandEntryRow>(
    `select id::text, member_id, unit, amount, booked_at from ledger_entry e
     where shop_id = $1 and member_id = $2 and booked_at > $3 and source = 'pos' and kind = 'accrual'
       and not exists (select from ledger_source s where s.shop_id = $1 and s.source_key = 'undo:' || e.id)
     order by e.id desc limit 1`,
    [tx.shopId, memberId, since],
  );
  return row === undefined ? null : toHandEntry(row);
}
