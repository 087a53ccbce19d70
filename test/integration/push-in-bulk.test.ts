import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { askBulkPushes, takeBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { pushPass } from '#app/flows/cards/push-pass.ts';
import { pushWaiting } from '#app/flows/cards/push-waiting.ts';
import { noteFetch } from '#app/flows/cards/watch-fetches.ts';
import { closeAppleIssuers } from '#app/gateways/apple-issuers.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { makeDevices } from '#test/support/many-devices.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { type ApnsPlatform, startApns } from '#test/platform/apns.ts';

/** What the web processes of these tests can stand. */
const perSecond = 200;
process.env['PASS_FETCHES_PER_SECOND'] = String(perSecond);

let wallets: TestWallets;
let apns: ApnsPlatform;
let system: TestSystem;
let shop: TestShop;
let forgetRoot: () => void;
beforeAll(async () => {
  wallets = await startWallets();
  forgetRoot = trustRoot(wallets.pems.root);
  apns = await startApns({ certificates: wallets.pems });
  process.env['APNS_URL'] = apns.url;
  system = await openTestSystem();
});
beforeEach(async () => {
  shop = await makeShop();
  apns.accepted.length = 0;
});
afterEach(async () => {
  apns.clearFaults();
  await closeAppleIssuers();
  await system.sql('delete from push_pace');
});
afterAll(async () => {
  await system.close();
  await apns.close();
  await wallets.close();
  forgetRoot();
});

const ask = (passIds: string[], own: TestShop = shop) => withShop(own.shopId, (tx) => askBulkPushes(tx, passIds, 0));
const change = async (passIds: string[]) => {
  await system.sql('update pass set version = version + 1, announced_version = version + 1 where id = any($1)', [
    passIds,
  ]);
  await ask(passIds);
};
const run = (own: TestShop = shop) => pushWaiting({ shopId: own.shopId });
const told = () => apns.accepted.map(({ pushToken }) => pushToken).toSorted();
const inLine = async () => (await system.sql('select 1 from bulk_push')).length;
const mostInASecond = () => {
  const times = apns.accepted.map(({ at }) => at.getTime());
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
};

describe('devices in line', () => {
  it('are told once each, at the pace that fetches can stand, also by several workers at once', async () => {
    const { passIds, pushTokens } = await makeDevices(shop, 600);
    await change(passIds);
    const startedAt = Date.now();
    await Promise.all([run(), run(), run()]);
    expect(told()).toEqual(pushTokens.toSorted());
    expect(Date.now() - startedAt).toBeGreaterThan(2_000);
    // A share may fall into the second before its own.
    expect(mostInASecond()).toBeLessThanOrEqual(perSecond * 1.5);
    await run();
    expect([told().length, await inLine()]).toEqual([600, 0]);
    expect(
      await system.sql(
        'select 1 from device_registration r join pass p on p.id = r.pass_id where last_pushed_version < version',
      ),
    ).toEqual([]);
  });

  it('that a dead worker held are told by the next one, and nobody else waits for them', async () => {
    const { passIds, pushTokens } = await makeDevices(shop, 100);
    await change(passIds);
    // Killed between taking a share and telling anyone. Longer than the others take on a busy machine.
    const holdMs = 3_000;
    const held = await withShop(shop.shopId, (tx) => takeBulkPushes(tx, { after: null, limit: 30, holdMs }));
    expect(held).toHaveLength(30);
    await run();
    expect(told()).toHaveLength(70);
    const [job] = await system.sql<{ in_ms: string }>(
      `select extract(epoch from run_at - clock_timestamp()) * 1000 as in_ms from outbox where job = 'push-waiting' and shop_id = $1 order by id desc limit 1`,
      [shop.shopId],
    );
    expect(Number(job?.in_ms)).toBeLessThanOrEqual(holdMs);
    await delay(holdMs);
    await run();
    expect(told()).toEqual(pushTokens.toSorted());
  });

  it('that change again while they are told are told again', async () => {
    const { passIds } = await makeDevices(shop, 20);
    await change(passIds);
    const share = await withShop(shop.shopId, (tx) => takeBulkPushes(tx, { after: null, limit: 20, holdMs: 100 }));
    expect(share.every(({ asks }) => asks === 1)).toBe(true);
    await change(passIds);
    await delay(150);
    await run();
    expect([told().length, await inLine()]).toEqual([20, 0]);
  });

  it('never keep waiting whom a change of their own concerns', async () => {
    const { passIds, pushTokens } = await makeDevices(shop, 300);
    // The line goes by pass, and passes made within one millisecond stand in any order.
    const last = passIds.indexOf(passIds.toSorted().at(-1) ?? '');
    await change(passIds);
    // The way to Apple is open already, as it is in a process that has pushed before.
    await pushPass({ shopId: shop.shopId, passId: passIds[0] ?? '', isBulk: false });
    const running = run();
    const startedAt = Date.now();
    await pushPass({ shopId: shop.shopId, passId: passIds[last] ?? '', isBulk: false });
    const ownMs = Date.now() - startedAt;
    expect(told()).toContain(pushTokens[last]);
    await running;
    // The line takes a second and a half, and longer where everything does.
    expect(ownMs).toBeLessThan((Date.now() - startedAt) / 2);
    // On a slow machine the line may come to it while its own push is on the way: that one is told twice.
    expect([...new Set(told())]).toEqual(pushTokens.toSorted());
  });

  it('wait while the certificate is refused, and none is lost', async () => {
    const { passIds, pushTokens } = await makeDevices(shop, 60);
    await change(passIds);
    apns.fail('*', { kind: 'certificate-refused' }, 1_000);
    await run();
    expect([told().length, await inLine()]).toEqual([0, 60]);
    expect(
      await system.sql('select distinct problem from pass where shop_id = $1 and stale_since is not null', [
        shop.shopId,
      ]),
    ).toEqual([{ problem: 'apns-certificate-refused' }]);
    apns.clearFaults();
    await closeAppleIssuers();
    await system.sql(`update device_registration set next_push_at = null`);
    await system.sql('update bulk_push set free_at = now()');
    await run();
    expect([told(), await inLine()]).toEqual([pushTokens.toSorted(), 0]);
  });

  it('of another shop, and passes that nobody carries, are left alone', async () => {
    const other = await makeShop();
    const { passIds } = await makeDevices(shop, 5);
    await change(passIds);
    await ask(passIds, other);
    await run(other);
    expect([told().length, await inLine()]).toEqual([0, 5]);
    await system.sql('delete from device_registration where shop_id = $1', [shop.shopId]);
    await system.sql('delete from bulk_push');
    expect(await ask(passIds)).toBeNull();
  });
});

describe('fetches that go badly', () => {
  it('slow bulk down for all workers, at most once in two seconds', async () => {
    const fail = async (count: number) => {
      for (let n = 0; n < count; n += 1) noteFetch({ durationMs: 5, isFailed: true });
      await delay(1_050);
      // Not even two seconds ago, however slow the machine is.
      await system.sql('update push_pace set lowered_at = clock_timestamp()');
      noteFetch({ durationMs: 5, isFailed: false });
      await delay(100);
    };
    const pace = async () =>
      (await system.sql<{ per_second: number }>('select per_second from push_pace'))[0]?.per_second;
    await fail(3);
    await expect.poll(pace, { timeout: 10_000 }).toBe(perSecond / 2);
    await fail(3);
    expect(await pace()).toBe(perSecond / 2);
    // More than fit into a second at the full pace.
    const { passIds } = await makeDevices(shop, 300);
    await change(passIds);
    await run();
    expect(mostInASecond()).toBeLessThanOrEqual(perSecond * 0.8);
  });
});
