/** A message whose time is over leaves the cards, in slices, without a sound. */
import { lockCampaign, moveCampaign, writeWithdrawal } from '#app/data/campaigns/campaigns.ts';
import { dropNextWaiting, hideNews } from '#app/data/campaigns/recipients.ts';
import { touchPassesQuietly } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const membersPerSlice = 500;
const waitingPerSlice = 5_000;

/** Takes the message off one slice of cards and asks for the next. Safe to repeat, and to kill. */
export async function withdrawCampaign(asked: { shopId: ShopId; campaignId: string }): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    const campaign = await lockCampaign(tx, asked.campaignId);
    const at = now();
    const { campaignId, state, endsAt } = campaign;
    const isOver = state === 'stopped' || (endsAt !== null && endsAt <= at);
    if (!isOver || campaign.withdrawnAt !== null) return;
    if (campaign.withdrawCursor === null) {
      // First those who wait, slice by slice as well: after quiet hours that may be everybody.
      if ((await dropNextWaiting(tx, campaignId, waitingPerSlice)) === waitingPerSlice)
        return enqueue(tx, 'withdraw-campaign', { campaignId });
      if (state !== 'stopped') await moveCampaign(tx, campaignId, { state: 'done', at });
    }
    const { last, hidden } = await hideNews(tx, campaignId, { after: campaign.withdrawCursor, limit: membersPerSlice });
    await touchPassesQuietly(tx, hidden);
    await writeWithdrawal(tx, campaignId, { cursor: last, at: last === null ? at : null });
    if (last !== null) await enqueue(tx, 'withdraw-campaign', { campaignId });
  });
}
