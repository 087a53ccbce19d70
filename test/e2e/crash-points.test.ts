/**
 * `kill -9` between any two steps of the path. The path is stopped at a chosen point by holding a table that the next
 * step needs; then a process, or PostgreSQL itself, is killed right there.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';
import { webhookHeaders } from '#test/platform/webhook-sender.ts';
import {
  balancesBySerial,
  bookedByOrder,
  brokenBalances,
  holdTable,
  presentWorkers,
  storedDeliveries,
  takenJobs,
  untilFinished,
} from '#test/support/books.ts';
import { until } from '#test/support/local-postgres.ts';
import { startOwnServer } from '#test/support/own-server.ts';
import type { OwnServer } from '#test/support/own-server.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const reachTimeoutMs = 20_000;
const arrivalTimeoutMs = 60_000;
const takeOverMs = 10_000;

let server: OwnServer;
let system: System;
let shop: OpenShop;
let member: CardHolder;
let other: OpenShop;
let neighbour: CardHolder;
const lines: string[] = [];
/** What was bought so far, counted here and nowhere else. */
let orders = 0;
/** The same of the other shop, whose member never buys here. */
let ordersThere = 0;

beforeAll(async () => {
  server = await startOwnServer();
  system = await startSystem({
    databaseUrl: server.url,
    onLine: (name, line) => lines.push(`[${name}] ${line}`),
    webhooks: { attemptsMax: 400, retryBaseMs: 50, retryMaxMs: 200 },
  });
  shop = await openShop(system, 'crash-points.myshopify.com');
  member = await joinShop(system, shop);
  other = await openShop(system, 'crash-next-door.myshopify.com');
  neighbour = await joinShop(system, other);
}, 180_000);

afterAll(async () => {
  await system?.stop();
  await server?.stop();
});

afterEach(({ task }) => {
  // What the processes had to say about it.
  if (task.result?.state === 'fail') process.stderr.write(`${lines.join('\n')}\n`);
  lines.length = 0;
});

/** One order of 3.00: three points and a stamp. Resolves when the app took the webhooks. */
function buy(): Promise<unknown> {
  orders += 1;
  return shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(300)], cardCode: member.cardCode });
}

/**
 * The other shop tells of this shop's last order as if it were its own, has its till scan this shop's card, and sells to
 * its own member.
 */
async function tryAsOtherShop(): Promise<unknown> {
  const sale = { channel: 'pos' as const, currency: 'EUR', lines: [coffee(300)] };
  ordersThere += 1;
  return Promise.all([
    ...shop.till
      .orders()
      .slice(0, 1)
      .map(({ body }) => system.shopify.webhooks.send({ shopDomain: other.shopDomain, topic: 'orders/paid', body })),
    other.till.buy({ ...sale, cardCode: member.cardCode }),
    other.till.buy({ ...sale, cardCode: neighbour.cardCode }),
  ]);
}

async function expectAllWell(): Promise<void> {
  await member.phone.waitFor(member.serial, () => member.shown().points === orders * 3, arrivalTimeoutMs);
  await untilFinished(server.url, arrivalTimeoutMs);
  expect(member.shown()).toEqual({ points: orders * 3, stamps: orders % 10 });
  const balances = await balancesBySerial(server.url);
  expect(balances.get(member.serial)).toEqual({ points: orders * 3, stamps: orders });
  const there = { points: ordersThere * 3, stamps: ordersThere };
  expect(balances.get(neighbour.serial) ?? { points: 0, stamps: 0 }).toEqual(there);
  const booked = [...(await bookedByOrder(server.url)).values()];
  expect(booked).toEqual(Array.from({ length: orders + ordersThere }, () => ({ points: 3, stamps: 1 })));
  expect(await brokenBalances(server.url)).toEqual([]);
}

/**
 * Starts the worker that was killed, and answers when it was there: how long this machine takes to start a process is
 * not what is promised. `before` are the connections of the one that was killed, which the database may keep a while.
 */
async function bringWorkerBack(before: unknown[]): Promise<number> {
  await system.restart('worker');
  await until(async () => (await presentWorkers(server.url)).some((pid) => !before.includes(pid)), reachTimeoutMs);
  return performance.now();
}

type Point = {
  name: string;
  table: string;
  mode: 'share' | 'exclusive' | 'access exclusive';
  victim: 'web' | 'worker';
};

const points: Point[] = [
  { name: 'a delivery is about to be stored', table: 'inbox', mode: 'share', victim: 'web' },
  { name: 'a delivery is stored, and about to be settled', table: 'order_state', mode: 'exclusive', victim: 'worker' },
  { name: 'entries are written, and not yet committed', table: 'pass', mode: 'share', victim: 'worker' },
  { name: 'an order is settled, and its follow-up work about to be queued', table: 'graphile_worker._private_jobs', mode: 'share', victim: 'worker' },
  { name: 'a card is being drawn again', table: 'card_design', mode: 'access exclusive', victim: 'worker' },
  { name: 'a phone was told, and that is about to be noted', table: 'device_registration', mode: 'share', victim: 'worker' },
]; // prettier-ignore

