import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { restRing } from '#app/data/system/call-ring.ts';
import { withShop } from '#app/data/tenancy.ts';
import { plainDesignExtras } from '#app/domain/cards/card-design.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { syncGoogleClass } from '#app/flows/cards/sync-google-class.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { Unavailable } from '#app/lib/errors.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import {
  addPoints,
  callsOf as callsAt,
  endRest,
  type GoogleCardHolder,
  isInHand,
  makeHolder,
  mostWithin,
  pointsOn,
  runGoogleJobs,
} from '#test/support/google-cards.ts';
import { until } from '#test/support/local-postgres.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
  await endRest(system);
});

const hold = (own = shop) => makeHolder({ system, google: wallets.google }, own);
const sync = ({ shop: own, passId }: GoogleCardHolder, isBulk = false) =>
  syncGooglePass({ shopId: own.shopId, passId, isBulk });

const callsOf = (work: () => Promise<unknown>) => callsAt(wallets.google, work);
const patchesOf = (holder: GoogleCardHolder) =>
  wallets.google.requests.filter(({ method, path }) => method === 'PATCH' && path.endsWith(holder.objectId));

describe('a card at Google', () => {
  it('G1 G4: is made with its class, then changed in place, and its class is sent once', async () => {
    let holder: GoogleCardHolder | undefined;
    expect(await callsOf(async () => (holder = await hold()))).toEqual([
      'POST loyaltyClass 200',
      'POST loyaltyObject 200',
    ]);
    if (holder === undefined) throw new Error('nobody');
    await addPoints(holder, 25);
    expect(await callsOf(() => runGoogleJobs(system, shop.shopId))).toEqual(['PATCH loyaltyObject 200']);
    expect(pointsOn(holder)).toBe(25);
    expect(await callsOf(() => issueGooglePass({ token: holder?.token ?? '' }))).toEqual([
      'POST loyaltyObject 409',
      'PATCH loyaltyObject 200',
    ]);
    expect(await callsOf(() => syncGoogleClass({ shopId: shop.shopId, programId: shop.programId }))).toEqual([]);
  });

  it('G2: is made anew when Google does not know it, and seen as fresh', async () => {
    const { memberId } = await makeMember(shop);
    const { token } = await hold();
    const [pass] = await system.sql<{ id: string; serial: string }>(
      `insert into pass (shop_id, id, member_id, wallet, serial) values ($1, gen_random_uuid(), $2, 'google', left(md5(random()::text), 22))
       returning id, serial`,
      [shop.shopId, memberId],
    );
    const passId = pass?.id ?? '';
    expect(token).not.toBe('');
    expect(await callsOf(() => syncGooglePass({ shopId: shop.shopId, passId, isBulk: false }))).toEqual([
      'PATCH loyaltyObject 404',
      'POST loyaltyObject 200',
    ]);
    expect(await system.sql('select seen_version = version as fresh from pass where id = $1', [passId])).toEqual([
      { fresh: true },
    ]);
  });

  it('moves to the class of a new design, and both classes are there meanwhile', async () => {
    const holder = await hold();
    const old = String(holder.object()?.['classId']);
    await withShop(shop.shopId, (tx) =>
      insertCardDesign(tx, shop.programId, {
        design: { ...starterDesign('Other'), ...plainDesignExtras, googleBarcode: 'rotating' },
        at: new Date(),
      }),
    );
    await sync(holder);
    const renewed = String(holder.object()?.['classId']);
    expect(renewed).not.toBe(old);
    expect([wallets.google.classById(old), wallets.google.classById(renewed)]).toEqual([
      expect.objectContaining({ id: old }),
      expect.objectContaining({ id: renewed, issuerName: 'Other' }),
    ]);
    // A changing barcode takes the place of the fixed one, which a picture could copy.
    expect(holder.object()).toMatchObject({ rotatingBarcode: { totpDetails: { periodMillis: '30000' } } });
    expect(holder.object()).not.toHaveProperty('barcode');
  });

  it('of another shop is not touched', async () => {
    const holder = await hold();
    const other = await makeShop();
    expect(await callsOf(() => syncGooglePass({ shopId: other.shopId, passId: holder.passId, isBulk: false }))).toEqual(
      [],
    );
  });

  it('G11: shows the newest state although an older one was slow on its way', async () => {
    const holder = await hold();
    await addPoints(holder, 10);
    const held = Promise.withResolvers<void>();
    wallets.google.fail({ kind: 'held', until: held.promise, times: 1 });
    const older = sync(holder);
    await until(() => isInHand(system, holder), 10_000);
    await addPoints(holder, 5);
    await sync(holder);
    expect(pointsOn(holder)).not.toBe(15);
    held.resolve();
    await older;
    expect(pointsOn(holder)).toBe(10);
    await runGoogleJobs(system, shop.shopId);
    expect(pointsOn(holder)).toBe(15);
  });

  it('G11: ends as it is, whatever eight workers send of it at once', async () => {
    const holder = await hold();
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let round = 0; round < 3; round += 1) {
          await addPoints(holder, worker + 1);
          await sync(holder, worker % 2 === 0);
        }
      }),
    );
    await runGoogleJobs(system, shop.shopId);
    expect(pointsOn(holder)).toBe(3 * 36);
  });

  it('G11: is taken over from a sender that died', async () => {
    const holder = await hold();
    await addPoints(holder, 3);
    await system.sql(`update google_object set sending_until = now() + interval '1 minute' where pass_id = $1`, [holder.passId]); // prettier-ignore
    expect(await callsOf(() => sync(holder))).toEqual([]);
    await system.sql(`update google_object set sending_until = now() - interval '1 second' where pass_id = $1`, [holder.passId]); // prettier-ignore
    await runGoogleJobs(system, shop.shopId);
    expect(pointsOn(holder)).toBe(3);
  });
});

