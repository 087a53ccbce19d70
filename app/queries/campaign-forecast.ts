/** Whom a campaign would reach if it began now: the very decisions that will be taken, counted instead of carried out. */
import { readCandidates } from '#app/data/campaigns/candidates.ts';
import { readCampaign } from '#app/data/campaigns/campaigns.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { addDecisions, decideRecipient, emptyForecast, type Forecast } from '#app/domain/campaigns/decide-recipient.ts';
import { planCampaign } from '#app/domain/campaigns/read-campaign.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type CampaignForecast = Forecast & {
  lookedAt: number;
  /** False when the shop has more members than are looked at for a forecast. */
  isWhole: boolean;
};

const slice = 1_000;
/** Beyond this many a forecast says "of the first"; the campaign itself knows no such end. */
const membersMax = 20_000;

/**
 * The forecast of a draft, at its start. What changes until then, it cannot know. Throws `InvalidInput` that names what stands
 * in the way of starting, `NotFound`.
 */
export async function forecastCampaign(shopId: ShopId, campaignId: string): Promise<CampaignForecast> {
  return withShop(shopId, async (tx) => {
    const { programId, content } = await readCampaign(tx, campaignId);
    const { timeZone } = await readShop(tx);
    const version = await newestRuleVersion(tx, programId);
    if (version === null) throw new NotFound('program-not-live', 'The program is not live');
    const { startsAt, endsAt } = planCampaign(content, { at: now(), timeZone, document: version.document });
    const { quietHours, perWeekMax } = content;
    const terms = { at: startsAt, endsAt, quietHours, perWeekMax, shopTimeZone: timeZone };
    let forecast: CampaignForecast = { ...emptyForecast(), lookedAt: 0, isWhole: true };
    let after: MemberId | null = null;
    for (;;) {
      const found = await readCandidates(tx, { programId, content, at: startsAt, after, limit: slice });
      const decisions = found.candidates.map((candidate) => decideRecipient(candidate, terms));
      forecast = { ...forecast, ...addDecisions(forecast, decisions), lookedAt: forecast.lookedAt + found.lookedAt };
      if (found.lookedAt < slice) return forecast;
      if (forecast.lookedAt >= membersMax) return { ...forecast, isWhole: false };
      after = found.last;
    }
  });
}
