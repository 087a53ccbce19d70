/** What campaigns keep of people, and what becomes of it. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { memberCreateSchema } from '#app/contracts/api.ts';
import { readCampaign } from '#app/data/campaigns/campaigns.ts';
import { showNews } from '#app/data/campaigns/recipients.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { foldMembers } from '#app/data/members/fold-members.ts';
import { readCaseAnswer } from '#app/data/privacy/cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { stopCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import { createMember } from '#app/flows/members/create-member.ts';
import type { CampaignId, MemberId } from '#app/lib/ids.ts';
import { campaignPage } from '#app/queries/campaign-pages.ts';
import { makeHolders, newsOf, playCampaign, runOne, startOne } from '#test/support/campaigns.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const stateOf = async (shop: TestShop, campaignId: string) =>
  (await withShop(shop.shopId, (tx) => readCampaign(tx, campaignId))).state;

describe('an erased member', () => {
  it('leaves no trace in who got what, and what was written to them alone is gone', async () => {
    const shop = await makeShop();
    const [memberId = '', other = ''] = await makeHolders(system, shop, 2);
    await system.sql(`update member set time_zone = 'Asia/Tokyo' where id = $1`, [memberId]);
    const [customer] = await system.sql<{ id: string }>('select shopify_customer_id as id from member where id = $1', [
      memberId,
    ]);
    const own = await runOne(shop, {
      text: 'Happy birthday, Kunigunde!',
      name: 'Kunigunde',
      audience: { kind: 'member', memberId },
    });
    const everybody = await runOne(shop);
    const request = redactBody(shop, { id: Number(customer?.id) });
    await settleCase(system, shop, 'customers/redact', request);
    expect(await system.sql('select 1 from campaign_recipient where member_id = $1', [memberId])).toEqual([]);
    expect(await system.sql('select news_campaign, time_zone from member where id = $1', [memberId])).toEqual([
      { news_campaign: null, time_zone: null },
    ]);
    expect(await system.sql(`select 1 from campaign where content::text like '%Kunigunde%'`)).toEqual([]);
    expect(await stateOf(shop, own)).toBe('stopped');
    expect(await newsOf(system, [other])).toEqual([everybody]);
    await stopCampaign({ shopId: shop.shopId, campaignId: everybody, actor: 'staff:1' });
  });
});

describe('a member who asks for their data', () => {
  it('reads every message they got or are about to get, in their language', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    await system.sql(`update member set locale = 'de', time_zone = 'Europe/Berlin' where id = $1`, [memberId]);
    await runOne(shop, { translations: { de: 'Doppelte Stempel' } });
    const [customer] = await system.sql<{ id: string }>('select shopify_customer_id as id from member where id = $1', [
      memberId,
    ]);
    const body = {
      shop_domain: shop.domain,
      customer: { id: Number(customer?.id) },
      orders_requested: [],
      data_request: { id: 1 },
    };
    const { id } = await settleCase(system, shop, 'customers/data_request', body);
    const answer = JSON.parse((await withShop(shop.shopId, (tx) => readCaseAnswer(tx, id))) ?? 'null') as {
      members: { member: { timeZone: string }; messages: { text: string; shownAt: string }[] }[];
    };
    expect(answer.members[0]?.member.timeZone).toBe('Europe/Berlin');
    expect(answer.members[0]?.messages).toMatchObject([{ text: 'Doppelte Stempel', shownAt: expect.any(String) }]);
  });
});

it('two members who become one do not get a message twice', async () => {
  const shop = await makeShop();
  const [gone = '', kept = ''] = await makeHolders(system, shop, 2);
  const campaignId = await startOne(shop);
  // The one was reached, the other not yet.
  await withShop(shop.shopId, async (tx) => {
    await showNews(tx, campaignId as CampaignId, { memberIds: [gone as MemberId], at: new Date() });
    await lockHistory(tx);
    const at = new Date();
    await foldMembers(tx, { goneId: gone as MemberId, intoId: kept as MemberId, mergedAt: at, at });
  });
  await playCampaign(shop, campaignId);
  expect(await newsOf(system, [kept])).toEqual([campaignId]);
  expect((await campaignPage(shop.shopId, campaignId)).progress).toMatchObject({ shown: 0, waiting: 0, lookedAt: 1 });
});

it('an integrator may say where a member’s day begins', async () => {
  const shop = await makeShop();
  const create = (timeZone: string) => memberCreateSchema.parse({ externalId: randomUUID(), timeZone });
  const { memberId } = await createMember({
    shopId: shop.shopId,
    clientId: 'till',
    idempotencyKey: randomUUID(),
    member: create('Asia/Tokyo'),
  });
  expect(await system.sql('select time_zone from member where id = $1', [memberId])).toEqual([
    { time_zone: 'Asia/Tokyo' },
  ]);
  expect(() => create('Mars/Olympus')).toThrow('must be a time zone such as Europe/Berlin');
});
