import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readCampaign } from '#app/data/campaigns/campaigns.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CampaignContent } from '#app/domain/campaigns/campaign.ts';
import { deleteCampaign, saveCampaign } from '#app/flows/campaigns/save-campaign.ts';
import { startCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { campaignGround, campaignList, campaignPage } from '#app/queries/campaign-pages.ts';
import { forecastCampaign } from '#app/queries/campaign-forecast.ts';
import {
  campaignContent,
  inHours,
  makeHolders,
  newsOf,
  playCampaign,
  runOne,
  startOne,
  waitingJobs,
} from '#test/support/campaigns.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const save = (
  shop: TestShop,
  overrides: Partial<CampaignContent> = {},
  kept: { campaignId?: string; expectedRevision?: number } = {},
) =>
  saveCampaign({
    shopId: shop.shopId,
    programId: shop.programId,
    campaignId: kept.campaignId ?? null,
    content: campaignContent({ endsAt: '2099-01-01T00:00', ...overrides }),
    expectedRevision: kept.expectedRevision ?? null,
    actor: 'staff:1',
  });
const stateOf = async (shop: TestShop, campaignId: string) =>
  (await withShop(shop.shopId, (tx) => readCampaign(tx, campaignId))).state;

describe('a draft', () => {
  it('is saved, and saved again without effect; a second editor is told', async () => {
    const shop = await makeShop();
    const first = await save(shop);
    const { campaignId } = first;
    const changed = await save(shop, { text: 'Triple stamps' }, { campaignId, expectedRevision: 1 });
    expect(changed.revision).toBe(2);
    expect((await save(shop, { text: 'Triple stamps' }, { campaignId, expectedRevision: 1 })).revision).toBe(2);
    await expect(save(shop, { text: 'Four' }, { campaignId, expectedRevision: 1 })).rejects.toMatchObject({
      code: 'campaign-changed',
    });
    expect((await campaignPage(shop.shopId, campaignId)).content.text).toBe('Triple stamps');
    expect(await waitingJobs(shop.shopId, 'run-campaign')).toEqual([]);
  });

  it('is nobody else’s: another shop neither sees nor changes nor starts it', async () => {
    const [mine, theirs] = [await makeShop(), await makeShop()];
    const { campaignId } = await save(mine);
    const asked = { shopId: theirs.shopId, campaignId, actor: 'staff:2' };
    const refusal = { name: 'NotFound' };
    await expect(save(theirs, {}, { campaignId })).rejects.toMatchObject(refusal);
    await expect(startCampaign({ ...asked, expectedRevision: 1 })).rejects.toMatchObject(refusal);
    await expect(deleteCampaign(asked)).rejects.toMatchObject(refusal);
    await expect(campaignPage(theirs.shopId, campaignId)).rejects.toMatchObject(refusal);
    await expect(forecastCampaign(theirs.shopId, campaignId)).rejects.toMatchObject(refusal);
    await expect(
      saveCampaign({
        ...asked,
        campaignId: null,
        programId: mine.programId,
        content: campaignContent(),
        expectedRevision: null,
      }),
    ).rejects.toMatchObject(refusal);
    await expect(campaignPage(mine.shopId, 'nonsense')).rejects.toMatchObject(refusal);
    expect((await campaignList(theirs.shopId, null)).campaigns).toEqual([]);
  });

  it('can be deleted until it is started', async () => {
    const shop = await makeShop();
    const { campaignId } = await save(shop);
    await deleteCampaign({ shopId: shop.shopId, campaignId, actor: 'staff:1' });
    await expect(stateOf(shop, campaignId)).rejects.toMatchObject({ name: 'NotFound' });
    const started = await startOne(shop);
    const asked = { shopId: shop.shopId, campaignId: started, actor: 'staff:1' };
    await expect(deleteCampaign(asked)).rejects.toMatchObject({ code: 'campaign-started' });
    await expect(save(shop, {}, { campaignId: started })).rejects.toMatchObject({ code: 'campaign-started' });
  });

  it('is listed newest first, page by page', async () => {
    const shop = await makeShop();
    for (let n = 0; n < 53; n += 1) await save(shop, { name: `Number ${n}` });
    const first = await campaignList(shop.shopId, null);
    const second = await campaignList(shop.shopId, first.nextCursor);
    expect(first.campaigns[0]?.name).toBe('Number 52');
    expect([...first.campaigns, ...second.campaigns].map(({ name }) => name)).toHaveLength(53);
    expect(new Set([...first.campaigns, ...second.campaigns].map(({ campaignId }) => campaignId)).size).toBe(53);
    expect(second.nextCursor).toBeNull();
  });
});

