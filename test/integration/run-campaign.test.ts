import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readCardView } from '#app/data/cards/card-view.ts';
import { findPass } from '#app/data/cards/passes.ts';
import { appendConsents } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readCampaign } from '#app/data/campaigns/campaigns.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { runCampaign } from '#app/flows/campaigns/run-campaign.ts';
import { continueCampaign, pauseCampaign, stopCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import { tendCampaigns } from '#app/flows/campaigns/tend-campaigns.ts';
import { withdrawCampaign } from '#app/flows/campaigns/withdraw-campaign.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { inHours, makeHolders, newsOf, playCampaign, runOne, startOne, waitingJobs } from '#test/support/campaigns.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const hourMs = 3_600_000;
const campaignOf = (shop: TestShop, campaignId: string) => withShop(shop.shopId, (tx) => readCampaign(tx, campaignId));
const versionsOf = async (memberIds: string[]) =>
  (
    await system.sql<{ version: string }>('select version from pass where member_id = any($1) order by member_id', [
      memberIds,
    ])
  ).map((row) => Number(row.version));

async function consent(shop: TestShop, memberId: string, purpose: 'program' | 'marketing', granted: boolean) {
  await withShop(shop.shopId, (tx) =>
    appendConsents(tx, [
      {
        subject: memberId,
        purpose,
        channel: 'wallet',
        granted,
        wordingVersion: '1',
        locale: 'en',
        source: 'test',
        occurredAt: new Date(),
      },
    ]),
  );
}

describe('a campaign', () => {
  it('puts its message on every card it is for, in the language of the member, and asks in bulk for each to be redrawn', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 3);
    await system.sql(`update member set locale = 'de-CH' where id = $1`, [members[0]]);
    await system.sql('delete from outbox', []);
    const campaignId = await runOne(shop, { text: 'Double stamps', translations: { de: 'Doppelte Stempel' } });
    expect(await newsOf(system, members)).toEqual([campaignId, campaignId, campaignId]);
    const texts = await withShop(shop.shopId, async (tx) => {
      const views = [];
      for (const memberId of members) views.push(await readCardView(tx, memberId, { pass: null, at: new Date() }));
      return views.map(({ content }) => content.news?.text);
    });
    expect(texts).toEqual(['Doppelte Stempel', 'Double stamps', 'Double stamps']);
    const jobs = await waitingJobs(shop.shopId, 'regenerate-pass');
    expect(jobs).toHaveLength(3);
    expect(new Set(jobs.map((job) => job['isBulk']))).toEqual(new Set([true]));
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'done', lookedAt: 3, shown: 3, membersTotal: 3 });
  });

  it('is announced to the phone', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    const [pass] = await system.sql<{ id: string }>('select id from pass where member_id = $1', [memberId]);
    const passId = pass?.id ?? '';
    await regeneratePass({ shopId: shop.shopId, passId, isBulk: false });
    await runOne(shop, { text: 'We bake on Sundays' });
    await system.sql('delete from outbox', []);
    await regeneratePass({ shopId: shop.shopId, passId, isBulk: false });
    expect(await waitingJobs(shop.shopId, 'push-apple')).toHaveLength(1);
    const announcement = await withShop(shop.shopId, async (tx) => {
      const found = await findPass(tx, passId);
      return (await readCardView(tx, memberId, { pass: found, at: new Date() })).content.announcement;
    });
    expect(announcement).toContain('We bake on Sundays');
  });

  it('goes to nobody without consent to its purpose, without a card, frozen, erased or folded', async () => {
    const shop = await makeShop();
    const [willing = '', refused = '', silent = '', frozen = '', cardless = '', erased = '', folded = ''] =
      await makeHolders(system, shop, 7);
    for (const memberId of [willing, frozen, cardless, erased, folded])
      await consent(shop, memberId, 'marketing', true);
    await consent(shop, refused, 'marketing', true);
    await consent(shop, refused, 'marketing', false);
    await system.sql(`update member set state = 'frozen' where id = $1`, [frozen]);
    await system.sql(`update member set state = 'erased' where id = $1`, [erased]);
    await system.sql('update member set folded_into = $2, folded_at = now() where id = $1', [folded, willing]);
    await system.sql('update pass set seen_version = 0 where member_id = $1', [cardless]);
    const campaignId = await runOne(shop, { purpose: 'marketing' });
    const all = [willing, refused, silent, frozen, cardless, erased, folded];
    expect(await newsOf(system, all)).toEqual([campaignId, null, null, null, null, null, null]);
    expect(await campaignOf(shop, campaignId)).toMatchObject({
      shown: 1,
      lookedAt: 5,
      skipped: { 'no-consent': 2, 'no-card': 1, frozen: 1, 'too-many': 0, 'too-late': 0 },
    });
  });

  it('run by four workers at once and again reaches everybody once', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 30);
    const before = await versionsOf(members);
    const campaignId = await startOne(shop);
    await Promise.all(Array.from({ length: 4 }, () => runCampaign({ shopId: shop.shopId, campaignId })));
    await playCampaign(shop, campaignId);
    const after = await versionsOf(members);
    expect(after).toEqual(before.map((version) => version + 1));
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'done', shown: 30 });
  });

  /** Answers a campaign whose worker was killed after some of its slices, among more members than one slice reaches. */
  async function killedHalfway(): Promise<{ shop: TestShop; campaignId: string }> {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 1);
    // Many members without the cost of enrolling each.
    await system.sql(
      `with added as (
         insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
         select shop_id, gen_random_uuid(), program_id, 'many-' || n, now(), 'link' from member, generate_series(1, 1500) n
         where id = $1 returning shop_id, id
       ), cards as (
         insert into pass (shop_id, id, member_id, wallet, serial, seen_version)
         select shop_id, gen_random_uuid(), id, 'apple', gen_random_uuid()::text, 1 from added
       )
       insert into consent_record (shop_id, sequence, subject, purpose, channel, granted, wording_version, locale, source,
         occurred_at, previous_hash, hash)
       select shop_id, 1000 + row_number() over (), id, 'program', 'wallet', true, '1', 'en', 'test', now(), '', '' from added`,
      members,
    );
    const campaignId = await startOne(shop);
    const program = path.join(import.meta.dirname, '..', 'support', 'run-campaign-once.ts');
    const holder = new pg.Client({ connectionString: system.url });
    await holder.connect();
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, system.url, shop.shopId, campaignId],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    try {
      // Held between two slices, so that the worker dies with some of them done.
      for (;;) {
        await holder.query('begin');
        const { rows } = await holder.query<{ shown: string }>('select shown from campaign where id = $1 for update', [
          campaignId,
        ]);
        if (Number(rows[0]?.shown ?? 0) > 0) break;
        await holder.query('rollback');
      }
      child.kill('SIGKILL');
      await once(child, 'close');
    } finally {
      child.kill('SIGKILL');
      await holder.query('rollback');
      await holder.end();
    }
    // Between two looks the worker may come to the end: then another one has to be caught, of members nobody wrote to yet.
    return (await campaignOf(shop, campaignId)).shown < 1_501 ? { shop, campaignId } : killedHalfway();
  }

  it('whose worker is killed goes on where it was, and nobody gets the message twice', async () => {
    const { shop, campaignId } = await killedHalfway();
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'running' });
    await playCampaign(shop, campaignId);
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'done', shown: 1_501, lookedAt: 1_501 });
    const versions = await system.sql<{ version: string }>(
      'select version from pass where shop_id = $1 group by version',
      [shop.shopId],
    );
    expect(versions.map((row) => Number(row.version))).toEqual([2]);
  });

  it('does nothing for another shop', async () => {
    const [mine, theirs] = [await makeShop(), await makeShop()];
    const members = await makeHolders(system, mine, 1);
    const campaignId = await startOne(mine);
    const theirOwn = { shopId: theirs.shopId, campaignId, actor: 'staff:2' };
    for (const work of [runCampaign, withdrawCampaign, pauseCampaign, continueCampaign, stopCampaign])
      await expect(work(theirOwn)).rejects.toMatchObject({ name: 'NotFound' });
    expect(await newsOf(system, members)).toEqual([null]);
  });
});

