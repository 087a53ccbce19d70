import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { touchPasses } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { signUpLimits } from '#app/web/sign-up-limits.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import {
  authorizationOf,
  createDevice,
  type HeldPass,
  holdPass,
  type WalletDevice,
} from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
  edge = await startEdge();
  shop = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});

type Held = HeldPass & { memberId: MemberId; customerId: string };

async function hold(own: TestShop, name?: string): Promise<Held> {
  const { memberId, customerId, cardUrl } = await makeMember(own, name === undefined ? {} : { name });
  return { ...(await holdPass(cardUrl, wallets.pems.root)), memberId, customerId };
}

const addPoints = (own: TestShop, memberId: string) =>
  adjustBalance({
    shopId: own.shopId,
    memberId,
    unit: 'points',
    amount: 7,
    reason: 'test',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });

describe('the list of changed passes', () => {
  it('W7 W8 W9 W10 W14 names all without a tag, none when nothing changed, then what changed, and only registered passes', async () => {
    const device = createDevice(edge);
    const [one, two, unregistered] = [await hold(shop), await hold(shop), await hold(shop)];
    for (const pass of [one, two]) await device.register(pass);
    const all = await device.list();
    expect(all?.serialNumbers.toSorted()).toEqual([one.serial, two.serial].toSorted());
    expect(typeof all?.lastUpdated).toBe('string');
    expect(all?.lastUpdated).not.toBe('');
    // While transactions that are older than the change are open anywhere, it is named again; a 304 then ends it.
    let tag = all?.lastUpdated ?? '';
    for (let next = all; next !== null; next = await device.list(tag)) {
      tag = next.lastUpdated;
      await system.sql('select pg_current_xact_id()');
    }
    const nothing = await device.ask(`devices/${device.id}/registrations/${one.type}?passesUpdatedSince=${tag}`);
    expect([nothing.status, nothing.body.length]).toEqual([204, 0]);
    expect(nothing.headers).not.toHaveProperty('content-length');
    await addPoints(shop, two.memberId);
    await addPoints(shop, unregistered.memberId);
    expect((await device.list(tag))?.serialNumbers).toEqual([two.serial]);
  });

  it('W12 gives everything for a tag that is garbage or from the future', async () => {
    const device = createDevice(edge);
    const pass = await hold(shop);
    await device.register(pass);
    for (const tag of [
      '',
      'x',
      '-1',
      '1.5',
      '1e3',
      ' 1',
      '0x10',
      '9'.repeat(19),
      '9'.repeat(40),
      "1'; drop table pass",
      '\u0000',
      '🙂',
      '2031-01-01T00:00:00Z',
    ])
      expect([tag, (await device.list(tag))?.serialNumbers]).toEqual([tag, [pass.serial]]);
    const twice = await device.ask(
      `devices/${device.id}/registrations/${pass.type}?passesUpdatedSince=1&passesUpdatedSince=2`,
    );
    expect(twice.status).toBe(200);
  });

  it('W13 is empty for a device nobody knows and for another pass type', async () => {
    const device = createDevice(edge);
    expect(await device.list()).toBeNull();
    await device.register(await hold(shop));
    expect((await device.ask(`devices/${device.id}/registrations/pass.com.example.other`)).status).toBe(204);
  });

  it('names the passes of all shops that a device holds, as serials and nothing else', async () => {
    const device = createDevice(edge);
    const other = await makeShop();
    const held = [await hold(shop), await hold(other)];
    for (const pass of held) await device.register(pass);
    const listed = await device.list();
    expect(listed?.serialNumbers.toSorted()).toEqual(held.map((pass) => pass.serial).toSorted());
    expect(Object.keys(listed ?? {}).toSorted()).toEqual(['lastUpdated', 'serialNumbers']);
  });

  it('names a change that was begun before the tag was given and committed after it', async () => {
    const device = createDevice(edge);
    const [slow, fast] = [await hold(shop), await hold(shop)];
    for (const pass of [slow, fast]) await device.register(pass);
    let tag: string | undefined;
    await withShop(shop.shopId, async (tx) => {
      await touchPasses(tx, [slow.memberId]);
      await addPoints(shop, fast.memberId);
      tag = (await device.list())?.lastUpdated;
    });
    expect(tag).toBeDefined();
    expect((await device.list(tag))?.serialNumbers).toContain(slow.serial);
  });

  it('W11 loses no update: 12 writers at once, devices that poll meanwhile, and in the end nobody holds anything old', async () => {
    const passes: Held[] = [];
    while (passes.length < 60) passes.push(...(await Promise.all(Array.from({ length: 12 }, () => hold(shop)))));
    const devices = Array.from({ length: 3 }, () => ({
      device: createDevice(edge),
      held: new Map(passes.map((pass) => [pass.serial, ''])),
      tag: undefined as string | undefined,
    }));
    for (const phone of devices) {
      for (let n = 0; n < passes.length; n += 12)
        await Promise.all(passes.slice(n, n + 12).map((pass) => phone.device.register(pass)));
      await poll(phone, passes);
    }
    let isWriting = true;
    // Each pass changes once, so nothing that is missed is made good by a later change.
    const waiting = [...passes];
    const write = async () => {
      for (let pass = waiting.pop(); pass !== undefined; pass = waiting.pop()) {
        const { memberId } = pass;
        // Transactions of very different lengths: the one that began first is often the last to be seen.
        await withShop(shop.shopId, async (tx) => {
          await touchPasses(tx, [memberId]);
          await delay(Math.random() * 200);
        });
      }
    };
    const pollAll = devices.map(async (phone) => {
      while (isWriting) await poll(phone, passes);
      await poll(phone, passes);
    });
    await Promise.all(Array.from({ length: 12 }, write));
    isWriting = false;
    await Promise.all(pollAll);
    const truth = new Map(
      (await system.sql<{ serial: string; at: Date }>('select serial, last_modified as at from pass')).map((row) => [
        row.serial,
        row.at.toUTCString(),
      ]),
    );
    const stale = devices.flatMap(({ held }) => [...held].filter(([serial, date]) => truth.get(serial) !== date));
    expect(stale).toEqual([]);
  });

  /** What a phone does when it is woken: list, then fetch each with the date it holds. */
  async function poll(
    phone: { device: WalletDevice; held: Map<string, string>; tag: string | undefined },
    passes: Held[],
  ): Promise<void> {
    const listed = await phone.device.list(phone.tag);
    if (listed === null) return;
    for (const serial of listed.serialNumbers) {
      const pass = passes.find((candidate) => candidate.serial === serial);
      if (pass === undefined) throw new Error('a pass was listed that this device does not hold');
      const answer = await phone.device.get(pass, phone.held.get(serial));
      if (answer.status === 200) phone.held.set(serial, answer.headers['last-modified'] ?? '');
    }
    phone.tag = listed.lastUpdated;
  }
});

