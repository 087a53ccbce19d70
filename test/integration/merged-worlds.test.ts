/**
 * Small worlds drawn at random: customers of two programs, two and more merges, sales under any of the names before and after,
 * told in any order. What everybody has in the end does not depend on it. `WORLD_SEED` and `WORLDS` draw others.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { expectBalanced } from '#test/support/extensions.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { merge, newCustomer, secondProgram, withFirstOrderBonus } from '#test/support/merging.ts';
import { createRandom, type Random } from '#test/support/random.ts';
import { refund, saleOf, tell } from '#test/support/sales.ts';

const firstSeed = Number(process.env['WORLD_SEED'] ?? 1);
const seeds = Array.from({ length: Number(process.env['WORLDS'] ?? 8) }, (_, index) => firstSeed + index);
const tellings = 5;

let system: TestSystem;
let programs: [TestShop, TestShop];
beforeAll(async () => {
  system = await openTestSystem();
  const shop = await makeShop(withFirstOrderBonus());
  programs = [shop, await secondProgram(shop)];
});
afterAll(() => system.close());

/** Customers are numbers from 0; times are minutes ago. */
type World = {
  customers: number[];
  joined: { customer: number; program: 0 | 1 }[];
  merges: { gone: number; into: number; ago: number }[];
  sales: { customer: number; dollars: number; ago: number; isRefunded: boolean; isRenamed: boolean }[];
};

function drawWorld(random: Random): World {
  const customers = Array.from({ length: random.between(3, 5) }, (_, index) => index);
  const joined = customers.flatMap((customer) => [
    ...(random.chance(0.55) ? [{ customer, program: 0 as const }] : []),
    ...(random.chance(0.25) ? [{ customer, program: 1 as const }] : []),
  ]);
  const sales = Array.from({ length: random.between(2, 4) }, (_, index) => ({
    customer: random.pick(customers),
    // What each comes to can be told from any sum.
    dollars: 10 ** index * random.between(1, 3),
    ago: random.between(5, 65),
    isRefunded: random.chance(0.25),
    isRenamed: random.chance(0.3),
  }));
  return { customers, joined, merges: drawMerges(random, customers), sales };
}

function drawMerges(random: Random, customers: number[]): World['merges'] {
  const merges: World['merges'] = [];
  const alive = [...customers];
  for (let ago = 58; alive.length > 1 && (merges.length < 2 || random.chance(0.7)); ago -= random.between(2, 10)) {
    const gone = random.pick(alive);
    alive.splice(alive.indexOf(gone), 1);
    merges.push({ gone, into: random.pick(alive), ago });
  }
  return merges;
}

type Told = { what: string; tell: () => Promise<unknown> };

/** Lets everybody join, and answers them with all there is to tell, as Shopify would. */
async function begin(world: World) {
  const [shop] = programs;
  const ids = world.customers.map(newCustomer);
  const idOf = (customer: number) => ids[customer] ?? '';
  const members: { memberId: string }[] = [];
  for (const { customer, program } of world.joined)
    members.push(await makeMember(programs[program], { shopifyCustomerId: idOf(customer) }));
  const start = Date.now();
  const timeOf = (ago: number) => new Date(start - ago * 60_000);
  const told = world.merges.map(({ gone, into, ago }): Told => ({
    what: `${gone} into ${into}`,
    tell: () => merge(shop, idOf(gone), idOf(into), timeOf(ago)),
  }));
  for (const sale of world.sales) {
    const order = saleOf(idOf(sale.customer), { dollars: sale.dollars, at: timeOf(sale.ago).toISOString() });
    const what = `${sale.dollars} of ${sale.customer}`;
    told.push({ what, tell: () => tell(shop, order) });
    const back = { dollars: sale.dollars, at: timeOf(1).toISOString() };
    if (sale.isRefunded) told.push({ what: `${what} back`, tell: () => refund(shop, order, back) });
    const next = world.merges.find(({ gone }) => gone === sale.customer);
    if (!sale.isRenamed || next === undefined) continue;
    const renamed = {
      ...order,
      customer: { id: Number(idOf(next.into)) },
      updated_at: timeOf(next.ago - 1).toISOString(),
    };
    told.push({ what: `${what} written down to ${next.into}`, tell: () => tell(shop, renamed) });
  }
  return { members, told };
}

const shuffled = (told: Told[], random: Random) =>
  told
    .map((one) => ({ one, place: random.next() }))
    .toSorted((one, two) => one.place - two.place)
    .map(({ one }) => one);

it.each(seeds)('what comes of merges and sales is the same in any order of telling (world %i)', async (seed) => {
  const world = drawWorld(createRandom(seed));
  const finals = new Map<string, string>();
  for (let telling = 0; telling < tellings; telling += 1) {
    const { members, told } = await begin(world);
    const inOrder = telling === 0 ? told : shuffled(told, createRandom(seed * 1_000 + telling));
    for (const { tell: tellIt } of inOrder) await tellIt();
    const points = [];
    for (const { memberId } of members) points.push((await balancesOf(system, memberId))['points']);
    finals.set(points.join(' '), inOrder.map(({ what }) => what).join(', '));
  }
  const differing = finals.size > 1 ? { world: JSON.stringify(world), ...Object.fromEntries(finals) } : null;
  expect(differing).toBeNull();
  const { shopId } = programs[0];
  expect(await system.sql("select 1 from inbox where shop_id = $1 and state <> 'done'", [shopId])).toEqual([]);
  await expectBalanced(shopId);
});
