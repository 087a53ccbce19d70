/** Many processes at one reward: exactly as many have it as there is. And a process that is killed half-way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Reward } from '#app/domain/programs/rewards.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';
import { authorize, expectBalanced, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { until } from '#test/support/local-postgres.ts';
import { give, heldOf, mustReserve, programWith, requestOf, rewardOf } from '#test/support/rewards.ts';

const script = path.join(import.meta.dirname, '..', 'support', 'reserve-callers.ts');
const processes = 4;
const callsEach = 50;

const rewards: Reward[] = [
  rewardOf('coffee'),
  rewardOf('last', { cost: 1, limits: { stock: 1 } }),
  rewardOf('few', { cost: 1, limits: { stock: 7 } }),
  rewardOf('once', { cost: 1, limits: { perMember: 1 } }),
  rewardOf('cookie', { unit: 'stamps', cost: 0, atStamp: 3 }),
  rewardOf('off', { benefit: { kind: 'amount-off', amountMinor: 500, currency: 'USD' } }),
];

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;
let memberId: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem('stampwell_worker', 12);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await system.close();
  await standIn.close();
});
beforeEach(async () => {
  setClockOffsetMs(0);
  shop = await makeShop(programWith(rewards));
  await authorize(standIn.shopify, shop);
  ({ memberId } = await makeMember(shop));
});
afterEach(() => expectBalanced(shop.shopId));

const atShopify = (): Shop => standIn.shopify.shop(shop.domain);

type Calls = { shopId: string; memberIds: string[]; rewardId: string; calls: number; idempotencyKey: string | null };
type Caller = { child: ChildProcess; call: (asked: Calls) => Promise<string[]> };

/** Starts a process that calls when it is told to. */
async function startCaller(): Promise<Caller> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, system.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 240_000,
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  expect(await once(lines, 'line')).toEqual(['ready']);
  return {
    child,
    call: async (asked) => {
      child.stdin.write(`${JSON.stringify(asked)}\n`);
      const [line]: unknown[] = await once(lines, 'line');
      return z.array(z.string()).parse(JSON.parse(String(line)));
    },
  };
}

async function stop({ child }: Caller): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('experiment 27: 200 reservations at once from four processes', () => {
  let callers: Caller[];
  beforeAll(async () => {
    callers = await Promise.all(Array.from({ length: processes }, startCaller));
  }, 120_000);
  afterAll(() => Promise.all(callers.map(stop)));

  /** How often each answer was given to all processes together, which begin at the same time. */
  async function tallyOf(memberIds: string[], rewardId: string): Promise<Record<string, number>> {
    const asked = { shopId: shop.shopId, memberIds, rewardId, calls: callsEach, idempotencyKey: null };
    const answers = (await Promise.all(callers.map(({ call }) => call(asked)))).flat();
    const tally: Record<string, number> = {};
    for (const answer of answers) tally[answer] = (tally[answer] ?? 0) + 1;
    return tally;
  }

  it('against a balance for one: one succeeds and 199 are told that it is not enough', async () => {
    await give(shop.shopId, memberId, 'points', 199);
    expect(await tallyOf([memberId], 'coffee')).toEqual({ reserved: 1, 'not-enough': 199 });
    expect(await heldOf(system, memberId)).toBe(100);
  }, 120_000);

  it('against a balance for seven: exactly seven succeed', async () => {
    await give(shop.shopId, memberId, 'points', 799);
    expect(await tallyOf([memberId], 'coffee')).toEqual({ reserved: 7, 'not-enough': 193 });
    expect(await heldOf(system, memberId)).toBe(700);
  }, 120_000);

  it('of 20 members against a stock of one, and of seven: exactly as many have it', async () => {
    const members: Awaited<ReturnType<typeof makeMember>>[] = [];
    while (members.length < 20) members.push(await makeMember(shop));
    for (const member of members) await give(shop.shopId, member.memberId, 'points', 100);
    const memberIds = members.map((member) => member.memberId);
    expect(await tallyOf(memberIds, 'last')).toEqual({ reserved: 1, stock: 199 });
    expect(await tallyOf(memberIds, 'few')).toEqual({ reserved: 7, stock: 193 });
  }, 120_000);

  it('against a limit of one, and a card that was reached once', async () => {
    await give(shop.shopId, memberId, 'points', 100);
    await give(shop.shopId, memberId, 'stamps', 3);
    expect(await tallyOf([memberId], 'once')).toEqual({ reserved: 1, limit: 199 });
    expect(await tallyOf([memberId], 'cookie')).toEqual({ reserved: 1, 'not-enough': 199 });
  }, 120_000);
});

describe('a process that is killed between the reservation and its discount', () => {
  const idempotencyKey = randomUUID();
  const asked = () => ({
    ...requestOf(shop.shopId, { memberId, rewardId: 'off', idempotencyKey: `${idempotencyKey}/${shop.shopId}` }),
    channel: 'api' as const,
    locationId: null,
    cart: null,
  });
  const reservations = () =>
    system.sql<{ id: string; state: string; discount_id: string | null }>(
      'select id, state, discount_id from reservation where member_id = $1',
      [memberId],
    );

  async function killHalfway(isHalfway: () => Promise<boolean>): Promise<void> {
    await give(shop.shopId, memberId, 'points', 100);
    const { idempotencyKey: key } = asked();
    const caller = await startCaller();
    const asking = { shopId: shop.shopId, memberIds: [memberId], rewardId: 'off', calls: 1, idempotencyKey: key };
    caller.call(asking).catch(() => undefined);
    await until(isHalfway, 20_000);
    await stop(caller);
    Object.assign(atShopify().faults, { requestDelayMs: 0, answerDelayMs: 0 });
    expect(await reservations()).toMatchObject([{ state: 'reserved', discount_id: null }]);
    expect(await heldOf(system, memberId)).toBe(100);
  }

  it('before Shopify made it: the same call makes it', async () => {
    atShopify().faults.requestDelayMs = 3_000;
    await killHalfway(async () => (await reservations()).length === 1);
    expect(atShopify().discounts).toEqual([]);
    const { discountCode } = await mustReserve(asked());
    expect(atShopify().discounts.map((one) => one.code)).toEqual([discountCode]);
    expect(await heldOf(system, memberId)).toBe(100);
  });

  it('after Shopify made it: the same call finds it, and does not make a second', async () => {
    atShopify().faults.answerDelayMs = 30_000;
    await killHalfway(() => Promise.resolve(atShopify().discounts.length === 1));
    const { discountCode } = await mustReserve(asked());
    expect(atShopify().discounts.map((one) => one.code)).toEqual([discountCode]);
    expect(await reservations()).toMatchObject([{ state: 'reserved', discount_id: atShopify().discounts[0]?.id }]);
  });

  it('and nobody comes back: it is given up in time, and the discount nobody heard of is switched off', async () => {
    atShopify().faults.answerDelayMs = 30_000;
    await killHalfway(() => Promise.resolve(atShopify().discounts.length === 1));
    setClockOffsetMs(11 * 60_000);
    await releaseReservations({ shopId: shop.shopId });
    expect(await heldOf(system, memberId)).toBe(0);
    for (const { id } of await reservations()) await releaseDiscount({ shopId: shop.shopId, reservationId: id });
    expect(atShopify().discounts.map((one) => one.status)).toEqual(['EXPIRED']);
  });
});
