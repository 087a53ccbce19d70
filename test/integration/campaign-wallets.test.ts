/** A message of the shop on the cards of both wallets: it is noticed when it comes, and leaves without a sound. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCardView } from '#app/data/cards/card-view.ts';
import { markSeen } from '#app/data/cards/freshness.ts';
import { listPasses, touchPasses, touchPassesInBulk } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { stopCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import { withdrawCampaign } from '#app/flows/campaigns/withdraw-campaign.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { makeHolders, runOne } from '#test/support/campaigns.ts';
import { makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { type GoogleCardHolder, makeHolder } from '#test/support/google-cards.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});

const lastPatch = (holder: GoogleCardHolder) =>
  JSON.stringify(
    wallets.google.requests.findLast(({ method, path }) => method === 'PATCH' && path.endsWith(holder.objectId))?.body,
  );

describe('a message of the shop in Google Wallet', () => {
  it('is noticed once although it comes in bulk, stays in silence, and leaves in silence', async () => {
    const shop = await makeShop();
    const holder = await makeHolder({ system, google: wallets.google }, shop);
    const [member] = await system.sql<{ id: MemberId }>('select member_id as id from pass where id = $1', [
      holder.passId,
    ]);
    const memberId = member?.id as MemberId;
    const sync = () => syncGooglePass({ shopId: shop.shopId, passId: holder.passId, isBulk: true });
    const campaignId = await runOne(shop, { text: 'We bake on Sundays' });
    await sync();
    expect(lastPatch(holder)).toContain('We bake on Sundays');
    expect(lastPatch(holder)).toContain('NOTIFY_ON_UPDATE');
    await withShop(shop.shopId, (tx) => touchPassesInBulk(tx, [memberId]));
    await sync();
    expect(lastPatch(holder)).toContain('We bake on Sundays');
    expect(lastPatch(holder)).not.toContain('NOTIFY');
    await stopCampaign({ shopId: shop.shopId, campaignId, actor: 'staff:1' });
    await withdrawCampaign({ shopId: shop.shopId, campaignId });
    await sync();
    expect(lastPatch(holder)).not.toContain('We bake on Sundays');
    expect(lastPatch(holder)).not.toContain('NOTIFY');
    expect(wallets.google.noticesShown(holder.objectId)).toBe(1);
  });
});

describe('a message of the shop in Apple Wallet', () => {
  /** What the phone would say on its lock screen once it holds this version. */
  async function noticeOf(shopId: ShopId, memberId: string): Promise<string | null> {
    return withShop(shopId, async (tx) => {
      const [pass] = await listPasses(tx, [memberId]);
      if (pass === undefined) throw new Error('the member has no card');
      const { content } = await readCardView(tx, memberId, { pass, at: new Date() });
      await markSeen(tx, pass.passId, { version: pass.version, at: new Date() });
      const fields = Object.values(toApplePass(content, identity).storeCard).flat();
      const announcing = fields.find(({ changeMessage }) => changeMessage !== undefined);
      return announcing === undefined ? null : String(announcing.value);
    });
  }
  const identity = {
    passTypeIdentifier: '',
    teamIdentifier: '',
    serialNumber: '',
    authenticationToken: '',
    webServiceURL: '',
  };

  it('is announced when it comes and not when it leaves; the next change is announced again', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    const campaignId = await runOne(shop, { text: 'We bake on Sundays' });
    expect(await noticeOf(shop.shopId, memberId)).toContain('We bake on Sundays');
    await stopCampaign({ shopId: shop.shopId, campaignId, actor: 'staff:1' });
    await withdrawCampaign({ shopId: shop.shopId, campaignId });
    expect(await noticeOf(shop.shopId, memberId)).toBeNull();
    await withShop(shop.shopId, (tx) => touchPasses(tx, [memberId as MemberId]));
    expect(await noticeOf(shop.shopId, memberId)).toBe('Stamps: 0 / 10 · Points: 0');
  });

  it('does not hush what the phone was not told yet when it leaves', async () => {
    const shop = await makeShop();
    const [memberId = ''] = await makeHolders(system, shop, 1);
    const campaignId = await runOne(shop);
    await noticeOf(shop.shopId, memberId);
    await withShop(shop.shopId, (tx) => touchPasses(tx, [memberId as MemberId]));
    await stopCampaign({ shopId: shop.shopId, campaignId, actor: 'staff:1' });
    await withdrawCampaign({ shopId: shop.shopId, campaignId });
    expect(await noticeOf(shop.shopId, memberId)).toBe('Stamps: 0 / 10 · Points: 0');
  });
});
