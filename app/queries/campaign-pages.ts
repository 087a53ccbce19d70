/** Campaigns for the admin: the list, one with its progress, and what its message looks like on a card. */
import { type Campaign, listCampaigns, readCampaign } from '#app/data/campaigns/campaigns.ts';
import { countArrived, readWaiting } from '#app/data/campaigns/recipients.ts';
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CampaignContent, CampaignState } from '#app/domain/campaigns/campaign.ts';
import type { SkipReason } from '#app/domain/campaigns/decide-recipient.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { isId, type ProgramId, type ShopId } from '#app/lib/ids.ts';

export type ListedCampaign = {
  campaignId: string;
  name: string;
  state: CampaignState;
  startsAt: Date | null;
  endsAt: Date | null;
  createdAt: Date;
  shown: number;
};

const campaignsPerPage = 50;

/** A page of campaigns, newest first. */
export async function campaignList(
  shopId: ShopId,
  cursor: string | null,
): Promise<{ campaigns: ListedCampaign[]; nextCursor: string | null }> {
  return withShop(shopId, async (tx) => {
    const found = await listCampaigns(tx, readCursor(cursor), campaignsPerPage + 1);
    const page = found.slice(0, campaignsPerPage);
    const last = page.at(-1);
    return {
      campaigns: page.map(({ content, ...campaign }) => ({
        campaignId: campaign.campaignId,
        name: content.name,
        state: campaign.state,
        startsAt: campaign.startsAt,
        endsAt: campaign.endsAt,
        createdAt: campaign.createdAt,
        shown: campaign.shown,
      })),
      nextCursor: found.length > campaignsPerPage && last !== undefined ? writeCursor(last) : null,
    };
  });
}

function writeCursor({ createdAt, campaignId }: Campaign): string {
  return Buffer.from(`${createdAt.getTime()}.${campaignId}`).toString('base64url');
}

/** A cursor we did not write starts from the top. */
function readCursor(cursor: string | null): { createdAt: Date; campaignId: string } | null {
  const [at = '', campaignId = ''] = Buffer.from(cursor ?? '', 'base64url')
    .toString('utf8')
    .split('.');
  const createdAt = new Date(Number(at));
  return isId(campaignId) && !Number.isNaN(createdAt.getTime()) ? { createdAt, campaignId } : null;
}

export type CampaignPage = {
  campaignId: string;
  programId: ProgramId;
  revision: number;
  state: CampaignState;
  content: CampaignContent;
  startsAt: Date | null;
  endsAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  withdrawnAt: Date | null;
  progress: {
    membersTotal: number;
    lookedAt: number;
    shown: number;
    waiting: number;
    firstDueAt: Date | null;
    skipped: Record<SkipReason, number>;
    /** Of those who got it, whose wallet was seen to hold it; null while it runs, when counting would only slow it. */
    arrived: number | null;
  };
};

/** One campaign and how far it is. Throws `NotFound`. */
export async function campaignPage(shopId: ShopId, campaignId: string): Promise<CampaignPage> {
  return withShop(shopId, async (tx) => {
    const campaign = await readCampaign(tx, campaignId);
    const { membersTotal, lookedAt, shown, skipped, state } = campaign;
    const { waiting, firstDueAt } = await readWaiting(tx, campaign.campaignId);
    const isCounted = shown > 0 && (state !== 'running' || campaign.isListed);
    const arrived = isCounted ? await countArrived(tx, campaign.campaignId) : null;
    return {
      campaignId: campaign.campaignId,
      programId: campaign.programId,
      revision: campaign.revision,
      state,
      content: campaign.content,
      startsAt: campaign.startsAt,
      endsAt: campaign.endsAt,
      startedAt: campaign.startedAt,
      finishedAt: campaign.finishedAt,
      withdrawnAt: campaign.withdrawnAt,
      progress: { membersTotal, lookedAt, shown, waiting, firstDueAt, skipped, arrived },
    };
  });
}

/** What the form of a campaign has to know: what can be asked for, and what the message is drawn on. */
export type CampaignGround = { document: ProgramDocument; design: CardDesign; timeZone: string } | null;

/** Null while the program is not live. */
export async function campaignGround(shopId: ShopId, programId: ProgramId): Promise<CampaignGround> {
  return withShop(shopId, (tx) => readGround(tx, programId));
}

async function readGround(tx: Tx, programId: ProgramId): Promise<CampaignGround> {
  const version = await newestRuleVersion(tx, programId);
  if (version === null) return null;
  const { name, timeZone } = await readShop(tx);
  const published = await newestCardDesign(tx, programId);
  return {
    document: version.document,
    design: published?.design ?? starterDesign(name ?? version.document.name),
    timeZone,
  };
}
