/** The merchant starts a campaign, holds it, lets it go on, or stops it. */
import {
  type Campaign,
  lockCampaign,
  moveCampaign,
  readCampaign,
  scheduleTimes,
} from '#app/data/campaigns/campaigns.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CampaignState } from '#app/domain/campaigns/campaign.ts';
import { planCampaign } from '#app/domain/campaigns/read-campaign.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

type Steered = { shopId: ShopId; campaignId: string; actor: string };

/**
 * Starts a draft, now or at its time. Starting it again changes nothing. Throws `InvalidInput` that names the field,
 * `Conflict` when the draft is not the one that was looked at, or the program is not live, `NotFound`.
 */
export async function startCampaign(asked: Steered & { expectedRevision: number }): Promise<Campaign> {
  return steer(asked, 'start', async (tx, campaign) => {
    if (campaign.state !== 'draft') return false;
    if (asked.expectedRevision !== campaign.revision)
      throw new Conflict('campaign-changed', 'A newer draft was saved meanwhile', {
        publicMessage: 'Somebody else saved this campaign meanwhile. Look at it again before you start it.',
      });
    const version = await newestRuleVersion(tx, campaign.programId);
    if (version === null)
      throw new Conflict('program-not-live', 'The program is not live', {
        publicMessage: 'The program is not live yet: nobody has a card to write to.',
      });
    const at = now();
    const { timeZone } = await readShop(tx);
    const times = planCampaign(campaign.content, { at, timeZone, document: version.document });
    await scheduleTimes(tx, campaign.campaignId, { ...times, at });
    if (times.startsAt <= at) await enqueue(tx, 'run-campaign', { campaignId: campaign.campaignId });
    return true;
  });
}

/** Holds a campaign: who has the message keeps it, nobody gets it meanwhile. Safe to repeat. Throws `Conflict`, `NotFound`. */
export async function pauseCampaign(asked: Steered): Promise<Campaign> {
  return steer(asked, 'pause', (tx, campaign) => move(tx, campaign, { from: ['scheduled', 'running'], to: 'paused' }));
}

/** Lets a held campaign go on where it was. Safe to repeat. Throws `Conflict`, `NotFound`. */
export async function continueCampaign(asked: Steered): Promise<Campaign> {
  return steer(asked, 'continue', async (tx, campaign) => {
    const to = campaign.startedAt === null ? 'scheduled' : 'running';
    const isMoved = await move(tx, campaign, { from: ['paused'], to });
    if (isMoved) await enqueue(tx, 'run-campaign', { campaignId: campaign.campaignId });
    return isMoved;
  });
}

/** Ends a campaign for good: nobody else gets the message, and it leaves the cards. Safe to repeat. Throws `Conflict`, `NotFound`. */
export async function stopCampaign(asked: Steered): Promise<Campaign> {
  return steer(asked, 'stop', async (tx, campaign) => {
    // One that reached everybody is done, and its message can still be taken back.
    const isShown = campaign.state === 'done' && campaign.withdrawnAt === null;
    const from: CampaignState[] = ['scheduled', 'running', 'paused', ...(isShown ? ['done' as const] : [])];
    const isMoved = await move(tx, campaign, { from, to: 'stopped' });
    if (isMoved) await enqueue(tx, 'withdraw-campaign', { campaignId: campaign.campaignId });
    return isMoved;
  });
}

type Move = { from: CampaignState[]; to: CampaignState };

/** False when it is there already. */
async function move(tx: Tx, { campaignId, state }: Campaign, { from, to }: Move): Promise<boolean> {
  const isThere =
    state === to || (to === 'scheduled' && state === 'running') || (to === 'running' && state === 'scheduled');
  if (isThere) return false;
  if (!from.includes(state))
    throw new Conflict('campaign-state', `A campaign that is ${state} cannot become ${to}`, {
      publicMessage: state === 'draft' ? 'This campaign was not started yet.' : 'This campaign is over.',
    });
  await moveCampaign(tx, campaignId, { state: to, at: now(), endsNow: to === 'stopped' });
  return true;
}

async function steer(
  asked: Steered,
  action: string,
  change: (tx: Tx, campaign: Campaign) => Promise<boolean>,
): Promise<Campaign> {
  return withShop(asked.shopId, async (tx) => {
    const campaign = await lockCampaign(tx, asked.campaignId);
    if (await change(tx, campaign))
      await appendAudit(tx, {
        actor: asked.actor,
        action: `campaign.${action}`,
        object: `campaign:${campaign.campaignId}`,
        beforeHash: null,
        afterHash: fingerprint(campaign.content),
        reason: null,
        occurredAt: now(),
      });
    return readCampaign(tx, campaign.campaignId);
  });
}
