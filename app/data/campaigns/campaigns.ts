/** Campaigns: what was asked, how far it is. Who gets a message is in `recipients.ts`. */
import { highestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { campaignContentSchema } from '#app/domain/campaigns/campaign-schema.ts';
import type { CampaignContent, CampaignState } from '#app/domain/campaigns/campaign.ts';
import { noneSkipped, type SkipReason } from '#app/domain/campaigns/decide-recipient.ts';
import { NotFound } from '#app/lib/errors.ts';
import { type CampaignId, isId, type MemberId, newId, type ProgramId } from '#app/lib/ids.ts';

export type Campaign = {
  campaignId: CampaignId;
  programId: ProgramId;
  revision: number;
  state: CampaignState;
  content: CampaignContent;
  /** Null while it is a draft. */
  startsAt: Date | null;
  endsAt: Date | null;
  /** The last member looked at. */
  cursor: MemberId | null;
  /** Whether every member was looked at. */
  isListed: boolean;
  membersTotal: number;
  lookedAt: number;
  shown: number;
  skipped: Record<SkipReason, number>;
  withdrawCursor: MemberId | null;
  withdrawnAt: Date | null;
  createdBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

type CampaignRow = {
  id: CampaignId;
  program_id: ProgramId;
  revision: number;
  state: CampaignState;
  content: unknown;
  starts_at: Date | null;
  ends_at: Date | null;
  cursor: MemberId | null;
  is_listed: boolean;
  members_total: number;
  looked_at: number;
  shown: number;
  skipped: Partial<Record<SkipReason, number>>;
  withdraw_cursor: MemberId | null;
  withdrawn_at: Date | null;
  created_by: string;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
};

const columns = `id, program_id, revision, state, content, starts_at, ends_at, cursor, is_listed, members_total, looked_at,
  shown, skipped, withdraw_cursor, withdrawn_at, created_by, created_at, started_at, finished_at`;

function toCampaign(row: CampaignRow): Campaign {
  return {
    campaignId: row.id,
    programId: row.program_id,
    revision: row.revision,
    state: row.state,
    content: campaignContentSchema.parse(row.content),
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    cursor: row.cursor,
    isListed: row.is_listed,
    membersTotal: row.members_total,
    lookedAt: row.looked_at,
    shown: row.shown,
    skipped: { ...noneSkipped(), ...row.skipped },
    withdrawCursor: row.withdraw_cursor,
    withdrawnAt: row.withdrawn_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

/** Adds a draft. */
export async function insertCampaign(
  tx: Tx,
  campaign: { programId: ProgramId; content: CampaignContent; createdBy: string; at: Date },
): Promise<CampaignId> {
  const campaignId = newId<CampaignId>();
  await tx.query(
    `insert into campaign (shop_id, id, program_id, content, created_by, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6)`,
    [tx.shopId, campaignId, campaign.programId, JSON.stringify(campaign.content), campaign.createdBy, campaign.at],
  );
  return campaignId;
}

const notFound = () => new NotFound('campaign-not-found', 'No such campaign');

/** One campaign. Throws `NotFound`, also for another shop's. */
export async function readCampaign(tx: Tx, campaignId: string): Promise<Campaign> {
  const [row] = isId(campaignId)
    ? await tx.query<CampaignRow>(`select ${columns} from campaign where shop_id = $1 and id = $2`, [
        tx.shopId,
        campaignId,
      ])
    : [];
  if (row === undefined) throw notFound();
  return toCampaign(row);
}

/** One campaign, locked until the transaction ends. Throws `NotFound`. */
export async function lockCampaign(tx: Tx, campaignId: string): Promise<Campaign> {
  const [row] = isId(campaignId)
    ? await tx.query<CampaignRow>(`select ${columns} from campaign where shop_id = $1 and id = $2 for update`, [
        tx.shopId,
        campaignId,
      ])
    : [];
  if (row === undefined) throw notFound();
  return toCampaign(row);
}

/** Campaigns, newest first, after a position. */
export async function listCampaigns(
  tx: Tx,
  after: { createdAt: Date; campaignId: string } | null,
  limit: number,
): Promise<Campaign[]> {
  const rows = await tx.query<CampaignRow>(
    `select ${columns} from campaign
     where shop_id = $1 and (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, ${highestId}))
     order by created_at desc, id desc limit $4`,
    [tx.shopId, after?.createdAt ?? null, after?.campaignId ?? null, limit],
  );
  return rows.map(toCampaign);
}

/** Writes a draft's content; its revision rises. */
export async function writeCampaignContent(
  tx: Tx,
  campaignId: CampaignId,
  written: { content: CampaignContent; at: Date },
): Promise<void> {
  await tx.query(
    `update campaign set content = $3, revision = revision + 1, updated_at = $4 where shop_id = $1 and id = $2`,
    [tx.shopId, campaignId, JSON.stringify(written.content), written.at],
  );
}

/** Removes a draft. Answers whether there was one. */
export async function deleteDraft(tx: Tx, campaignId: CampaignId): Promise<boolean> {
  const rows = await tx.query(
    `delete from campaign where shop_id = $1 and id = $2 and state = 'draft' returning 1 as one`,
    [tx.shopId, campaignId],
  );
  return rows.length === 1;
}

/** Fixes when a campaign runs, and how many members it will look at. */
export async function scheduleTimes(
  tx: Tx,
  campaignId: CampaignId,
  times: { startsAt: Date; endsAt: Date; at: Date },
): Promise<void> {
  await tx.query(
    `update campaign c set state = 'scheduled', starts_at = $3, ends_at = $4, updated_at = $5, revision = revision + 1,
       members_total = (select count(*) from member m
         where m.shop_id = $1 and m.program_id = c.program_id and m.state <> 'erased' and m.folded_into is null)
     where shop_id = $1 and id = $2`,
    [tx.shopId, campaignId, times.startsAt, times.endsAt, times.at],
  );
}

/** Moves a campaign to another state. One that stops or ends early leaves the cards from that moment on. */
export async function moveCampaign(
  tx: Tx,
  campaignId: CampaignId,
  move: { state: CampaignState; at: Date; endsNow?: boolean },
): Promise<void> {
  await tx.query(
    `update campaign set state = $3, updated_at = $4,
       started_at = case when $3 = 'running' then coalesce(started_at, $4) else started_at end,
       finished_at = case when $3 in ('stopped', 'done') then coalesce(finished_at, $4) else finished_at end,
       ends_at = case when $5 then greatest(starts_at + interval '1 second', least(ends_at, $4)) else ends_at end
     where shop_id = $1 and id = $2`,
    [tx.shopId, campaignId, move.state, move.at, move.endsNow ?? false],
  );
}

/** Saves how far a campaign came. */
export async function writeProgress(
  tx: Tx,
  campaignId: CampaignId,
  progress: Pick<Campaign, 'cursor' | 'isListed' | 'lookedAt' | 'shown' | 'skipped'>,
): Promise<void> {
  await tx.query(
    `update campaign set cursor = $3, is_listed = $4, looked_at = $5, shown = $6, skipped = $7
     where shop_id = $1 and id = $2`,
    [
      tx.shopId,
      campaignId,
      progress.cursor,
      progress.isListed,
      progress.lookedAt,
      progress.shown,
      JSON.stringify(progress.skipped),
    ],
  );
}

/** Saves how far a message has left the cards; `at` once it has left them all. */
export async function writeWithdrawal(
  tx: Tx,
  campaignId: CampaignId,
  withdrawal: { cursor: MemberId | null; at: Date | null },
): Promise<void> {
  await tx.query(`update campaign set withdraw_cursor = $3, withdrawn_at = $4 where shop_id = $1 and id = $2`, [
    tx.shopId,
    campaignId,
    withdrawal.cursor,
    withdrawal.at,
  ]);
}

/** What a campaign needs now: to go on, or to leave the cards. */
export async function listCampaignsToTend(
  tx: Tx,
  at: Date,
  limit: number,
): Promise<{ campaignId: CampaignId; need: 'run' | 'withdraw' }[]> {
  const rows = await tx.query<{ id: CampaignId; need: 'run' | 'withdraw' }>(
    `select id, case when ends_at <= $2 or state = 'stopped' then 'withdraw' else 'run' end as need from campaign c
     where shop_id = $1 and state <> 'draft' and withdrawn_at is null and (ends_at <= $2 or state = 'stopped'
       or (state = 'scheduled' and starts_at <= $2)
       or (state = 'running' and (not is_listed or exists (
         select from campaign_recipient r where r.shop_id = $1 and r.campaign_id = c.id and r.shown_at is null and r.due_at <= $2))))
     order by starts_at, id limit $3`,
    [tx.shopId, at, limit],
  );
  return rows.map((row) => ({ campaignId: row.id, need: row.need }));
}

/**
 * Campaigns to one of these members alone say no more what they said, and end. Safe to repeat; answers how many there were.
 */
export async function blankCampaignsTo(tx: Tx, memberIds: MemberId[]): Promise<number> {
  const rows = await tx.query(
    `update campaign set state = case when state = 'draft' then state else 'stopped' end,
       content = content || '{"name": "Erased", "text": "Erased", "translations": {}, "audience": {"kind": "all"}}'::jsonb
     where shop_id = $1 and content->'audience'->>'memberId' = any($2::text[]) returning 1 as one`,
    [tx.shopId, memberIds],
  );
  return rows.length;
}
