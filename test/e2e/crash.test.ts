/**
 * `kill -9` at random moments, of whatever there is to kill, under a steady stream of orders. Which moments, and which
 * orders, follows from a seed that is printed; `CRASH_SEED` repeats one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { call } from '#test/platform/http.ts';
import { nodeWords } from '#test/platform/node-words.ts';
import { createIds } from '#test/platform/orders.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';
import type { Delivery } from '#test/platform/webhook-sender.ts';
import {
  balancesBySerial,
  bookedByOrder,
  brokenBalances,
  nothingUnfinished,
  storedDeliveries,
  presentWorkers,
  takenJobs,
  unfinished,
  untilFinished,
} from '#test/support/books.ts';
import { createCallers } from '#test/support/callers.ts';
import { ask, until } from '#test/support/local-postgres.ts';
import { startOrderStream } from '#test/support/order-stream.ts';
import type { OrderStream } from '#test/support/order-stream.ts';
import { startOwnServer } from '#test/support/own-server.ts';
import type { OwnServer } from '#test/support/own-server.ts';
import { createRandom } from '#test/support/random.ts';
import type { Random } from '#test/support/random.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const domain = 'crash.myshopify.com';
const otherDomain = 'crash-next-door.myshopify.com';
const streamMs = 45_000;
/** A slow machine is given more time until enough has happened to mean something. */
const streamMaxMs = 120_000;
const ordersPerSecond = 10;
const otherOrdersPerSecond = 1;
const otherNamePauseMs = 500;
const shopperCount = 4;
const webCount = 2;
const workerCount = 2;
const outageMaxMs = 5_000;
const takeOverMs = 10_000;
const quietTimeoutMs = 60_000;
const seed = Number(process.env['CRASH_SEED'] || Date.now() % 1_000_000_000);

let server: OwnServer;
let system: System;
let shop: OpenShop;
let members: CardHolder[];
let stream: OrderStream;
/** A second shop, whose own orders count there, and which tells of this shop's orders as if they were its own. */
let otherStream: OrderStream;
let neighbour: CardHolder;
const foreign: Delivery[] = [];
const kills = { web: 0, worker: 0, postgres: 0 };
const outagesMs: number[] = [];
const acknowledgedAtMs: number[] = [];

/** How long after a kill PostgreSQL's users were served again: the first delivery acknowledged that was sent after it. */
async function killPostgres(): Promise<void> {
  const killedAt = Date.now();
  const seen = acknowledgedAtMs.length;
  await server.kill();
  await server.untilUp(quietTimeoutMs);
  await until(() => acknowledgedAtMs.slice(seen).some((sentAt) => sentAt > killedAt), quietTimeoutMs);
  outagesMs.push(Date.now() - killedAt);
}

/** Tells every so often of the order that was told of last, in the other shop's name. */
async function tellInOtherName(isOver: () => boolean): Promise<void> {
  let last: Delivery | undefined;
  while (!isOver()) {
    await delay(otherNamePauseMs);
    const delivery = stream.deliveries.at(-1);
    if (delivery === undefined || delivery === last) continue;
    last = delivery;
    const { topic, body } = delivery;
    foreign.push(await system.shopify.webhooks.send({ shopDomain: otherDomain, topic, body }));
  }
}

/** Each of them in turn, in an order that chance decides anew each time: chance alone might spare one for all the while. */
const victims = ['web', 'worker', 'postgres'] as const;
const waiting: (typeof victims)[number][] = [];

function nextVictim(random: Random): (typeof victims)[number] {
  if (waiting.length === 0) waiting.push(...victims);
  const victim = random.pick(waiting);
  waiting.splice(waiting.indexOf(victim), 1);
  return victim;
}

/** Whether enough was killed, and enough was told meanwhile. */
const isEnough = () => kills.web + kills.worker > 5 && kills.postgres > 0 && stream.deliveries.length >= 1_000;

async function killSomething(random: Random): Promise<void> {
  const victim = nextVictim(random);
  kills[victim] += 1;
  if (victim === 'postgres') return killPostgres();
  const index = random.between(0, (victim === 'worker' ? workerCount : webCount) - 1);
  await system.kill(victim, index);
  await delay(random.between(0, 600));
  await system.restart(victim, index);
}