describe('starting a campaign', () => {
  it('happens once, however often and by however many it is asked', async () => {
    const shop = await makeShop();
    const { campaignId, revision } = await save(shop, { endsAt: inHours(24) });
    const asked = { shopId: shop.shopId, campaignId, expectedRevision: revision, actor: 'staff:1' };
    await Promise.all([startCampaign(asked), startCampaign(asked), startCampaign(asked)]);
    await startCampaign(asked);
    expect(await waitingJobs(shop.shopId, 'run-campaign')).toHaveLength(1);
    const audits = await system.sql(`select 1 from audit_record where shop_id = $1 and action = 'campaign.start'`, [
      shop.shopId,
    ]);
    expect(audits).toHaveLength(1);
  });

  it('is refused for another draft than was looked at, for an end that is past and before the program is live', async () => {
    const shop = await makeShop();
    const { campaignId } = await save(shop, { endsAt: inHours(24) });
    const asked = { shopId: shop.shopId, campaignId, actor: 'staff:1' };
    await expect(startCampaign({ ...asked, expectedRevision: 2 })).rejects.toMatchObject({ code: 'campaign-changed' });
    setClockOffsetMs(48 * 3_600_000);
    await expect(startCampaign({ ...asked, expectedRevision: 1 })).rejects.toMatchObject({
      code: 'campaign-invalid',
      issues: [{ path: 'endsAt', message: 'must be after the start, and in the future' }],
    });
    setClockOffsetMs(0);
    await system.sql('delete from rule_version where shop_id = $1', [shop.shopId]);
    expect(await campaignGround(shop.shopId, shop.programId)).toBeNull();
    await expect(startCampaign({ ...asked, expectedRevision: 1 })).rejects.toMatchObject({ code: 'program-not-live' });
    expect(await stateOf(shop, campaignId)).toBe('draft');
  });
});

describe('a forecast', () => {
  it('says exactly what then happens, and changes nothing', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 8);
    const [frozen, cardless, tired, tokyo] = members;
    await system.sql(`update member set state = 'frozen' where id = $1`, [frozen]);
    await system.sql('update pass set seen_version = 0 where member_id = $1', [cardless]);
    const earlier = await runOne(shop, { audience: { kind: 'member', memberId: tired ?? '' } });
    expect(await newsOf(system, [tired ?? '', tokyo ?? ''])).toEqual([earlier, null]);
    // Quiet for the next hour in Tokyo, and nowhere else.
    await system.sql(`update member set time_zone = 'Asia/Tokyo' where id = $1`, [tokyo]);
    const tokyoTime = (hours: number) => new Date(Date.now() + (9 + hours) * 3_600_000).toISOString().slice(11, 16);
    const content = { perWeekMax: 1, quietHours: { from: tokyoTime(-1), until: tokyoTime(1) }, endsAt: inHours(24) };
    const { campaignId, revision } = await save(shop, content);
    const forecast = await forecastCampaign(shop.shopId, campaignId);
    expect(forecast).toMatchObject({
      now: 4,
      later: 1,
      never: { frozen: 1, 'no-card': 1, 'too-many': 1, 'no-consent': 0 },
      lookedAt: 8,
      isWhole: true,
    });
    expect(await newsOf(system, members.slice(4))).toEqual([null, null, null, null]);
    await startCampaign({ shopId: shop.shopId, campaignId, expectedRevision: revision, actor: 'staff:1' });
    await playCampaign(shop, campaignId);
    const { progress } = await campaignPage(shop.shopId, campaignId);
    expect(progress).toMatchObject({ shown: forecast.now, waiting: forecast.later, skipped: forecast.never });
  });

  it('counts whose wallet was seen to hold the message', async () => {
    const shop = await makeShop();
    const [first, second] = await makeHolders(system, shop, 2);
    const campaignId = await runOne(shop);
    expect((await campaignPage(shop.shopId, campaignId)).progress.arrived).toBe(0);
    await system.sql(`update pass set seen_at = now() + interval '1 minute' where member_id = $1`, [first]);
    expect(second).toBeDefined();
    expect((await campaignPage(shop.shopId, campaignId)).progress).toMatchObject({ shown: 2, arrived: 1 });
  });
});