describe('quiet hours', () => {
  it('put a message off until they end on the clock of each member', async () => {
    const shop = await makeShop();
    const [home = '', berlin = '', tokyo = ''] = await makeHolders(system, shop, 3);
    await system.sql(`update member set time_zone = 'Europe/Berlin' where id = $1`, [berlin]);
    await system.sql(`update member set time_zone = 'Asia/Tokyo' where id = $1`, [tokyo]);
    // 20:30 in UTC: 21:30 in Berlin in winter, 05:30 of the next day in Tokyo.
    const evening = Date.UTC(new Date().getUTCFullYear() + 1, 0, 15, 20, 30);
    const toClock = (hours: number) => setClockOffsetMs(evening + hours * hourMs - Date.now());
    toClock(0);
    const endsAt = new Date(evening + 48 * hourMs).toISOString().slice(0, 16);
    const campaignId = await runOne(shop, { quietHours: { from: '21:00', until: '08:00' }, endsAt });
    expect(await newsOf(system, [home, berlin, tokyo])).toEqual([campaignId, null, null]);
    expect((await campaignOf(shop, campaignId)).state).toBe('running');
    toClock(3);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, [berlin, tokyo])).toEqual([null, campaignId]);
    toClock(10.5);
    await tendCampaigns({ shopId: shop.shopId });
    expect(await waitingJobs(shop.shopId, 'run-campaign')).toContainEqual({ shopId: shop.shopId, campaignId });
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, [berlin])).toEqual([campaignId]);
    await playCampaign(shop, campaignId);
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'done', shown: 3 });
  });

  it('give way to a consent that is taken back meanwhile', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    const at = new Date(Date.now() + hourMs).toISOString().slice(11, 16);
    const since = new Date(Date.now() - hourMs).toISOString().slice(11, 16);
    const campaignId = await runOne(shop, { quietHours: { from: since, until: at } });
    await consent(shop, memberId, 'program', false);
    setClockOffsetMs(2 * hourMs);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, [memberId])).toEqual([null]);
    expect(await campaignOf(shop, campaignId)).toMatchObject({ state: 'done', shown: 0, skipped: { 'no-consent': 1 } });
  });
});

