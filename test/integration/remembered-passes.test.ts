import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createKnownPasses } from '#app/data/cards/known-passes.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { joinCallers } from '#app/data/joined-callers.ts';
import { withShop } from '#app/data/tenancy.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import {
  authorizationOf,
  createDevice,
  type HeldPass,
  holdPass,
  passPath,
  type WalletDevice,
} from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
  edge = await startEdge();
  shop = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});

type Held = HeldPass & { memberId: MemberId };

async function hold(): Promise<Held> {
  const { memberId, cardUrl } = await makeMember(shop);
  return { ...(await holdPass(cardUrl, wallets.pems.root)), memberId };
}

const addPoints = (memberId: string) =>
  adjustBalance({
    shopId: shop.shopId,
    memberId,
    unit: 'points',
    amount: 7,
    reason: 'test',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });

describe('what is remembered of a pass that phones ask for again and again', () => {
  let held: Held;
  let device: WalletDevice;
  let since: string;
  const status = async () => (await device.get(held, since)).status;
  beforeEach(async () => {
    device = createDevice(edge);
    held = await hold();
    since = (await device.get(held)).headers['last-modified'] ?? '';
    if ((await status()) !== 304) throw new Error('the pass could not be made known');
  });
  const ofPass = (set: string) => `update pass set ${set} where serial = '${held.serial}'`;
  const ofShop = (set: string) => `update shop set ${set} where id = '${shop.shopId}'`;

  it('is answered from without being read, and nothing newer is', async () => {
    const reading = 'function read_passes_at_door(text[], float8[], timestamptz, timestamptz)';
    await system.sql(`alter ${reading} rename to read_nothing`);
    try {
      expect([await status(), (await device.get(held)).status]).toEqual([304, 500]);
    } finally {
      await system.sql(`alter ${reading.replace('read_passes_at_door', 'read_nothing')} rename to read_passes_at_door`);
    }
  });

  it.each([
    ['became void too long ago', 'voided_at', `now() - interval '31 days'`],
    ['was re-issued under another pass type', 'pass_type_identifier', `'pass.com.example.other'`],
    ['is called otherwise', 'serial', `'x' || serial`],
  ])('is not used once the pass %s, and again when it is as before', async (_name, column, value) => {
    const [before] = await system.sql<{ it: unknown }>(
      `select ${column} as it from pass where serial = '${held.serial}'`,
    );
    const [row] = await system.sql<{ id: string }>(`${ofPass(`${column} = ${value}`)} returning id`);
    expect(await status()).toBe(401);
    await system.sql(`update pass set ${column} = $2 where id = $1`, [row?.id, before?.it]);
    expect(await status()).toBe(304);
  });

  it('is not used once the keys of the shop were destroyed', async () => {
    const [keys] = await system.sql<{ data_key: Buffer }>('select data_key from shop where id = $1', [shop.shopId]);
    await system.sql(ofShop('data_key = null'));
    const without = await status();
    await system.sql(ofShop('data_key = $1'), [keys?.data_key]);
    expect([without, await status()]).toEqual([401, 304]);
  });

  it('lets a phone that holds the newest version be seen, and one that only looks not', async () => {
    const seen = async () =>
      (
        await system.sql<{ is: boolean }>(
          `select seen_version = version as is from pass where serial = '${held.serial}'`,
        )
      )[0]?.is;
    await system.sql(ofPass('seen_version = version - 1'));
    const look = { method: 'HEAD', authorization: authorizationOf(held), headers: { 'if-modified-since': since } };
    expect([(await device.ask(passPath(held), look)).status, await seen()]).toEqual([304, false]);
    expect([await status(), await seen()]).toEqual([304, true]);
  });

  it('says nothing of a change before its commit and everything after, whichever transaction began first', async () => {
    const other = await hold();
    const otherSince = (await device.get(other)).headers['last-modified'];
    const during = await withShop(shop.shopId, async (tx) => {
      await touchPasses(tx, [held.memberId]);
      await addPoints(other.memberId);
      return [await status(), (await device.get(other, otherSince)).status];
    });
    expect([...during, await status()]).toEqual([304, 200, 200]);
  });

  it('survives the loss of every connection without saying anything old', async () => {
    await system.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'stampwell%' and pid <> pg_backend_pid()`,
    );
    await system.sql(ofPass(`version = version + 1, last_modified = last_modified + interval '1 second'`));
    const said: number[] = [];
    const until = performance.now() + 10_000;
    while (said.at(-1) !== 200 && performance.now() < until) {
      said.push(await status());
      await delay(20);
    }
    expect(said.filter((one) => one !== 503)).toEqual([200]);
  });

  it('is bounded: what was used longest ago is forgotten first', () => {
    const known = createKnownPasses({ entriesMax: 2 });
    for (const serial of ['one', 'two']) known.remember({ serial, question: '' });
    known.recall('one');
    known.remember({ serial: 'three', question: '' });
    expect(['one', 'two', 'three'].map((serial) => known.recall(serial)?.serial)).toEqual(['one', undefined, 'three']);
  });
});

describe('callers that ask in the same moment', () => {
  it('are answered together, each its own, and whoever comes later never by what was asked before', async () => {
    const asked: number[][] = [];
    let answer = () => {};
    const ask = joinCallers(async (questions: number[]) => {
      asked.push(questions);
      if (asked.length === 1) await new Promise<void>((resolve) => (answer = resolve));
      return questions.map((question) => question * 2);
    });
    const first = [ask(1), ask(2)];
    while (asked.length === 0) await delay(1);
    // The first statement hangs: the next one does not wait for it.
    expect(await Promise.all([ask(3), ask(4)])).toEqual([6, 8]);
    answer();
    expect(await Promise.all(first)).toEqual([2, 4]);
    expect(asked).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('wait for those who come in the next turns of the event loop, and not for ever', async () => {
    const asked: number[][] = [];
    const ask = joinCallers((questions: number[]) => {
      asked.push(questions);
      return Promise.resolve(questions);
    });
    const callers: Promise<number>[] = [];
    for (let caller = 0; asked.length === 0 && caller < 1_000; caller += 1) {
      callers.push(ask(caller));
      await turn();
    }
    await Promise.all(callers);
    const [first = []] = asked;
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(20);
    expect(asked.flat()).toEqual(callers.map((_, caller) => caller));
  });

  it('hear of a failure, all of them, and the next are asked again', async () => {
    let isBroken = true;
    const ask = joinCallers((questions: number[]) =>
      isBroken ? Promise.reject(new Error('on purpose')) : Promise.resolve(questions),
    );
    const outcomes = await Promise.allSettled([ask(1), ask(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await ask(3)).toBe(3);
  });
});
