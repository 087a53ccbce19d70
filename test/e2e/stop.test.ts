/** Asked to stop, a process finishes what it began, and is gone within ten seconds. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';
import { holdTable, takenJobs, untilFinished } from '#test/support/books.ts';
import { createCallers } from '#test/support/callers.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { ask, until } from '#test/support/local-postgres.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const stopMaxMs = 10_000;
const arrivalTimeoutMs = 60_000;

let database: TestDatabase;
let system: System;
let shop: OpenShop;
let other: OpenShop;
let member: CardHolder;
let neighbour: CardHolder;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem({ databaseUrl: database.url, webhooks: { attemptsMax: 1 } });
  shop = await openShop(system, 'closing.myshopify.com');
  other = await openShop(system, 'open-late.myshopify.com');
  member = await joinShop(system, shop);
  neighbour = await joinShop(system, other);
});

afterAll(async () => {
  await system?.stop();
  await database?.drop();
});

beforeEach(async () => {
  await untilFinished(database.url, arrivalTimeoutMs);
});

afterEach(async () => {
  system.apns?.clearFaults();
  await system.restart('web');
  await system.restart('worker');
});

function buy(): Promise<unknown> {
  return shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(300)], cardCode: member.cardCode });
}

async function lockedJobs(): Promise<unknown[]> {
  return ask(database.url, 'select task_identifier from graphile_worker.jobs where locked_at is not null');
}

describe('a web process that is asked to stop', () => {
  it('answers the deliveries it was storing, takes no new ones, and exits with 0', async () => {
    const held = await holdTable(database.url, 'inbox', 'share');
    const bought = shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(300)] });
    await held.waited(arrivalTimeoutMs);
    const startedAt = performance.now();
    const stopped = system.kill('web', 0, 'SIGTERM');
    const refuses = async (): Promise<boolean> =>
      call({ url: `${system.addresses.app}/healthz`, timeoutMs: 1000 }).then(() => false, () => true); // prettier-ignore
    await until(refuses, arrivalTimeoutMs);
    await held.release();
    const { actions } = await bought;
    expect(actions[0]?.deliveries.map((delivery) => delivery.attempts[0]?.status)).toEqual([200, 200]);
    expect(await stopped).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(stopMaxMs);
  });
});

describe('a worker that is asked to stop', () => {
  it('finishes the job it is at, and exits with 0', async () => {
    const before = member.shown().points ?? 0;
    const held = await holdTable(database.url, 'card_design', 'access exclusive');
    await buy();
    await held.waited(arrivalTimeoutMs);
    const startedAt = performance.now();
    const stopped = system.kill('worker', 0, 'SIGTERM');
    await held.release();
    expect(await stopped).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(stopMaxMs);
    expect(await lockedJobs()).toEqual([]);
    await system.restart('worker');
    await member.phone.waitFor(member.serial, () => member.shown().points === before + 3, arrivalTimeoutMs);
  });

  it('leaves a job that cannot be finished to the next one, and exits with 0 all the same', async () => {
    const before = member.shown().points ?? 0;
    system.apns?.fail('*', { kind: 'silence' }, 1000);
    await buy();
    await until(async () => (await takenJobs(database.url, 'push-apple')) > 0, arrivalTimeoutMs);
    const startedAt = performance.now();
    expect(await system.kill('worker', 0, 'SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(stopMaxMs);
    system.apns?.clearFaults();
    await system.restart('worker');
    await member.phone.waitFor(member.serial, () => member.shown().points === before + 3, arrivalTimeoutMs);
  });
});

describe('another shop, while web and worker are asked to stop', () => {
  it('has its own deliveries counted, and gets nothing of this shop’s cards, members and orders', async () => {
    const before = member.shown().points ?? 0;
    const beforeThere = neighbour.shown().points ?? 0;
    const sale = { channel: 'pos' as const, currency: 'EUR', lines: [coffee(300)] };
    const held = await holdTable(database.url, 'order_state', 'exclusive');
    const here = await shop.till.buy({ ...sale, cardCode: member.cardCode });
    // The same card and the same order, told in the other shop's name; then a sale of its own.
    await other.till.buy({ ...sale, cardCode: member.cardCode });
    await system.shopify.webhooks.send({ shopDomain: other.shopDomain, topic: 'orders/paid', body: here.body });
    await other.till.buy({ ...sale, cardCode: neighbour.cardCode });
    await held.waited(arrivalTimeoutMs);
    const stopped = [system.kill('worker', 0, 'SIGTERM'), system.kill('web', 0, 'SIGTERM')];
    await held.release();
    expect(await Promise.all(stopped)).toEqual([0, 0]);
    await system.restart('web');
    await system.restart('worker');
    await member.phone.waitFor(member.serial, () => member.shown().points === before + 3, arrivalTimeoutMs);
    const isThere = (): boolean => neighbour.shown().points === beforeThere + 3;
    await neighbour.phone.waitFor(neighbour.serial, isThere, arrivalTimeoutMs);
    await untilFinished(database.url, arrivalTimeoutMs);
    expect(member.shown().points).toBe(before + 3);
    const [row] = await ask(database.url, `select member_id from pass where serial = '${member.serial}'`);
    const address = `members/${String(row?.['member_id'])}`;
    const { askApi, askWallet } = createCallers(system);
    expect([(await askApi(shop, address)).status, (await askApi(other, address)).status]).toEqual([200, 404]);
    expect((await askWallet(neighbour, `passes/{type}/${member.serial}`)).status).toBe(401);
  });
});
