import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CampaignContent, Segment } from '#app/domain/campaigns/campaign.ts';
import { makeHolders, newsOf, runOne } from '#test/support/campaigns.ts';
import {
  deliver,
  drain,
  makeDocument,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const segment = (parts: Partial<Segment>): CampaignContent['audience'] => ({
  kind: 'segment',
  segment: {
    tiers: [],
    languages: [],
    balance: null,
    activity: null,
    enrolledFrom: null,
    enrolledUntil: null,
    ...parts,
  },
});

describe('a segment', () => {
  let shop: TestShop;
  let members: string[];
  const reached = async (audience: CampaignContent['audience']) => {
    const campaignId = await runOne(shop, { audience, perWeekMax: 7 });
    const news = await newsOf(system, members);
    await system.sql('delete from campaign_recipient where campaign_id = $1', [campaignId]);
    await system.sql('update member set news_campaign = null where shop_id = $1', [shop.shopId]);
    return news.map((one, index) => (one === campaignId ? index : -1)).filter((index) => index >= 0);
  };
  beforeAll(async () => {
    shop = await makeShop();
    members = await makeHolders(system, shop, 4);
  });

  it('is by language, whatever the region', async () => {
    await system.sql(`update member set locale = 'de-CH' where id = $1`, [members[1]]);
    await system.sql(`update member set locale = 'fr' where id = $1`, [members[2]]);
    expect(await reached(segment({ languages: ['de', 'fr'] }))).toEqual([1, 2]);
  });

  it('is by what can be spent of a unit', async () => {
    await system.sql(`update balance set amount = 80, held = 30 where member_id = $1 and unit = 'points'`, [
      members[0],
    ]);
    await system.sql(`update balance set amount = 50 where member_id = $1 and unit = 'points'`, [members[1]]);
    await system.sql(`update balance set amount = -5 where member_id = $1 and unit = 'points'`, [members[2]]);
    const balance = (min: number | null, max: number | null) => segment({ balance: { unit: 'points', min, max } });
    expect(await reached(balance(50, 50))).toEqual([0, 1]);
    expect(await reached(balance(null, 0))).toEqual([2, 3]);
    expect(await reached(balance(1, null))).toEqual([0, 1]);
  });

  it('is by activity and by the day of joining', async () => {
    await system.sql(`update balance set active_at = null where shop_id = $1`, [shop.shopId]);
    await system.sql(`update balance set active_at = now() - interval '10 days' where member_id = $1`, [members[3]]);
    expect(await reached(segment({ activity: { kind: 'active', days: 11 } }))).toEqual([3]);
    expect(await reached(segment({ activity: { kind: 'quiet', days: 11 } }))).toEqual([0, 1, 2]);
    expect(await reached(segment({ activity: { kind: 'active', days: 9 } }))).toEqual([]);
    await system.sql(`update member set enrolled_at = '2024-02-10T23:59:59Z' where id = $1`, [members[0]]);
    await system.sql(`update member set enrolled_at = '2024-02-11T00:00:00Z' where id = $1`, [members[1]]);
    expect(await reached(segment({ enrolledFrom: '2024-02-10', enrolledUntil: '2024-02-10' }))).toEqual([0]);
    expect(await reached(segment({ enrolledUntil: '2024-12-31' }))).toEqual([0, 1]);
  });

  it('is by the tier that follows from what was bought', async () => {
    const tea = await makeShop(
      makeDocument({
        tiers: {
          qualifiesBy: { kind: 'spend' },
          window: { kind: 'lifetime' },
          graceDays: 0,
          levels: [
            { id: 'bronze', name: 'Bronze', threshold: 1_000 },
            { id: 'gold', name: 'Gold', threshold: 2_000 },
          ],
        },
      }),
    );
    const holders = await makeHolders(system, tea, 3);
    const customers = await system.sql<{ id: string; customer: string }>(
      'select id, shopify_customer_id as customer from member where id = any($1)',
      [holders],
    );
    const orders = { 1: 1, 2: 2 };
    for (const [index, count] of Object.entries(orders)) {
      const customer = customers.find(({ id }) => id === holders[Number(index)])?.customer;
      for (let n = 0; n < count; n += 1)
        await deliver(tea, 'orders/paid', orderBody({ customer: { id: Number(customer) } }));
    }
    await drain(tea);
    const gold = await runOne(tea, { audience: segment({ tiers: ['gold'] }) });
    expect(await newsOf(system, holders)).toEqual([null, null, gold]);
    const any = await runOne(tea, { audience: segment({ tiers: ['bronze', 'gold'] }), perWeekMax: 7 });
    expect(await newsOf(system, holders)).toEqual([null, any, any]);
  });

  it('may be one member alone, who is nobody in another shop', async () => {
    expect(await reached({ kind: 'member', memberId: members[2] ?? '' })).toEqual([2]);
    expect(await reached({ kind: 'member', memberId: randomUUID() })).toEqual([]);
  });
});