beforeAll(async () => {
  console.log(`crash test: CRASH_SEED=${seed}`);
  server = await startOwnServer();
  system = await startSystem({
    databaseUrl: server.url,
    webCount,
    workerCount,
    isWebhookSpread: true,
    // A process that was just starting when PostgreSQL was killed ends, and is started again as any supervisor would.
    isRestarting: true,
    webhooks: {
      attemptsMax: 1000,
      retryBaseMs: 50,
      retryMaxMs: 250,
      onAttempt: (_, attempt) => {
        if (attempt.status === 200) acknowledgedAtMs.push(attempt.at.getTime());
      },
    },
  });
  shop = await openShop(system, domain);
  members = [];
  for (let count = 0; count < shopperCount; count += 1) members.push(await joinShop(system, shop));

  const other = await openShop(system, otherDomain);
  neighbour = await joinShop(system, other);

  const random = createRandom(seed);
  const nextId = createIds();
  const startedAt = performance.now();
  const isOver = () => {
    const ranMs = performance.now() - startedAt;
    return ranMs > streamMaxMs || (ranMs > streamMs && isEnough());
  };
  stream = startOrderStream({
    nextId,
    shopify: system.shopify,
    domain,
    shoppers: members,
    random: createRandom(seed + 1),
    durationMs: streamMs,
    isOver,
    ordersPerSecond,
  });
  otherStream = startOrderStream({
    nextId,
    shopify: system.shopify,
    domain: otherDomain,
    shoppers: [neighbour],
    random: createRandom(seed + 3),
    durationMs: streamMs,
    isOver,
    ordersPerSecond: otherOrdersPerSecond,
  });
  const told = tellInOtherName(isOver);
  while (!isOver()) {
    await delay(random.between(200, 2000));
    await killSomething(random);
  }
  await Promise.all([stream.ended, otherStream.ended, told]);
  await untilFinished(server.url, quietTimeoutMs);
  console.log(
    `crash test: ${JSON.stringify({ kills, outagesMs, deliveries: stream.deliveries.length, orders: stream.expectedByOrder.size })}`,
  );
}, 300_000);

afterAll(async () => {
  await system?.stop();
  await server?.stop();
});

/** The order a webhook is about; a refund names it apart from its own id. */
function orderIdOf({ topic, body }: Delivery): string {
  const { id, order_id: orderId } = z
    .object({ id: z.number(), order_id: z.number().optional() })
    .parse(JSON.parse(body.toString('utf8')));
  return String(topic === 'refunds/create' ? orderId : id);
}