describe('W27 the pass of a member who was erased', () => {
  it('is void, shows neither name nor balance, tells its devices, and is gone after 30 days', async () => {
    const own = await makeShop();
    const device = createDevice(edge);
    const pass = await hold(own, 'Walpurga Vanishing');
    await device.register(pass);
    await addPoints(own, pass.memberId);
    const before = await device.get(pass);
    expect(JSON.stringify((await conformantPass(before.body, wallets.pems.root)).passJson)).toMatch(/Walpurga/);
    const tag = (await device.list())?.lastUpdated;
    const [row] = await system.sql<{ id: string }>('select id from pass where serial = $1', [pass.serial]);
    await regeneratePass({ shopId: own.shopId, passId: row?.id ?? '', isBulk: false });
    await system.sql('delete from outbox where shop_id = $1', [own.shopId]);
    const prepared = () => system.sql('select 1 from prepared_pass where shop_id = $1', [own.shopId]);
    expect(await prepared()).toHaveLength(1);
    await settleCase(system, own, 'customers/redact', redactBody(own, { id: pass.customerId }));
    // What lay ready for the phone names the person.
    expect(await prepared()).toEqual([]);
    expect((await device.list(tag))?.serialNumbers).toEqual([pass.serial]);
    await regeneratePass({ shopId: own.shopId, passId: row?.id ?? '', isBulk: false });
    expect(
      await system.sql(`select 1 from outbox where shop_id = $1 and job = 'push-apple'`, [own.shopId]),
    ).toHaveLength(1);
    const after = await device.get(pass, before.headers['last-modified']);
    const { passJson } = await conformantPass(after.body, wallets.pems.root);
    expect(passJson['voided']).toBe(true);
    expect(JSON.stringify(passJson)).not.toMatch(/Walpurga|"value":"?7\b/);
    const dayMs = 86_400_000;
    setClockOffsetMs(29.9 * dayMs);
    await purgeByRetention({ shopId: own.shopId });
    expect((await device.get(pass)).status).toBe(200);
    expect((await device.list())?.serialNumbers).toEqual([pass.serial]);
    setClockOffsetMs(30.1 * dayMs);
    expect([(await device.get(pass)).status, await device.register(pass), await device.unregister(pass)]).toEqual([
      401, 401, 401,
    ]);
    await purgeByRetention({ shopId: own.shopId });
    setClockOffsetMs(0);
    expect(await device.list()).toBeNull();
  });
});

describe('a registration', () => {
  it('of 20 requests at once makes one registration', async () => {
    const [pass, device] = [await hold(shop), createDevice(edge)];
    const statuses = await Promise.all(Array.from({ length: 20 }, () => device.register(pass)));
    expect([200, 201].map((status) => statuses.filter((one) => one === status).length)).toEqual([19, 1]);
  });

  it('W6 without a usable push token is refused with 400', async () => {
    const [pass, device] = [await hold(shop), createDevice(edge)];
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{}',
      '{"pushToken":""}',
      '{"pushToken":7}',
      '{"pushToken":"z/z"}',
      `{"pushToken":"${'a'.repeat(300)}"}`,
    ]) {
      const answer = await device.ask(device.registration(pass), {
        method: 'POST',
        authorization: authorizationOf(pass),
        body,
      });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    const huge = await device.ask(device.registration(pass), {
      method: 'POST',
      authorization: authorizationOf(pass),
      body: Buffer.alloc(40_000, ' '),
    });
    expect(huge.status).toBe(413);
  });
});

