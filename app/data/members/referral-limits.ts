/** The friends of one referrer, as far as the limit of paid friends concerns them. Hold the referrer's balances for all of it. */
import { type Referral, referralColumns, type ReferralRow, toReferral } from '#app/data/members/referrals.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ReferralId, RuleVersionId } from '#app/lib/ids.ts';

/** Some referrals are left out: they are at hand. */
type Others = { referrerId: MemberId; besides: ReferralId[]; at: Date };

/** SQL for a referral of which the friend's order has stood long enough at `$4`; what was paid long ago does not say when. */
const isDue = `(order_id is not null and (due_at <= $4 or due_at is null and state = 'paid') and (state <> 'refused' or refusal = 'friends-max'))`;

/** How many friends the referrer may be paid for under these terms, and whether somebody is there for whom they are not. */
export async function readLimit(
  tx: Tx,
  { referrerId, besides, at }: Others,
  terms: { versionId: RuleVersionId }[],
): Promise<{ due: number; isReached: boolean }> {
  const [row] = await tx.query<{ due: number; is_reached: boolean }>(
    `select count(*) filter (where ${isDue})::int as due,
       coalesce(bool_or(refusal = 'friends-max' or state = 'paid' and not booked ? 'referrer'), false) as is_reached
     from referral where shop_id = $1 and referrer_id = $2 and id <> all($3) and rule_version_id = any($5)`,
    [tx.shopId, referrerId, besides, at, terms.map(({ versionId }) => versionId)],
  );
  return { due: row?.due ?? 0, isReached: row?.is_reached ?? false };
}

/**
 * Those of the others for whom the referrer can be paid, or is: under one version of the terms, and as one account, nobody
 * after the first so many can.
 */
export async function listFirstDue(
  tx: Tx,
  { referrerId, besides, at }: Others,
  terms: { versionId: RuleVersionId; friendsMax: number }[],
): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from (
       select r.*, row_number() over (
         partition by rule_version_id, referrer_account_id order by greatest(due_at, created_at), created_at, id) as place
       from referral r where shop_id = $1 and referrer_id = $2 and id <> all($3) and ${isDue}) r
     join unnest($5::uuid[], $6::int[]) as terms(version_id, friends_max) on version_id = rule_version_id
     where place <= friends_max or booked ? 'referrer' order by id`,
    [
      tx.shopId,
      referrerId,
      besides,
      at,
      terms.map(({ versionId }) => versionId),
      terms.map(({ friendsMax }) => friendsMax),
    ],
  );
  return rows.map(toReferral);
}

/** From when on one account brings nobody any more, under one version of the terms; null while there is room. */
export type Closing = { versionId: RuleVersionId; accountId: MemberId; closedAt: Date | null };

/**
 * Refuses the others who joined when the limit was reached, and has those wait again who turn out to have joined before. What
 * is booked for them, or must be, is left for whoever settles what is due.
 */
export async function moveLimit(tx: Tx, { referrerId, besides }: Others, closings: Closing[]): Promise<void> {
  await tx.query(
    `update referral r set
       state = case when is_closed and booked = '{}' then 'refused' else 'waiting' end,
       refusal = case when is_closed and booked = '{}' then 'friends-max' end
     from (
       select o.id, o.created_at >= coalesce(closed_at, 'infinity') as is_closed from referral o
       join unnest($4::uuid[], $5::uuid[], $6::timestamptz[]) as closing(version_id, account_id, closed_at)
         on version_id = o.rule_version_id and closing.account_id = coalesce(o.referrer_account_id, o.referrer_id)
       where o.shop_id = $1 and o.referrer_id = $2 and o.id <> all($3)
     ) o
     where r.shop_id = $1 and r.id = o.id
       and case when is_closed then state in ('waiting', 'paid') else refusal = 'friends-max' end`,
    [
      tx.shopId,
      referrerId,
      besides,
      closings.map(({ versionId }) => versionId),
      closings.map(({ accountId }) => accountId),
      closings.map(({ closedAt }) => closedAt),
    ],
  );
}

/** Leaves referrals that are due for whoever settles what is due. */
export async function leaveUnsettled(tx: Tx, referralIds: ReferralId[]): Promise<void> {
  if (referralIds.length === 0) return;
  await tx.query(`update referral set state = 'waiting', refusal = null where shop_id = $1 and id = any($2)`, [
    tx.shopId,
    referralIds,
  ]);
}

/** Those of the others that are due and not settled, the oldest first, and these, as they are now. */
export async function listUnsettled(
  tx: Tx,
  { referrerId, besides, at }: Others,
  { referralIds, limit }: { referralIds: ReferralId[]; limit: number },
): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from referral where shop_id = $1 and referrer_id = $2 and id = any($5)
     union
     (select ${referralColumns} from referral
      where shop_id = $1 and referrer_id = $2 and id <> all($3) and state = 'waiting' and due_at <= $4
      order by due_at, id limit $6)
     order by due_at, id`,
    [tx.shopId, referrerId, besides, at, referralIds, limit],
  );
  return rows.map(toReferral);
}
