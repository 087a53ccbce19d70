/**
 * Keys replaced while they are used: 125 requests a second that seal, open, sign and look up go on while the data key, the
 * link key and the key-encryption key of a shop are replaced. There is no baseline: none may fail.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { resealShop } from '#app/flows/keys/reseal-shop.ts';
import { rewrapShops } from '#app/flows/keys/rewrap-shops.ts';
import { rotateDataKey } from '#app/flows/keys/rotate-data-key.ts';
import { rotateLinkKey } from '#app/flows/keys/rotate-link-key.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { keyEncryptionKeys, setKeyRing } from '#app/lib/key-ring.ts';
import { type BenchResult, byHands, openBenchDatabase, rounded } from '#test/load/support.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember } from '#test/support/factories.ts';
import { ask, startTraffic, usesOfKeys } from '#test/support/steady-traffic.ts';
import { holdPass } from '#test/support/wallet-device.ts';
import { startWallets } from '#test/support/wallets.ts';

const actor = 'bench';
const email = 'canary@example.com';
const perSecondTarget = 100;
const afterMs = 2_000;

type Measured = { seconds: number; perSecond: number; sent: number };

async function addMembers(shop: AddedShop, count: number): Promise<void> {
  let left = count;
  await byHands(8, async () => {
    left -= 1;
    await enrollMember({
      shopId: shop.shopId,
      programId: shop.programId,
      via: 'link',
      profile: { email: `member-${left}@example.com`, name: `Member ${left}` },
      locale: 'en',
      consents: [{ purpose: 'program', channel: 'wallet', granted: true }],
      wordingVersion: '1',
      source: 'bench',
    });
    return left > 0;
  });
}

async function tokenOf(edge: Edge, shop: AddedShop): Promise<string> {
  const body = { grant_type: 'client_credentials', client_id: shop.apiClientId, client_secret: shop.apiClientSecret };
  return String((await ask(edge, '/oauth/token', { method: 'POST', body }))['access_token']);
}

async function replaceDataKey({ shopId }: AddedShop): Promise<void> {
  const { rotationId } = await rotateDataKey({ shopId, actor, reason: null });
  await resealShop({ shopId, rotationId });
  // The minutes in which nobody uses the old key any more are not waited for.
  setClockOffsetMs(5 * 60_000);
  const state = await resealShop({ shopId, rotationId });
  setClockOffsetMs(0);
  if (state !== 'done') throw new Error(`the rotation of the data key is ${state}`);
}

async function replaceKeyEncryptionKey(): Promise<void> {
  const earlier = keyEncryptionKeys();
  const newest = { id: `bench-${randomBytes(3).toString('hex')}`, bytes: randomBytes(32) };
  setKeyRing([...earlier, newest]);
  setKeyRing([newest, ...earlier]);
  await rewrapShops({ actor, onProgress: () => undefined });
}

/** Runs the bench. Fails when a single request fails. */
export async function benchKeyRotation({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const members = isQuick ? 1_000 : 20_000;
  const wallets = await startWallets();
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 12 });
  const edge = await startEdge();
  try {
    const shop = await addShop({ domain: 'bench-keys.myshopify.com' });
    const member = await makeMember({ ...shop, domain: shop.shopDomain, slug: shop.programSlug }, { email });
    const pass = await holdPass(member.cardUrl, wallets.pems.root);
    await addMembers(shop, members);
    const token = await tokenOf(edge, shop);
    const requests = usesOfKeys({
      edge,
      pass,
      email,
      domain: shop.shopDomain,
      token: () => token,
      cardUrl: () => member.cardUrl,
    });
    const measure = async (name: string, work: () => Promise<unknown>): Promise<Measured> => {
      const traffic = startTraffic(requests);
      const startedAt = performance.now();
      await work();
      const seconds = (performance.now() - startedAt) / 1_000;
      // What is over in an instant is looked at for a while, for what it leaves behind.
      await delay(afterMs);
      const { sent, perSecond, failures } = await traffic.stop();
      if (failures.length > 0) throw new Error(`${name}: ${failures.join('; ')}`);
      console.log(`${name}: ${rounded(seconds, 2)} s, ${sent} requests, ${rounded(perSecond)}/s, 0 failed`);
      return { seconds: rounded(seconds, 2), perSecond: rounded(perSecond), sent };
    };
    const data = await measure('data key', () => replaceDataKey(shop));
    const links = await measure('link key', () =>
      rotateLinkKey({ shopId: shop.shopId, actor, reason: null, overlapDays: 30 }),
    );
    const platform = await measure('key-encryption key', replaceKeyEncryptionKey);
    const ratios = { perSecondTarget: data.perSecond / perSecondTarget };
    return {
      bench: 'key-rotation',
      ratio: ratios.perSecondTarget,
      ratios,
      rounds: 1,
      members,
      failed: 0,
      data,
      links,
      platform,
      perSecondTarget,
    };
  } finally {
    await edge.close();
    await system.close();
    await database.close();
    await wallets.close();
  }
}