describe.each(points)('when $name', ({ table, mode, victim }) => {
  it(`survives kill -9 of the ${victim}`, async () => {
    const held = await holdTable(server.url, table, mode);
    const bought = buy();
    await held.waited(reachTimeoutMs);
    const before = await presentWorkers(server.url);
    await system.kill(victim);
    await held.release();
    if (victim === 'web') await system.restart('web');
    const presentAt = victim === 'worker' ? await bringWorkerBack(before) : null;
    await bought;
    await member.phone.waitFor(member.serial, () => member.shown().points === orders * 3, arrivalTimeoutMs);
    if (presentAt !== null) expect(performance.now() - presentAt).toBeLessThan(takeOverMs);
    await expectAllWell();
  });

  it('survives kill -9 of PostgreSQL', async () => {
    const held = await holdTable(server.url, table, mode);
    const bought = buy();
    await held.waited(reachTimeoutMs);
    await server.kill();
    await held.release();
    await bought;
    await expectAllWell();
  });
});

describe('when a push was sent, and Apple has not answered yet', () => {
  it.each(['worker', 'postgres'] as const)('survives kill -9 of the %s', async (victim) => {
    const isHanging = async (): Promise<boolean> => (await takenJobs(server.url, 'push-apple')) > 0;
    system.apns?.fail('*', { kind: 'silence' }, 1000);
    await buy();
    await until(isHanging, reachTimeoutMs);
    const before = await presentWorkers(server.url);
    if (victim === 'worker') await system.kill('worker');
    else await server.kill();
    system.apns?.clearFaults();
    const presentAt = victim === 'worker' ? await bringWorkerBack(before) : null;
    if (victim === 'postgres') await server.untilUp(takeOverMs);
    await member.phone.waitFor(member.serial, () => member.shown().points === orders * 3, arrivalTimeoutMs);
    if (presentAt !== null) expect(performance.now() - presentAt).toBeLessThan(takeOverMs);
    await expectAllWell();
  });
});

describe('when a phone was told, and nobody answers it', () => {
  it('shows the new figures once the web process is back', async () => {
    const held = await holdTable(server.url, 'card_design', 'access exclusive');
    await buy();
    await held.waited(reachTimeoutMs);
    await system.kill('web');
    const failuresBefore = member.phone.history().filter((event) => event.kind === 'failed').length;
    await held.release();
    await until(
      () => member.phone.history().filter((event) => event.kind === 'failed').length > failuresBefore,
      reachTimeoutMs,
    );
    await system.restart('web');
    await expectAllWell();
  });
});

describe('when another shop tells of this shop’s order and card meanwhile', () => {
  it.each(['web', 'worker', 'postgres'] as const)(
    'counts there what is theirs alone, across kill -9 of the %s',
    async (victim) => {
      const { table, mode } = points[victim === 'web' ? 0 : 1] ?? { table: 'inbox', mode: 'share' };
      await buy();
      const held = await holdTable(server.url, table, mode);
      const bought = buy();
      const tried = tryAsOtherShop();
      await held.waited(reachTimeoutMs);
      if (victim === 'postgres') await server.kill();
      else await system.kill(victim);
      await held.release();
      if (victim !== 'postgres') await system.restart(victim);
      await Promise.all([bought, tried]);
      const isThere = (): boolean => neighbour.shown().points === ordersThere * 3;
      await neighbour.phone.waitFor(neighbour.serial, isThere, arrivalTimeoutMs);
      await expectAllWell();
      expect(neighbour.shown()).toEqual({ points: ordersThere * 3, stamps: ordersThere });
    },
  );
});

describe('when the answer to a delivery is lost', () => {
  it('counts the delivery once, however often it comes again', async () => {
    await buy();
    const [delivery] = shop.till.orders()[0]?.actions[0]?.deliveries ?? [];
    if (delivery === undefined) throw new Error('nothing was delivered');
    const headers = webhookHeaders(system.shopify.app.apiSecret, delivery);
    const url = `${system.addresses.app}/webhooks/shopify`;
    const again = Array.from({ length: 50 }, () =>
      call({ url, method: 'POST', headers, body: delivery.body }).then((answer) => answer.status),
    );
    expect(new Set(await Promise.all(again))).toEqual(new Set([200]));
    expect((await storedDeliveries(server.url)).get(delivery.webhookId)?.count).toBe(1);
    await expectAllWell();
  });
});
