/** Works on one campaign in a process of its own, so that a test can kill it. */
import { testEnvironment } from '#test/support/factories.ts';
import { runCampaign } from '#app/flows/campaigns/run-campaign.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import type { ShopId } from '#app/lib/ids.ts';

Object.assign(process.env, testEnvironment);
const [databaseUrl = '', shopId = '', campaignId = ''] = process.argv.slice(2);
const system = await openSystem({ databaseUrl, role: 'stampwell_worker', connectionsMax: 2 });
await runCampaign({ shopId: shopId as ShopId, campaignId });
await system.close();
