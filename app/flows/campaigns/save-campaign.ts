/** The merchant writes a campaign. Nothing of a draft reaches anybody. */
import {
  type Campaign,
  deleteDraft,
  insertCampaign,
  lockCampaign,
  readCampaign,
  writeCampaignContent,
} from '#app/data/campaigns/campaigns.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { readProgram } from '#app/data/programs/programs.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CampaignContent } from '#app/domain/campaigns/campaign.ts';
import { readCampaignContent } from '#app/domain/campaigns/read-campaign.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { CampaignId, ProgramId, ShopId } from '#app/lib/ids.ts';

export type SaveCampaign = {
  shopId: ShopId;
  programId: string;
  /** Null makes a new one. */
  campaignId: string | null;
  content: unknown;
  /** The revision the editor began with. */
  expectedRevision: number | null;
  actor: string;
};

export type SavedCampaign = { campaignId: CampaignId; revision: number };

/**
 * Saves a draft; what is there already changes nothing. Throws `InvalidInput` that names the field, `Conflict` when the
 * campaign was started, or saved by somebody else, meanwhile, `NotFound`.
 */
export async function saveCampaign(asked: SaveCampaign): Promise<SavedCampaign> {
  const content = readCampaignContent(asked.content);
  return withShop(asked.shopId, async (tx) => {
    if (asked.campaignId === null) return add(tx, asked, content);
    const campaign = await lockCampaign(tx, asked.campaignId);
    refuseStarted(campaign);
    if (fingerprint(campaign.content).equals(fingerprint(content))) return campaign;
    if (asked.expectedRevision !== null && asked.expectedRevision !== campaign.revision)
      throw new Conflict('campaign-changed', 'A newer draft was saved meanwhile', {
        publicMessage: 'Somebody else saved this campaign meanwhile. Load it again before you save.',
      });
    await writeCampaignContent(tx, campaign.campaignId, { content, at: now() });
    return readCampaign(tx, campaign.campaignId);
  });
}

async function add(tx: Tx, asked: SaveCampaign, content: CampaignContent): Promise<SavedCampaign> {
  const { programId } = await readProgram(tx, asked.programId as ProgramId);
  const campaignId = await insertCampaign(tx, { programId, content, createdBy: asked.actor, at: now() });
  return { campaignId, revision: 1 };
}

/** Removes a draft. Safe to repeat. Throws `Conflict` when it was started, `NotFound`. */
export async function deleteCampaign(asked: { shopId: ShopId; campaignId: string; actor: string }): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    const campaign = await lockCampaign(tx, asked.campaignId);
    refuseStarted(campaign);
    await deleteDraft(tx, campaign.campaignId);
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'campaign.delete',
      object: `campaign:${campaign.campaignId}`,
      beforeHash: fingerprint(campaign.content),
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}

function refuseStarted({ state }: Campaign): void {
  if (state === 'draft') return;
  throw new Conflict('campaign-started', 'The campaign was started and can no longer be changed', {
    publicMessage: 'This campaign was started and can no longer be changed. Stop it, or write another one.',
  });
}