describe('notices', () => {
  it('G8: are asked for three times in 24 hours at most, never in bulk, and again a day later', async () => {
    const holder = await hold();
    const before = wallets.google.noticesDropped();
    await sync(holder, true);
    for (let change = 1; change <= 5; change += 1) {
      await addPoints(holder, 1);
      await sync(holder);
    }
    const notifying = () => patchesOf(holder).filter(({ body }) => JSON.stringify(body).includes('NOTIFY_ON_UPDATE'));
    expect(patchesOf(holder)).toHaveLength(6);
    expect([notifying().length, wallets.google.noticesShown(holder.objectId)]).toEqual([3, 3]);
    await system.sql(
      `update google_object set notices = array(select at - interval '24 hours' from unnest(notices) as at) where pass_id = $1`,
      [holder.passId],
    );
    await sync(holder);
    expect(notifying()).toHaveLength(4);
    expect(wallets.google.noticesDropped()).toBeGreaterThanOrEqual(before);
    expect(await system.sql('select cardinality(notices) as n from google_object where pass_id = $1', [holder.passId])).toEqual([{ n: 1 }]); // prettier-ignore
  });

  it('G8: are not taken for a card the shopper removed', async () => {
    const holder = await hold();
    await system.sql(`update google_object set state = 'deleted' where pass_id = $1`, [holder.passId]);
    await sync(holder);
    expect(JSON.stringify(patchesOf(holder).at(-1)?.body)).not.toContain('NOTIFY');
  });
});

describe('the pace', () => {
  it('G3: is at most 20 calls in any second, whoever calls, and what a shopper waits for goes before bulk', async () => {
    const holders = [await hold()];
    while (holders.length < 6) holders.push(await hold());
    const from = wallets.google.callTimes.length;
    const finished: string[] = [];
    const [first, ...others] = holders;
    if (first === undefined) throw new Error('nobody');
    const bulk = others.map(async (holder) => {
      for (let round = 0; round < 12; round += 1) {
        await sync(holder, true);
        finished.push(holder.passId);
      }
    });
    await until(() => finished.length > 2, 10_000);
    const doneBefore = finished.length;
    await sync(first);
    const overtakenBy = finished.length - doneBefore;
    await Promise.all(bulk);
    // Counted in turns, as a slow machine is slow for all: about as many as were under way, of sixty.
    expect(overtakenBy).toBeLessThan(20);
    const times = wallets.google.callTimes.slice(from);
    expect(times.length).toBeGreaterThan(20);
    // Short of a second by what a busy test process may be late; the bench holds it to the whole.
    expect(mostWithin(900, times)).toBeLessThanOrEqual(20);
    expect(wallets.google.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('G7: rests for everybody as long as Google asks, then goes on', async () => {
    const [one, other] = [await hold(), await hold()];
    wallets.google.fail({ kind: 'status', status: 429, retryAfterS: 2, times: 1 });
    await expect(sync(one)).rejects.toMatchObject({ code: 'google-wallet-busy', retryAfterMs: 2_000 });
    await sync(other);
    const [refusedAt = 0, nextAt = 0] = wallets.google.callTimes.slice(-2);
    expect(nextAt - refusedAt).toBeGreaterThan(1_900);
    await addPoints(one, 4);
    await sync(one);
    expect(pointsOn(one)).toBe(4);
  });

  it('G7: makes no call while the rest is long, and loses nothing', async () => {
    const holder = await hold();
    await addPoints(holder, 4);
    await restRing({ ring: `google:${wallets.google.issuerId}`, perSecond: 20 }, 60_000);
    expect(await callsOf(() => expect(sync(holder)).rejects.toMatchObject({ code: 'google-wallet-behind' }))).toEqual(
      [],
    );
    await endRest(system);
    await sync(holder);
    expect(pointsOn(holder)).toBe(4);
  });

  it('G7: an outage leaves the card in nobody’s hand', async () => {
    const holder = await hold();
    await addPoints(holder, 9);
    for (const fault of [
      { kind: 'status', status: 503, times: 1 },
      { kind: 'reset', times: 1 },
    ] as const) {
      wallets.google.fail(fault);
      await expect(sync(holder)).rejects.toBeInstanceOf(Unavailable);
    }
    await sync(holder);
    expect(pointsOn(holder)).toBe(9);
  });
});
