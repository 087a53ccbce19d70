/** Members and what they hold, in pages, for export. */
import { agingSums } from '#app/data/ledger/liability.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

export type HoldingMember = {
  memberId: MemberId;
  programId: ProgramId;
  unit: string;
  outstanding: number;
  owed: number;
  pending: number;
  expiring30: number;
  expiring60: number;
  expiring90: number;
};

/** The balances of the next members by id that are not 0. `last` is where the next page begins; null when this is the last. */
export async function listHoldingMembers(
  tx: Tx,
  page: { programId: ProgramId | null; after: MemberId | null; limit: number; at: Date },
): Promise<{ members: HoldingMember[]; last: MemberId | null }> {
  const [next] = await tx.query<{ ids: MemberId[] | null }>(
    `select array_agg(id order by id) as ids from (
       select id from member where shop_id = $1 and id > coalesce($2::uuid, ${lowestId}) order by id limit $3) page`,
    [tx.shopId, page.after, page.limit],
  );
  const ids = next?.ids ?? [];
  const members = await tx.query<HoldingMember>(
    `select m.id as "memberId", m.program_id as "programId", b.unit,
       greatest(b.amount, 0)::bigint as outstanding, greatest(-b.amount, 0)::bigint as owed,
       a.pending, a."expiring30", a."expiring60", a."expiring90"
     from member m
     join balance b on b.shop_id = m.shop_id and b.member_id = m.id and b.amount <> 0
     left join lateral (
       select ${agingSums('$4')}
       from lot l where l.shop_id = m.shop_id and l.member_id = m.id and l.unit = b.unit and l.remaining > 0
     ) a on true
     where m.shop_id = $1 and m.id = any($2) and m.state <> 'erased' and ($3::uuid is null or m.program_id = $3)
     order by m.id, b.unit`,
    [tx.shopId, ids, page.programId, page.at],
  );
  return { members, last: ids.length < page.limit ? null : (ids.at(-1) ?? null) };
}
