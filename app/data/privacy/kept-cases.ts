/** What the database knows of its erasures, for keeping it outside as well. */
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CaseId, MemberId } from '#app/lib/ids.ts';

export type DoneErasure = {
  caseId: CaseId;
  kind: 'erasure' | 'shop-erasure';
  memberIds: MemberId[];
  fingerprints: Buffer[];
  closedAt: Date;
};

/** Erasures that were finished, in case order after `after`, at most `limit`, with the tombstones set meanwhile. */
export async function listDoneErasures(tx: Tx, after: string | null, limit: number): Promise<DoneErasure[]> {
  const rows = await tx.query<{
    id: CaseId;
    kind: DoneErasure['kind'];
    member_ids: MemberId[];
    fingerprints: Buffer[];
    closed_at: Date;
  }>(
    `select id, kind, member_ids, closed_at, array(
       select fingerprint from tombstone t where t.shop_id = $1 and t.erased_at between c.requested_at and c.closed_at
     ) as fingerprints
     from erasure_case c
     where shop_id = $1 and kind in ('erasure', 'shop-erasure') and state = 'closed' and origin <> 'restore'
       and id > coalesce($2::uuid, ${lowestId}) order by id limit $3`,
    [tx.shopId, after, limit],
  );
  return rows.map((row) => ({
    caseId: row.id,
    kind: row.kind,
    memberIds: row.member_ids,
    fingerprints: row.fingerprints,
    closedAt: row.closed_at,
  }));
}