describe('what phones report', () => {
  it('W23 counts what phones do not trust, keeps no word of it, and hears no network for ever', async () => {
    const counted = async () =>
      [...(await register.getSingleMetricAsString('stampwell_device_reports_total')).matchAll(/"(\w+)"\} (\d+)/g)].map(
        ([, about, count]) => `${about} ${count}`,
      );
    const send = (logs: unknown[]) => createDevice(edge).ask('log', { method: 'POST', body: JSON.stringify({ logs }) });
    expect(await counted()).toEqual(['trust 0', 'other 0']);
    expect((await send(['Manifest signature did not verify', 'web service was slow', 7])).status).toBe(200);
    expect(await counted()).toEqual(['trust 1', 'other 2']);
    vi.useFakeTimers({ toFake: ['Date'] });
    const statuses: number[] = [];
    for (let n = 0; n < signUpLimits.deviceReportsPerNetwork.points; n += 1) statuses.push((await send([])).status);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([59, 429]);
    vi.setSystemTime(Date.now() + 61_000);
    expect((await send([])).status).toBe(200);
    vi.useRealTimers();
  });

  it('W23 takes logs without repeating them, up to 32 KB', async () => {
    const send = (body: string) => createDevice(edge).ask('log', { method: 'POST', body });
    const taken = await send(JSON.stringify({ logs: ['<script>', 'Theodora'] }));
    expect([taken.status, taken.body.length]).toEqual([200, 0]);
    expect((await send(JSON.stringify({ logs: ['x'.repeat(33_000)] }))).status).toBe(413);
    for (const body of ['', '{', 'null', '{"logs":"x"}', '[]'])
      expect([body, (await send(body)).status]).toEqual([body, 400]);
  });
});