describe('the cap of a week', () => {
  it('counts the messages of all campaigns, also of those that run at the same time', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 5);
    const started = [];
    for (let n = 0; n < 4; n += 1) started.push(await startOne(shop, { perWeekMax: 2 }));
    await Promise.all(started.map((campaignId) => playCampaign(shop, campaignId)));
    const rows = await system.sql<{ n: number }>(
      'select count(*)::int as n from campaign_recipient where member_id = any($1) group by member_id',
      [members],
    );
    expect(rows.map((row) => row.n)).toEqual([2, 2, 2, 2, 2]);
    setClockOffsetMs(8 * 24 * hourMs);
    const later = await runOne(shop, { perWeekMax: 2, endsAt: inHours(12 * 24) });
    expect((await campaignOf(shop, later)).shown).toBe(5);
  });
});

describe('steering a campaign', () => {
  it('holds it, lets it go on where it was, and takes the message back when it is stopped', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 3);
    const campaignId = await startOne(shop);
    const asked = { shopId: shop.shopId, campaignId, actor: 'staff:1' };
    await pauseCampaign(asked);
    await pauseCampaign(asked);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, members)).toEqual([null, null, null]);
    await continueCampaign(asked);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, members)).toEqual([campaignId, campaignId, campaignId]);
    await stopCampaign(asked);
    await stopCampaign(asked);
    await withdrawCampaign(asked);
    await withdrawCampaign(asked);
    expect(await newsOf(system, members)).toEqual([null, null, null]);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, members)).toEqual([null, null, null]);
    const campaign = await campaignOf(shop, campaignId);
    expect(campaign).toMatchObject({ state: 'stopped', shown: 3 });
    expect(campaign.withdrawnAt).not.toBeNull();
    await expect(continueCampaign(asked)).rejects.toMatchObject({ code: 'campaign-state' });
  });

  it('starts one at its time and takes it off the cards after its last', async () => {
    const shop = await makeShop();
    const members = await makeHolders(system, shop, 2);
    const campaignId = await startOne(shop, { startsAt: inHours(2), endsAt: inHours(10) });
    const asked = { shopId: shop.shopId, campaignId };
    await playCampaign(shop, campaignId);
    await tendCampaigns(shop);
    expect(await waitingJobs(shop.shopId, 'run-campaign')).toEqual([]);
    setClockOffsetMs(3 * hourMs);
    await tendCampaigns(shop);
    expect(await waitingJobs(shop.shopId, 'run-campaign')).toEqual([asked]);
    await playCampaign(shop, campaignId);
    expect(await newsOf(system, members)).toEqual([campaignId, campaignId]);
    setClockOffsetMs(11 * hourMs);
    await tendCampaigns(shop);
    expect(await waitingJobs(shop.shopId, 'withdraw-campaign')).toEqual([asked]);
    const before = await versionsOf(members);
    await withdrawCampaign(asked);
    expect(await newsOf(system, members)).toEqual([null, null]);
    expect(await versionsOf(members)).toEqual(before.map((version) => version + 1));
    expect((await campaignOf(shop, campaignId)).state).toBe('done');
  });

  it('leaves a newer message on the card when an older one ends', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    const older = await runOne(shop);
    const newer = await runOne(shop);
    await stopCampaign({ shopId: shop.shopId, campaignId: older, actor: 'staff:1' });
    await withdrawCampaign({ shopId: shop.shopId, campaignId: older });
    expect(await newsOf(system, [memberId])).toEqual([newer]);
  });

  it('sends nothing while the shop is not installed', async () => {
    const shop = await makeShop();
    const { memberId } = await makeMember(shop);
    await system.sql('update pass set seen_version = version where member_id = $1', [memberId]);
    await system.sql(`update shop set state = 'uninstalled' where id = $1`, [shop.shopId]);
    await runOne(shop);
    expect(await newsOf(system, [memberId])).toEqual([null]);
  });
});
