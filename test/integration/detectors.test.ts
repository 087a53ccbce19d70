/** Attacks at the till and on the program: what is noticed of them, and what is done about it. */
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { noteNetworks } from '#app/flows/security/note-networks.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { createNetworkMemory } from '#app/lib/network-memory.ts';
import { type AlertListener, startAlertListener } from '#test/support/alert-listener.ts';
import { authorize, type ExtensionRig, startExtensionRig } from '#test/support/extensions.ts';
import {
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  orderBody,
  type TestShop,
} from '#test/support/factories.ts';
import { runOutbox } from '#test/support/outbox-jobs.ts';
import { expectProblem, minuteMs, tillCalls, tillRewards } from '#test/support/till-calls.ts';
import { watchCalls } from '#test/support/watched-shop.ts';

let rig: ExtensionRig;
let listener: AlertListener;
let shop: TestShop;
let memberId: MemberId;
let customerId: string;
const { stamp, redeem, give } = tillCalls(() => ({ rig, shop, memberId }));
const { choose, look, incidents, controls, kindsOf, sendAlerts, redeemMany } = watchCalls(() => ({
  system: rig.system,
  listener,
  shop,
}));

beforeAll(async () => {
  rig = await startExtensionRig();
  listener = await startAlertListener();
});
afterAll(async () => {
  listener.close();
  await rig.close();
});
beforeEach(async () => {
  setClockOffsetMs(0);
  listener.answer(204);
  listener.received.length = 0;
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  await authorize(rig.shopify, shop);
  ({ memberId, customerId } = await makeMember(shop, { name: 'Ada' }));
});
afterEach(() => setClockOffsetMs(0));

describe('a redemption spike', () => {
  it('L14 F20 opens an alert and calls the webhook within a minute of what comes before the shop sees it', async () => {
    await choose({}, { isAlerting: true });
    await redeemMany(49);
    const startedAt = Date.now();
    await give('stamps', 10);
    expect((await redeem('coffee')).status).toBe(200);
    // The way the workers go: the detectors' job waits in the outbox from the moment of the redemption.
    while (listener.received.length === 0 && Date.now() - startedAt < 60_000) {
      await runOutbox(rig.system, ['watch-shop']);
      await sendAlerts();
    }
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    expect(listener.received).toMatchObject([
      {
        type: 'incident.opened',
        data: {
          detector: 'redemption-spike',
          subject: 'shop',
          severity: 'high',
          findings: { redemptions: 50 },
          isDryRun: true,
        },
      },
    ]);
    expect(listener.received[0]?.body).not.toContain('Ada');
    const [incident] = await incidents();
    expect(await kindsOf(incident?.id ?? '')).toEqual(['opened', 'would-contain', 'alerted']);
    expect(await controls()).toEqual([]);
  }, 70_000);

  it('F20 pauses redemptions when the shop wants it, at the till, and says so; stamps go on', async () => {
    await choose({ 'redemption-spike': { isOn: true, mode: 'act', action: 'pause', threshold: 30 } });
    await give('stamps', 10);
    await redeemMany(30);
    await look();
    expect(await controls()).toEqual(['pause-redemptions shop']);
    const refused = await redeem('coffee');
    expectProblem(refused, 409, 'redemptions-paused');
    expect(refused.body['detail']).toContain('paused');
    expect((await stamp()).status).toBe(200);
    // An hour later nobody has to remember.
    setClockOffsetMs(61 * minuteMs);
    expect((await redeem('coffee')).status).toBe(200);
  });

  it('F20 is not what a busy shop does every day, and not below the threshold', async () => {
    await redeemMany(29);
    expect(await look()).toEqual([]);
    // Forty in ten minutes are ordinary where a thousand come in a day.
    await rig.system.sql(
      `insert into security_signal (shop_id, kind, subject, amount, at)
       select $1, 'redemption', 'member:1', 10, now() - n * interval '15 minutes' from generate_series(1, 90) n`,
      [shop.shopId],
    );
    await redeemMany(11);
    expect(await look()).toEqual([]);
  });

  it('F20 is told once however often it is looked at, by however many at once', async () => {
    await redeemMany(40);
    await Promise.all([look(), look(), look(), look()]);
    await look();
    expect(await incidents()).toHaveLength(1);
    expect(
      await rig.system.sql(`select 1 from outbox where shop_id = $1 and job = 'send-alert'`, [shop.shopId]),
    ).toHaveLength(1);
  });
});

