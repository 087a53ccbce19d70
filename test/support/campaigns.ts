/** Arrangement for campaigns: what one says when nothing more is asked of it, and how one is played to its rest. */
import { withShop } from '#app/data/tenancy.ts';
import type { CampaignContent } from '#app/domain/campaigns/campaign.ts';
import { runCampaign } from '#app/flows/campaigns/run-campaign.ts';
import { saveCampaign } from '#app/flows/campaigns/save-campaign.ts';
import { startCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { makeMember, type TestShop, type TestSystem } from '#test/support/factories.ts';

const hourMs = 3_600_000;

/** The wall time of UTC, where test shops live, so many hours from now by the real clock. */
export function inHours(hours: number): string {
  return new Date(Date.now() + hours * hourMs).toISOString().slice(0, 16);
}

export function campaignContent(overrides: Partial<CampaignContent> = {}): CampaignContent {
  return {
    name: 'Autumn',
    purpose: 'program',
    text: 'Double stamps all week',
    translations: {},
    audience: { kind: 'all' },
    startsAt: null,
    endsAt: inHours(72),
    quietHours: null,
    perWeekMax: 2,
    ...overrides,
  };
}

/** Saves and starts a campaign, without running it. */
export async function startOne(shop: TestShop, overrides: Partial<CampaignContent> = {}): Promise<string> {
  const { campaignId, revision } = await saveCampaign({
    shopId: shop.shopId,
    programId: shop.programId,
    campaignId: null,
    content: campaignContent(overrides),
    expectedRevision: null,
    actor: 'staff:1',
  });
  await startCampaign({ shopId: shop.shopId, campaignId, expectedRevision: revision, actor: 'staff:1' });
  return campaignId;
}

/** Runs a campaign until it rests, however slow the machine: each turn that hands over is followed by the next. */
export async function playCampaign({ shopId }: TestShop, campaignId: string): Promise<void> {
  for (;;) {
    const handedOver = (await waitingJobs(shopId, 'run-campaign')).length;
    await runCampaign({ shopId, campaignId });
    if ((await waitingJobs(shopId, 'run-campaign')).length === handedOver) return;
  }
}

/** Starts a campaign and runs it until it rests. */
export async function runOne(shop: TestShop, overrides: Partial<CampaignContent> = {}): Promise<string> {
  const campaignId = await startOne(shop, overrides);
  await playCampaign(shop, campaignId);
  return campaignId;
}

/** Members whose card is in a wallet already. */
export async function makeHolders(system: TestSystem, shop: TestShop, count: number): Promise<string[]> {
  const memberIds: string[] = [];
  for (let n = 0; n < count; n += 1) memberIds.push((await makeMember(shop)).memberId);
  await system.sql('update pass set seen_version = version, seen_at = now() where member_id = any($1)', [memberIds]);
  return memberIds;
}

/** Who has which message on their card. */
export async function newsOf(system: TestSystem, memberIds: string[]): Promise<(string | null)[]> {
  const rows = await system.sql<{ id: string; news_campaign: string | null }>(
    'select id, news_campaign from member where id = any($1)',
    [memberIds],
  );
  return memberIds.map((memberId) => rows.find((row) => row.id === memberId)?.news_campaign ?? null);
}

/** The jobs of a kind that wait for the relay. */
export async function waitingJobs(shopId: ShopId, job: string): Promise<Record<string, unknown>[]> {
  const rows = await withShop(shopId, (tx) =>
    tx.query<{ payload: Record<string, unknown> }>(
      'select payload from outbox where shop_id = $1 and job = $2 order by id',
      [shopId, job],
    ),
  );
  return rows.map((row) => row.payload);
}
