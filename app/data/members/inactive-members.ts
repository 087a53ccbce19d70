/** Members who have done nothing for a long time. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/**
 * Who joined before a moment and has neither earned nor spent since. Left out are those whose data must be kept as it is
 * (restricted), whose reward is being redeemed right now, and whose erasure goes on already.
 */
const inactive = `from member m where m.shop_id = $1 and m.state = 'active' and m.enrolled_at < $2 and m.restricted_at is null
  and not exists (select from balance b where b.shop_id = $1 and b.member_id = m.id and b.active_at >= $2)
  and not exists (select from reservation r where r.shop_id = $1 and r.member_id = m.id and r.state = 'reserved')
  and not exists (select from erasure_case c where c.shop_id = $1 and c.state = 'open' and m.id = any(c.member_ids))`;

/** Some of them, in id order. */
export async function listInactiveMembers(tx: Tx, before: Date, limit: number): Promise<MemberId[]> {
  const rows = await tx.query<{ id: MemberId }>(`select m.id ${inactive} order by m.id limit $3`, [
    tx.shopId,
    before,
    limit,
  ]);
  return rows.map((row) => row.id);
}

/** How many there are. */
export async function countInactiveMembers(tx: Tx, before: Date): Promise<number> {
  const [row] = await tx.query<{ members: number }>(`select count(*)::int as members ${inactive}`, [tx.shopId, before]);
  return row?.members ?? 0;
}