async function verify(what: string): Promise<{ code: unknown; last: unknown }> {
  const program = path.join(import.meta.dirname, '..', '..', 'workers', 'verify.ts');
  const child = spawn(process.execPath, [...nodeWords, program, what], {
    env: { ...process.env, ...system.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = await once(child, 'close');
  return { code, last: JSON.parse(output.trim().split('\n').at(-1) ?? '') };
}

describe('after kill -9 of web, workers and PostgreSQL at random moments', () => {
  it('killed each of them, under load', () => {
    expect(kills.web + kills.worker).toBeGreaterThan(5);
    expect(kills.postgres).toBeGreaterThan(0);
    expect(stream.expectedByOrder.size).toBeGreaterThan(100);
    expect(stream.deliveries.length).toBeGreaterThanOrEqual(1000);
  });

  it('L11 has stored every delivery that was acknowledged, once, and applied it', async () => {
    const stored = await storedDeliveries(server.url);
    const deliveries = [...stream.deliveries, ...otherStream.deliveries, ...foreign];
    const acknowledged = deliveries.filter((delivery) => delivery.state === 'delivered');
    expect(acknowledged.length).toBe(deliveries.length);
    const lost = acknowledged.filter((delivery) => stored.get(delivery.webhookId)?.state !== 'done');
    expect(lost.map((delivery) => delivery.topic)).toEqual([]);
    expect([...stored.values()].every((delivery) => delivery.count === 1)).toBe(true);
  });

  it('L11 has booked for every order exactly what it earned', async () => {
    expect(await bookedByOrder(server.url)).toEqual(
      new Map([...stream.expectedByOrder, ...otherStream.expectedByOrder]),
    );
  });

  it('has balances that equal what was earned, the entries and the lots', async () => {
    expect(await balancesBySerial(server.url)).toEqual(
      new Map([...stream.expectedBySerial, ...otherStream.expectedBySerial]),
    );
    expect(await brokenBalances(server.url)).toEqual([]);
    expect(await verify('ledger')).toMatchObject({ code: 0, last: { ok: true, firstBad: null } });
    expect(await verify('audit')).toMatchObject({ code: 0, last: { ok: true } });
    expect(await verify('consent')).toMatchObject({ code: 0, last: { ok: true } });
  });

  it('has counted for no shop what the other one told of its orders', async () => {
    expect(foreign.length).toBeGreaterThan(10);
    const orders = await ask(
      server.url,
      `select s.domain, o.order_id, o.member_id is not null as "isSomebodys", o.booked from order_state o
       join shop s on s.id = o.shop_id order by o.order_id`,
    );
    const told = new Set(foreign.map((delivery) => orderIdOf(delivery)));
    const theirs = orders.filter((order) => order['domain'] === otherDomain && told.has(String(order['order_id'])));
    expect(theirs.length).toBeGreaterThan(10);
    expect(theirs.filter((order) => order['isSomebodys'] === true || JSON.stringify(order['booked']) !== '{}')).toEqual(
      [],
    );
    const [own] = otherStream.expectedBySerial.values();
    expect(own?.points).toBeGreaterThan(0);
    expect((await createCallers(system).askWallet(neighbour, `passes/{type}/${members[0]?.serial}`)).status).toBe(401);
  });

  it('has nothing left to do', async () => {
    // Duties join the queue every minute: at one instant there may be some.
    await expect.poll(() => unfinished(server.url), { timeout: quietTimeoutMs }).toEqual(nothingUnfinished);
  });

  it('shows the right figures on every phone', async () => {
    for (const { serial, phone, shown } of [...members, neighbour]) {
      const { points = 0, stamps = 0 } =
        stream.expectedBySerial.get(serial) ?? otherStream.expectedBySerial.get(serial) ?? {};
      const isRight = (): boolean => shown().points === points && shown().stamps === stamps % 10;
      await phone.waitFor(serial, isRight, quietTimeoutMs).catch(() => undefined);
      expect(shown()).toEqual({ points, stamps: stamps % 10 });
    }
  });

  it('was away for no more than five seconds after a kill of PostgreSQL', () => {
    // The middle one: on a machine that others keep busy, a single restart may take longer through no fault of ours.
    const middle = outagesMs.toSorted((one, two) => one - two)[Math.floor((outagesMs.length - 1) / 2)];
    expect(middle).toBeLessThanOrEqual(outageMaxMs);
    expect(Math.max(...outagesMs)).toBeLessThanOrEqual(outageMaxMs * 2);
  });
});

describe('when a worker is killed in the middle of a job', () => {
  it('has another worker take the job within ten seconds', async () => {
    const [member] = members;
    if (member === undefined) throw new Error('there is no member');
    const { points } = member.shown();
    await system.kill('worker', 1);
    system.apns?.fail('*', { kind: 'silence' }, 1000);
    await shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(500)], cardCode: member.cardCode });
    await until(async () => (await takenJobs(server.url, 'push-apple')) > 0, quietTimeoutMs);
    // How long this machine takes to start a process is not what is promised.
    const before = await presentWorkers(server.url);
    await system.restart('worker', 1);
    const isThere = async () => (await presentWorkers(server.url)).some((pid) => !before.includes(pid));
    await until(isThere, quietTimeoutMs);
    system.apns?.clearFaults();
    const killedAt = performance.now();
    await system.kill('worker', 0);
    await member.phone.waitFor(member.serial, () => member.shown().points === (points ?? 0) + 5, quietTimeoutMs);
    const takenOverMs = performance.now() - killedAt;
    console.log(`crash test: ${JSON.stringify({ takenOverMs: Math.round(takenOverMs) })}`);
    expect(takenOverMs).toBeLessThan(takeOverMs);
    await system.restart('worker', 0);
  });
});

describe('when the app is uninstalled while orders flow', () => {
  it('keeps every delivery, fails none, and still answers the cards that are out there', async () => {
    const goneDomain = 'leaving.myshopify.com';
    const leaving = await openShop(system, goneDomain);
    const shopper = await joinShop(system, leaving);
    const orders = startOrderStream({
      shopify: system.shopify,
      domain: goneDomain,
      shoppers: [shopper],
      random: createRandom(seed + 2),
      durationMs: 3000,
      ordersPerSecond: 10,
    });
    await delay(1500);
    await system.shopify.uninstall(goneDomain);
    await orders.ended;
    await untilFinished(server.url, quietTimeoutMs);
    const failed = orders.deliveries.filter((delivery) => delivery.attempts.some((attempt) => attempt.status !== 200));
    expect(failed).toEqual([]);
    const stored = await storedDeliveries(server.url);
    expect(orders.deliveries.filter((delivery) => !stored.has(delivery.webhookId))).toEqual([]);
    expect((await balancesBySerial(server.url)).get(shopper.serial)).toEqual(
      orders.expectedBySerial.get(shopper.serial),
    );
    expect(await brokenBalances(server.url)).toEqual([]);
    expect((await call({ url: shopper.cardUrl })).status).toBe(200);
  });
});
