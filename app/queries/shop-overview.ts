/** The health of the card: what Home shows. */
import { countTroubledIssuers } from '#app/data/cards/apple-issuers.ts';
import { quietUntil } from '#app/domain/cards/certificate-alarms.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import {
  type Attention,
  type DayFigures,
  readAttention,
  readCounts,
  readDailySeries,
  readFreshness,
} from '#app/data/shops/statistics.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type ShopOverview = {
  shop: { name: string; domain: string; currency: string; timeZone: string };
  onboarding: { isLive: boolean; programId: ProgramId | null };
  /** All programs, oldest first: where there are several, pages say which one they are about. */
  programs: { programId: ProgramId; name: string; state: 'draft' | 'live' | 'ended' }[];
  counts: {
    members: number;
    activePasses: number;
    enrolledLast30Days: number;
    stampsLast30Days: number;
    pointsLast30Days: number;
    redemptionsLast30Days: number;
  };
  /** One point per day of the shop's calendar, oldest first. */
  series: DayFigures[];
  freshness: { total: number; fresh: number; stale: number };
  attention: Attention & { needsReauthorization: boolean; certificates: number };
};

const days = 30;
const defaultCurrency = 'USD';

/** The shop's figures as they stand now. Throws `NotFound`. */
export async function shopOverview(shopId: ShopId): Promise<ShopOverview> {
  return withShop(shopId, async (tx) => {
    const shop = await readShop(tx);
    const programs = await listPrograms(tx);
    const since = new Date(now().getTime() - days * 86_400_000);
    const live = programs.find((program) => program.state === 'live') ?? programs[0];
    return {
      shop: {
        name: shop.name ?? shop.domain.replace('.myshopify.com', ''),
        domain: shop.domain,
        currency: shop.currency ?? defaultCurrency,
        timeZone: shop.timeZone,
      },
      onboarding: { isLive: live?.state === 'live', programId: live?.programId ?? null },
      programs: programs.map(({ programId, draft, state }) => ({ programId, name: draft.name, state })),
      counts: await readCounts(tx, since),
      series: await readDailySeries(tx, { days, until: now(), timeZone: shop.timeZone }),
      freshness: await readFreshness(tx),
      attention: {
        ...(await readAttention(tx)),
        needsReauthorization: shop.needsReauthorization,
        certificates: await countTroubledIssuers(tx, quietUntil(new Date())),
      },
    };
  });
}
