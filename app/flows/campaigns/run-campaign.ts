/**
 * A campaign at work: members are looked at in slices, each slice in one transaction with how far it came, so that a killed
 * worker's successor goes on where it was and nobody gets a message twice. What fell into quiet hours comes when they end.
 */
import { readCandidates, takeDue, type FoundCandidate } from '#app/data/campaigns/candidates.ts';
import { type Campaign, lockCampaign, moveCampaign, writeProgress } from '#app/data/campaigns/campaigns.ts';
import {
  addWaiting,
  dropWaiting,
  readWaiting,
  showNews,
  waitForOtherCampaigns,
} from '#app/data/campaigns/recipients.ts';
import { touchPassesInBulk } from '#app/data/cards/passes.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type CampaignTerms, decideRecipient } from '#app/domain/campaigns/decide-recipient.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

const membersPerSlice = 200;
/** After this long a job hands over to the next, so that no other work of the lane waits for a large shop. */
const turnMs = 2_000;

/** Goes on with a campaign until nothing is due or others should have a turn. Safe to repeat, to kill and to run twice. */
export async function runCampaign(asked: { shopId: ShopId; campaignId: string }): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < turnMs) if ((await runSlice(asked)) === 'rest') return;
  await withShop(asked.shopId, (tx) => enqueue(tx, 'run-campaign', { campaignId: asked.campaignId }));
}

async function runSlice({ shopId, campaignId }: { shopId: ShopId; campaignId: string }): Promise<'more' | 'rest'> {
  return withShop(shopId, async (tx) => {
    await keepErasureOut(tx);
    await waitForOtherCampaigns(tx);
    const campaign = await lockCampaign(tx, campaignId);
    const { startsAt, endsAt } = campaign;
    const shop = await readShop(tx);
    const at = now();
    if (startsAt === null || endsAt === null || at < startsAt || shop.state !== 'installed') return 'rest';
    if (campaign.state !== 'scheduled' && campaign.state !== 'running') return 'rest';
    // What is over is taken off the cards, which is another job's work.
    if (at >= endsAt) return 'rest';
    if (campaign.state === 'scheduled') await moveCampaign(tx, campaign.campaignId, { state: 'running', at });
    const { quietHours, perWeekMax } = campaign.content;
    const terms = { at, endsAt, quietHours, perWeekMax, shopTimeZone: shop.timeZone };
    return campaign.isListed ? showDue(tx, campaign, terms) : showNext(tx, campaign, terms);
  });
}

async function showNext(tx: Tx, campaign: Campaign, terms: CampaignTerms): Promise<'more'> {
  const { programId, content, cursor: after } = campaign;
  const slice = await readCandidates(tx, { programId, content, at: terms.at, after, limit: membersPerSlice });
  const { shown, skipped } = await settle(tx, campaign, { candidates: slice.candidates, terms });
  await writeProgress(tx, campaign.campaignId, {
    cursor: slice.last ?? after,
    isListed: slice.lookedAt < membersPerSlice,
    lookedAt: campaign.lookedAt + slice.lookedAt,
    shown: campaign.shown + shown,
    skipped,
  });
  return 'more';
}

/** Consent may have been taken back, and the cap reached, while a message waited: all is decided anew. */
async function showDue(tx: Tx, campaign: Campaign, terms: CampaignTerms): Promise<'more' | 'rest'> {
  const { campaignId, content } = campaign;
  const candidates = await takeDue(tx, campaignId, { purpose: content.purpose, at: terms.at, limit: membersPerSlice });
  if (candidates.length > 0) {
    const { shown, skipped } = await settle(tx, campaign, { candidates, terms });
    await writeProgress(tx, campaignId, { ...campaign, shown: campaign.shown + shown, skipped });
    return 'more';
  }
  const { waiting } = await readWaiting(tx, campaignId);
  if (waiting === 0) await moveCampaign(tx, campaignId, { state: 'done', at: terms.at });
  return 'rest';
}

type Settled = { shown: number; skipped: Campaign['skipped'] };

async function settle(
  tx: Tx,
  campaign: Campaign,
  { candidates, terms }: { candidates: FoundCandidate[]; terms: CampaignTerms },
): Promise<Settled> {
  const skipped = { ...campaign.skipped };
  const memberIds: MemberId[] = [];
  const waiting: { memberId: MemberId; dueAt: Date }[] = [];
  const dropped: MemberId[] = [];
  for (const candidate of candidates) {
    const { memberId } = candidate;
    const decision = decideRecipient(candidate, terms);
    if (decision.kind === 'now') memberIds.push(memberId);
    else if (decision.kind === 'later') waiting.push({ memberId, dueAt: decision.dueAt });
    else {
      skipped[decision.reason] += 1;
      dropped.push(memberId);
    }
  }
  await addWaiting(tx, campaign.campaignId, waiting);
  await dropWaiting(tx, campaign.campaignId, dropped);
  const shown = await showNews(tx, campaign.campaignId, { memberIds, at: terms.at });
  await touchPassesInBulk(tx, shown);
  return { shown: shown.length, skipped };
}