describe('people who help themselves', () => {
  it('F20 staff who stamp one card again and again are noticed and stopped; others at the same till go on', async () => {
    await choose({ 'self-stamping': { isOn: true, mode: 'act', action: 'pause', threshold: 8 } });
    for (let n = 0; n < 8; n += 1) expect((await stamp({ unit: 'stamps', amount: 1 })).status).toBe(200);
    await runOutbox(rig.system, ['watch-shop']);
    await look();
    const [incident] = await incidents();
    expect(incident).toMatchObject({ detector: 'self-stamping', findings: { times: 8, member: `member:${memberId}` } });
    expect(await controls()).toEqual([`pause-staff ${incident?.subject}`]);
    expectProblem(await stamp(), 403, 'till-paused');
    expectProblem(await redeem('coffee'), 403, 'till-paused');
    const colleague = await rig.ask(shop, '/pos/v1/stamps', {
      body: { memberId, unit: 'stamps', amount: 1, idempotencyKey: randomUUID(), locationId: '1' },
      overrides: { subject: '4242' },
    });
    expect(colleague.status).toBe(200);
  });

  it('F20 a member who redeems and has order after order refunded is challenged at the next reward', async () => {
    await choose({ 'refund-farming': { isOn: true, mode: 'act', action: 'challenge', threshold: 3 } });
    await give('stamps', 30);
    expect((await redeem('coffee')).status).toBe(200);
    for (let n = 0; n < 3; n += 1) {
      const order = orderBody({ customer: { id: Number(customerId) } });
      await deliver(shop, 'orders/paid', order);
      await drain(shop);
      const updated = new Date(Date.now() + 1_000).toISOString();
      await deliver(shop, 'orders/cancelled', {
        ...order,
        updated_at: updated,
        cancelled_at: updated,
        financial_status: 'refunded',
      });
      await drain(shop);
    }
    expect(await look(true)).toMatchObject([
      { detector: 'refund-farming', subject: `member:${memberId}`, figures: { orders: 3 } },
    ]);
    expectProblem(await redeem('coffee'), 409, 'redemption-challenged');
    expect((await stamp()).status).toBe(200);
  });

  it('F20 members who bring each other in a ring, and a whole tree of friends in a week, are noticed', async () => {
    const refer = (referrerId: string, friendId: string, state: string, refusal: string | null) =>
      rig.system.sql(
        `insert into referral (shop_id, id, referrer_id, friend_id, state, refusal, rule_version_id, created_at)
         values ($1, gen_random_uuid(), $2, $3, $4, $5, gen_random_uuid(), now())`,
        [shop.shopId, referrerId, friendId, state, refusal],
      );
    const ring = [memberId, (await makeMember(shop)).memberId, (await makeMember(shop)).memberId] as const;
    await refer(ring[0], ring[1], 'paid', null);
    await refer(ring[1], ring[2], 'paid', null);
    expect(await look(true)).toEqual([]);
    await refer(ring[2], ring[0], 'refused', 'ring');
    expect(await look(true)).toMatchObject([{ detector: 'referral-ring', figures: { members: 3, shape: 'circle' } }]);
    const root = (await makeMember(shop)).memberId;
    for (let n = 0; n < 7; n += 1) await refer(root, (await makeMember(shop)).memberId, 'waiting', null);
    expect((await look(true)).map(({ subject, figures }) => [subject, figures['members']])).toContainEqual([
      `member:${root}`,
      8,
    ]);
  });

  it('F20 one card opened from many networks is noticed, and no network is kept anywhere', async () => {
    const memory = createNetworkMemory({ subjectsMax: 10, networksMax: 20 });
    const addresses = Array.from({ length: 8 }, (_, n) => `198.51.${n}.77`);
    for (const address of [...addresses, ...addresses]) {
      const count = memory.see(memberId, address, Date.now());
      if (count !== null) await noteNetworks({ shopId: shop.shopId, memberId, count });
    }
    expect(await look()).toMatchObject([
      { detector: 'many-networks', subject: `member:${memberId}`, figures: { networks: 8 } },
    ]);
    const kept = await rig.system.sql<{ text: string }>(
      'select subject as text from security_signal where shop_id = $1 union all select findings::text from incident where shop_id = $1',
      [shop.shopId],
    );
    expect(kept.filter(({ text }) => text.includes('198.51'))).toEqual([]);
  });
});
