/** Shops with a history, made by a few statements instead of by sales: as settlement would have left them. */
import type { BenchDatabase } from '#test/load/support.ts';

export const entriesEach = 20;

/** So many members with twenty accruals of 7 each; entries, lots and balances agree. */
const planted = [
  `insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
   select $1, gen_random_uuid(), $2, gen_random_uuid()::text, now(), 'api' from generate_series(1, $3)`,
  `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
   select $1, m.id, 'points', 'accrual', 7, 'order', m.id::text || n, 'system', now(), now()
   from member m, generate_series(1, ${entriesEach}) n where m.shop_id = $1`,
  `insert into lot (shop_id, id, member_id, unit, amount, remaining, available_at, created_at)
   select $1, id, member_id, 'points', amount, amount, now(), now() from ledger_entry where shop_id = $1`,
  `insert into balance (shop_id, member_id, unit, amount)
   select $1, member_id, 'points', sum(amount) from ledger_entry where shop_id = $1 group by member_id`,
];

/** Plants them into a shop that has no members yet. */
export async function plantLedger(
  database: BenchDatabase,
  shop: { shopId: string; programId: string },
  members: number,
): Promise<void> {
  const values = [shop.shopId, shop.programId, members];
  for (const statement of planted)
    await database.sql(statement, values.slice(0, new Set(statement.match(/\$\d/g)).size));
}
