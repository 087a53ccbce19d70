/** What is about to expire, so that people can be told before it does. */
import { highestNumber } from '#app/data/page-bounds.ts';
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

/** A place in the order in which lots end. The instant is text: a date here holds less than the database does. */
export type EndingLot = { expiresAt: string; lotId: string };

/**
 * Members of a program with something that expires in a span of time, each once, at the first of it: in the order in which
 * lots end, after `after`; at most `limit`. `next` is where to go on, null at the end.
 */
export async function findMembersExpiringBetween(
  tx: Tx,
  programId: ProgramId,
  span: { from: Date; to: Date; after: EndingLot | null; limit: number },
): Promise<{ memberIds: MemberId[]; next: EndingLot | null }> {
  const rows = await tx.query<{ member_id: MemberId; expires_at: string; id: string }>(
    `select l.member_id, l.expires_at::text as expires_at, l.id::text as id from lot l
     join member m on m.shop_id = $1 and m.id = l.member_id and m.program_id = $2 and m.state <> 'erased' and m.restricted_at is null
     where l.shop_id = $1 and l.remaining > 0 and l.expires_at <= $4
       and (l.expires_at, l.id) > (coalesce($5::timestamptz, $3), coalesce($6::bigint, ${highestNumber}))
       and not exists (select from lot o where o.shop_id = $1 and o.member_id = l.member_id and o.remaining > 0
         and o.expires_at > $3 and (o.expires_at, o.id) < (l.expires_at, l.id))
     order by l.expires_at, l.id limit $7`,
    [tx.shopId, programId, span.from, span.to, span.after?.expiresAt ?? null, span.after?.lotId ?? null, span.limit],
  );
  const last = rows.length < span.limit ? undefined : rows.at(-1);
  return {
    memberIds: rows.map((row) => row.member_id),
    next: last === undefined ? null : { expiresAt: last.expires_at, lotId: last.id },
  };
}
