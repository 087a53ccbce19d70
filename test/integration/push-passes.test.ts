import { capturedLog } from '#test/support/captured-log.ts';

import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { touchPasses } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { pushTriesMax } from '#app/domain/cards/push-outcome.ts';
import { pushPass } from '#app/flows/cards/push-pass.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { remindDevices } from '#app/flows/cards/remind-devices.ts';
import { pushWaiting } from '#app/flows/cards/push-waiting.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { relayOutbox } from '#app/flows/system/relay-outbox.ts';
import { closeAppleIssuers } from '#app/gateways/apple-issuers.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { createDevice, type HeldPass, holdPass, type WalletDevice } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { type ApnsPlatform, startApns } from '#test/platform/apns.ts';
import { call } from '#test/platform/http.ts';

let wallets: TestWallets;
let apns: ApnsPlatform;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let forgetRoot: () => void;
beforeAll(async () => {
  wallets = await startWallets();
  forgetRoot = trustRoot(wallets.pems.root);
  apns = await startApns({ certificates: wallets.pems });
  process.env['APNS_URL'] = apns.url;
  system = await openTestSystem();
  edge = await startEdge();
});
beforeEach(async () => {
  shop = await makeShop();
});
afterEach(async () => {
  apns.clearFaults();
  // A lane that was stopped would stay so for a while.
  await closeAppleIssuers();
  setClockOffsetMs(0);
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await apns.close();
  await wallets.close();
  forgetRoot();
});

type Carried = { memberId: MemberId; passId: string; pass: HeldPass; device: WalletDevice };

/** A member whose pass is on a phone that has fetched it. */
async function carry(own: TestShop = shop): Promise<Carried> {
  const member = await makeMember(own);
  const pass = await holdPass(member.cardUrl, wallets.pems.root);
  const device = createDevice(edge);
  await device.register(pass);
  const [row] = await system.sql<{ id: string }>('select id from pass where serial = $1', [pass.serial]);
  const passId = row?.id ?? '';
  await regeneratePass({ shopId: own.shopId, passId, isBulk: false });
  await push(passId, own);
  await device.get(pass);
  await system.sql('update device_registration set last_pushed_at = null where pass_id = $1', [passId]);
  await clearQueue();
  apns.accepted.length = 0;
  return { memberId: member.memberId, passId, pass, device };
}

const addPoints = (memberId: string, own: TestShop = shop) =>
  adjustBalance({
    shopId: own.shopId,
    memberId,
    unit: 'points',
    amount: 3,
    reason: 'test',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });
const regenerate = (passId: string, isBulk = false) => regeneratePass({ shopId: shop.shopId, passId, isBulk });
const push = (passId: string, own: TestShop = shop) => pushPass({ shopId: own.shopId, passId, isBulk: false });
const clearQueue = async () => {
  await system.sql('delete from outbox');
  await system.sql('delete from graphile_worker._private_jobs');
};
const registrationOf = async ({ device }: Carried) =>
  (
    await system.sql<{ push_tries: number; next_push_at: Date | null; reminders: number; pushed: string }>(
      `select push_tries, next_push_at, reminders, last_pushed_version::text as pushed
       from device_registration where device_library_identifier = $1`,
      [device.id],
    )
  )[0];
const dueAgain = `update device_registration set next_push_at = now() - interval '1 second' where next_push_at is not null`;
const pushJobs = async () =>
  system.sql<{ name: string; in_ms: number }>(
    `select job as name, extract(epoch from run_at - clock_timestamp()) * 1000 as in_ms from outbox where job like 'push%' order by id`,
  );

