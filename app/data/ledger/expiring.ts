/** What is about to expire, so that people can be told before it does. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

const dayMs = 86_400_000;

/** What of a member's expires first within so many days of an instant, with the instant; null when nothing does. */
export async function readExpiringNext(
  tx: Tx,
  memberId: MemberId,
  within: { at: Date; days: number },
): Promise<{ unit: string; amount: number; expiresAt: Date } | null> {
  const [row] = await tx.query<{ unit: string; amount: number; expires_at: Date }>(
    `select unit, sum(remaining)::bigint as amount, expires_at from lot
     where shop_id = $1 and member_id = $2 and remaining > 0 and expires_at > $3 and expires_at <= $4
     group by unit, expires_at order by expires_at, unit limit 1`,
    [tx.shopId, memberId, within.at, new Date(within.at.getTime() + within.days * dayMs)],
  );
  return row === undefined ? null : { unit: row.unit, amount: row.amount, expiresAt: row.expires_at };
}

/** Members of a program with something that expires in a span of time, in id order after `after`; at most `limit`. */
export async function findMembersExpiringBetween(
  tx: Tx,
  programId: ProgramId,
  span: { from: Date; to: Date; after: MemberId | null; limit: number },
): Promise<MemberId[]> {
  const rows = await tx.query<{ member_id: MemberId }>(
    `select distinct l.member_id from lot l
     join member m on m.shop_id = $1 and m.id = l.member_id and m.program_id = $2 and m.state <> 'erased' and m.restricted_at is null
     where l.shop_id = $1 and l.remaining > 0 and l.expires_at > $3 and l.expires_at <= $4
       and ($5::uuid is null or l.member_id > $5)
     order by l.member_id limit $6`,
    [tx.shopId, programId, span.from, span.to, span.after, span.limit],
  );
  return rows.map((row) => row.member_id);
}
