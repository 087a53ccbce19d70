/** Every minute: campaigns that are due go on, and messages whose time is over leave the cards. */
import { listCampaignsToTend } from '#app/data/campaigns/campaigns.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const campaignsMax = 100;

/** Asks for what each campaign of a shop needs now. Safe to repeat: one job of a campaign waits at a time. */
export async function tendCampaigns({ shopId }: { shopId: ShopId }): Promise<void> {
  await withShop(shopId, async (tx) => {
    for (const { campaignId, need } of await listCampaignsToTend(tx, now(), campaignsMax))
      await enqueue(tx, need === 'run' ? 'run-campaign' : 'withdraw-campaign', { campaignId });
  });
}