describe('A10 changes that follow each other', () => {
  it('within the window are one push', async () => {
    const carried = await carry();
    for (let n = 0; n < 10; n += 1) {
      await addPoints(carried.memberId);
      await regenerate(carried.passId);
      while ((await relayOutbox()) > 0);
    }
    const jobs = await system.sql<{ in_ms: number }>(
      `select extract(epoch from run_at - created_at) * 1000 as in_ms from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'push-apple'`,
    );
    expect(jobs).toHaveLength(1);
    // The first change of a quiet card decides when: about a quarter of a second after it.
    expect(Number(jobs[0]?.in_ms)).toBeLessThan(250);
    await push(carried.passId);
    await push(carried.passId);
    expect(apns.accepted).toHaveLength(1);
  });

  it('wait a second and a half after a push, so that a busy card wakes its phone no more often', async () => {
    const carried = await carry();
    await addPoints(carried.memberId);
    await regenerate(carried.passId);
    await push(carried.passId);
    await clearQueue();
    await addPoints(carried.memberId);
    await regenerate(carried.passId);
    const [job] = await system.sql<{ after_ms: number }>(
      `select extract(epoch from o.run_at - r.last_pushed_at) * 1000 as after_ms
       from outbox o join device_registration r on r.device_library_identifier = $1 where o.job = 'push-apple'`,
      [carried.device.id],
    );
    expect(Number(job?.after_ms)).toBeGreaterThan(1_400);
    // From when the phone was told until the next push is due there is also what the machine takes for the change itself.
    expect(Number(job?.after_ms)).toBeLessThan(5_000);
  });

  it('in bulk wait a minute, and never hold up what one shopper waits for', async () => {
    const carried = await carry();
    await addPoints(carried.memberId);
    await regenerate(carried.passId, true);
    await pushWaiting({ shopId: shop.shopId });
    expect(apns.accepted).toHaveLength(1);
    await clearQueue();
    await addPoints(carried.memberId);
    await regenerate(carried.passId, true);
    const [later] = await pushJobs();
    expect(later?.name).toBe('push-waiting');
    expect(Number(later?.in_ms)).toBeGreaterThan(50_000);
    await addPoints(carried.memberId);
    await regenerate(carried.passId);
    await push(carried.passId);
    expect(apns.accepted).toHaveLength(2);
    // The minute later the bulk finds that nothing is left to tell.
    await system.sql(`update bulk_push set free_at = now() where shop_id = $1`, [shop.shopId]);
    await pushWaiting({ shopId: shop.shopId });
    expect(apns.accepted).toHaveLength(2);
    expect(await system.sql('select 1 from bulk_push')).toEqual([]);
  });
});

