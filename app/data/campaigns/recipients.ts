/** Who gets, or will get, a campaign's message. The primary key is the promise that nobody gets it twice. */
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CampaignId, MemberId } from '#app/lib/ids.ts';

/**
 * One campaign of a shop decides at a time: how many messages a member got lately is counted right, whichever campaign
 * they came from.
 */
export async function waitForOtherCampaigns(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0)) is null as locked', [`campaigns/${tx.shopId}`]);
}

/** How many wait, and for when the first is. */
export async function readWaiting(
  tx: Tx,
  campaignId: CampaignId,
): Promise<{ waiting: number; firstDueAt: Date | null }> {
  const [row] = await tx.query<{ waiting: number; first_due_at: Date | null }>(
    `select count(*)::int as waiting, min(due_at) as first_due_at from campaign_recipient
     where shop_id = $1 and campaign_id = $2 and shown_at is null`,
    [tx.shopId, campaignId],
  );
  return { waiting: row?.waiting ?? 0, firstDueAt: row?.first_due_at ?? null };
}

/** Of those who got it, how many wallets were seen to hold it. */
export async function countArrived(tx: Tx, campaignId: CampaignId): Promise<number> {
  const [row] = await tx.query<{ arrived: number }>(
    `select count(*)::int as arrived from campaign_recipient r
     where r.shop_id = $1 and r.campaign_id = $2 and r.shown_at is not null and exists (
       select from pass p where p.shop_id = $1 and p.member_id = r.member_id and p.seen_at >= r.shown_at)`,
    [tx.shopId, campaignId],
  );
  return row?.arrived ?? 0;
}

/** Puts off the message of these members. Who has it, or waits already, is left as they are. */
export async function addWaiting(
  tx: Tx,
  campaignId: CampaignId,
  waiting: { memberId: MemberId; dueAt: Date }[],
): Promise<void> {
  if (waiting.length === 0) return;
  await tx.query(
    `insert into campaign_recipient (shop_id, campaign_id, member_id, due_at)
     select $1, $2, * from unnest($3::uuid[], $4::timestamptz[])
     on conflict (shop_id, campaign_id, member_id) do update set due_at = excluded.due_at
       where campaign_recipient.shown_at is null`,
    [tx.shopId, campaignId, waiting.map(({ memberId }) => memberId), waiting.map(({ dueAt }) => dueAt)],
  );
}

/** Takes members who do not get it any more off the list. */
export async function dropWaiting(tx: Tx, campaignId: CampaignId, memberIds: MemberId[]): Promise<void> {
  await tx.query(
    `delete from campaign_recipient where shop_id = $1 and campaign_id = $2 and shown_at is null and member_id = any($3)`,
    [tx.shopId, campaignId, memberIds],
  );
}

/** Takes the next who wait off the list, at most `limit`. Answers how many there were. */
export async function dropNextWaiting(tx: Tx, campaignId: CampaignId, limit: number): Promise<number> {
  const [row] = await tx.query<{ dropped: number }>(
    `with next as materialized (
       select member_id from campaign_recipient where shop_id = $1 and campaign_id = $2 and shown_at is null
       order by due_at, member_id limit $3
     ), gone as (
       delete from campaign_recipient r using next
       where r.shop_id = $1 and r.campaign_id = $2 and r.member_id = next.member_id and r.shown_at is null returning 1
     )
     select count(*)::int as dropped from gone`,
    [tx.shopId, campaignId, limit],
  );
  return row?.dropped ?? 0;
}

/** Puts the message on these members' cards and answers whose it was not on before: nobody gets it twice. */
export async function showNews(
  tx: Tx,
  campaignId: CampaignId,
  shown: { memberIds: MemberId[]; at: Date },
): Promise<MemberId[]> {
  if (shown.memberIds.length === 0) return [];
  const rows = await tx.query<{ member_id: MemberId }>(
    `insert into campaign_recipient (shop_id, campaign_id, member_id, due_at, shown_at)
     select $1, $2, unnest($3::uuid[]), $4, $4
     on conflict (shop_id, campaign_id, member_id) do update set shown_at = excluded.shown_at
       where campaign_recipient.shown_at is null
     returning member_id`,
    [tx.shopId, campaignId, shown.memberIds, shown.at],
  );
  const memberIds = rows.map((row) => row.member_id);
  await tx.query('update member set news_campaign = $2, news_at = $3 where shop_id = $1 and id = any($4)', [
    tx.shopId,
    campaignId,
    shown.at,
    memberIds,
  ]);
  return memberIds;
}

/** Takes the message off the cards of the next members who got it; a newer message stays. Answers the last, and whose it was. */
export async function hideNews(
  tx: Tx,
  campaignId: CampaignId,
  slice: { after: MemberId | null; limit: number },
): Promise<{ last: MemberId | null; hidden: MemberId[] }> {
  const rows = await tx.query<{ member_id: MemberId }>(
    `select member_id from campaign_recipient
     where shop_id = $1 and campaign_id = $2 and shown_at is not null and member_id > coalesce($3::uuid, ${lowestId})
     order by member_id limit $4`,
    [tx.shopId, campaignId, slice.after, slice.limit],
  );
  const memberIds = rows.map((row) => row.member_id);
  const hidden = await tx.query<{ id: MemberId }>(
    `update member set news_campaign = null, news_at = null
     where shop_id = $1 and id = any($2) and news_campaign = $3 returning id`,
    [tx.shopId, memberIds, campaignId],
  );
  return {
    last: rows.length < slice.limit ? null : (memberIds.at(-1) ?? null),
    hidden: hidden.map((row) => row.id),
  };
}

/** Forgets which messages these members got. Safe to repeat. */
export async function forgetRecipients(tx: Tx, memberIds: MemberId[]): Promise<number> {
  const rows = await tx.query(
    'delete from campaign_recipient where shop_id = $1 and member_id = any($2) returning 1 as one',
    [tx.shopId, memberIds],
  );
  return rows.length;
}

/** Forgets who got messages that left the cards before a moment. Answers how many, at most `limit`. */
export async function purgeRecipients(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from campaign_recipient where shop_id = $1 and (campaign_id, member_id) in (
       select r.campaign_id, r.member_id from campaign_recipient r
       join campaign c on c.shop_id = r.shop_id and c.id = r.campaign_id
       where r.shop_id = $1 and c.withdrawn_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