describe('what Apple answers', () => {
  it('A4 A5 gone and bad tokens end a registration, but not one made after the word', async () => {
    const [gone, bad, renewed] = [await carry(), await carry(), await carry()];
    apns.fail(gone.device.pushToken, { kind: 'gone', timestampMs: Date.now() + 1_000 }, 1);
    apns.fail(bad.device.pushToken, { kind: 'bad-token' }, 1);
    apns.fail(renewed.device.pushToken, { kind: 'gone', timestampMs: Date.now() - 3_600_000 }, 1);
    for (const carried of [gone, bad, renewed]) {
      await addPoints(carried.memberId);
      await push(carried.passId);
    }
    expect([await registrationOf(gone), await registrationOf(bad)]).toEqual([undefined, undefined]);
    expect(await registrationOf(renewed)).toMatchObject({ push_tries: 1 });
  });

  it('A6 a refused certificate drops nobody, raises the alarm once, and is over when Apple takes a push', async () => {
    const logged = capturedLog().length;
    const carried = await Promise.all([carry(), carry(), carry()]);
    for (const { memberId } of carried) await addPoints(memberId);
    apns.fail('*', { kind: 'certificate-refused' }, 1_000);
    for (const { passId } of carried) await push(passId);
    for (const each of carried) expect(await registrationOf(each)).toMatchObject({ push_tries: 0, pushed: '1' });
    expect(await system.sql('select reason from push_lane')).toEqual([{ reason: 'BadCertificate' }]);
    expect(
      capturedLog()
        .slice(logged)
        .match(/"level":50/g),
    ).toHaveLength(1);
    expect(capturedLog()).toContain('apns-certificate-refused');
    const ready = await call({ url: `${edge.url}/readyz` });
    expect([ready.status, JSON.parse(ready.body.toString())]).toMatchObject([
      200,
      { dependencies: { database: 'up', applePush: 'certificate refused' } },
    ]);
    // All come back by themselves.
    expect((await pushJobs()).map(({ name }) => name)).toEqual(['push-apple', 'push-apple', 'push-apple']);
    // The certificate was mended; the processes were started anew with it.
    apns.clearFaults();
    await closeAppleIssuers();
    await system.sql(dueAgain);
    for (const { passId } of carried) await push(passId);
    for (const each of carried) expect(await registrationOf(each)).toMatchObject({ next_push_at: null, pushed: '2' });
    expect(await system.sql('select reason from push_lane')).toEqual([]);
  });

  it('A7 throttling puts one device off until Apple said, and not for ever', async () => {
    const carried = await carry();
    await addPoints(carried.memberId);
    apns.fail(carried.device.pushToken, { kind: 'throttled', retryAfterS: 40 }, 100);
    await push(carried.passId);
    const [job] = await pushJobs();
    expect(Number(job?.in_ms)).toBeGreaterThan(38_000);
    expect(Number(job?.in_ms)).toBeLessThanOrEqual(40_000);
    // Asked too early, Apple hears nothing.
    await push(carried.passId);
    expect(await registrationOf(carried)).toMatchObject({ push_tries: 1 });
    let asked = 1;
    for (; (await registrationOf(carried))?.next_push_at !== null; asked += 1) {
      await system.sql(dueAgain);
      await push(carried.passId);
    }
    expect(asked).toBe(pushTriesMax);
    await clearQueue();
    await push(carried.passId);
    expect(await pushJobs()).toEqual([]);
    // The next change begins anew.
    apns.clearFaults();
    await addPoints(carried.memberId);
    await push(carried.passId);
    expect(apns.accepted).toHaveLength(1);
  });

  it('a push of another shop’s pass does nothing', async () => {
    const [carried, other] = [await carry(), await makeShop()];
    await addPoints(carried.memberId);
    await push(carried.passId, other);
    await pushPass({ shopId: other.shopId, passId: carried.passId, isBulk: true });
    await pushWaiting({ shopId: other.shopId });
    expect(apns.accepted).toEqual([]);
    expect(await system.sql('select 1 from bulk_push')).toEqual([]);
  });
});

describe('a device that does not fetch', () => {
  const hourMs = 3_600_000;
  const remindAt = async (ms: number) => {
    setClockOffsetMs(ms);
    await remindDevices({ shopId: shop.shopId });
    await remindDevices({ shopId: shop.shopId });
    await pushWaiting({ shopId: shop.shopId });
    return apns.accepted.length;
  };

  it('is told again after 1, 6 and 24 hours and then left in peace; one that fetches is never reminded', async () => {
    const [silent, awake] = [await carry(), await carry()];
    for (const { memberId, passId } of [silent, awake]) {
      await withShop(shop.shopId, (tx) => touchPasses(tx, [memberId]));
      await addPoints(memberId);
      await regenerate(passId);
      await push(passId);
    }
    await awake.device.get(awake.pass);
    expect(apns.accepted).toHaveLength(2);
    apns.accepted.length = 0;
    const told: number[] = [];
    for (const hours of [0.9, 1.1, 5.9, 6.2, 23.9, 24.3, 48, 200]) told.push(await remindAt(hours * hourMs));
    expect(told).toEqual([0, 1, 1, 2, 2, 3, 3, 3]);
    expect(new Set(apns.accepted.map(({ pushToken }) => pushToken))).toEqual(new Set([silent.device.pushToken]));
    // The next change is pushed as ever, and reminded of as ever.
    setClockOffsetMs(300 * hourMs);
    await addPoints(silent.memberId);
    await regenerate(silent.passId);
    await push(silent.passId);
    expect(await remindAt(301.1 * hourMs)).toBe(5);
    expect(await registrationOf(silent)).toMatchObject({ reminders: 1 });
  });
});
