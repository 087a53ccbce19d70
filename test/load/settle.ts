/**
 * How many paid orders a second go from the inbox to balance, lot, pass and outbox, with 100,000 members. Ours is the
 * worker's own drainer; beside it, in turns, one transaction of separate statements with its job queued inside
 * (`settle-baseline.ts`), by 16 connections and by one: the better of the two counts.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { withShop } from '#app/data/tenancy.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { type BaselineRules, openBaselineSettler } from '#test/load/settle-baseline.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { coffeeOrder, fullRulesProgram, pointsProgram, thinText } from '#test/load/shop-orders.ts';
import {
  type Bench,
  type BenchDatabase,
  type BenchResult,
  byHands,
  commitRate,
  median,
  medianRatio,
  openBenchDatabase,
  ratePerSecond,
  rounded,
} from '#test/load/support.ts';
import { makeShop, type TestShop } from '#test/support/factories.ts';
import { startDrainer } from '#workers/drain-inbox.ts';

const shopCount = 4;
const membersPerShop = 25_000;
const settlersMax = 16;
const fillBatch = 1_000;
/** Connections of a worker process. */
const connectionsMax = 12;

type Contender = { name: string; rates: number[]; count: number; drain: () => Promise<void> };

const customerOf = (shopIndex: number, member: number) => (shopIndex + 1) * 1_000_000 + member;

async function addMembers(database: BenchDatabase, shop: TestShop, shopIndex: number): Promise<void> {
  const values = [shop.shopId, shop.programId, customerOf(shopIndex, 0), membersPerShop];
  await database.sql(
    `insert into member (shop_id, id, program_id, shopify_customer_id, card_id, enrolled_at, enrolled_via)
     select $1, uuidv7(), $2, ($3::bigint + n)::text, encode(uuid_send(gen_random_uuid()), 'hex'), now(), 'link'
     from generate_series(1, $4::int) n`,
    values,
  );
  await database.sql(
    `insert into balance (shop_id, member_id, unit) select shop_id, id, 'points' from member where shop_id = $1`,
    [shop.shopId],
  );
  await database.sql(
    `insert into pass (shop_id, id, member_id, wallet, serial)
     select shop_id, uuidv7(), id, 'apple', encode(uuid_send(gen_random_uuid()), 'hex') from member where shop_id = $1`,
    [shop.shopId],
  );
}

/** Puts paid orders of random members into the inbox, as the edge would have stored them. */
async function fillInbox(database: BenchDatabase, shops: TestShop[], count: number): Promise<void> {
  for (let filled = 0; filled < count; filled += fillBatch) {
    const texts = Array.from({ length: Math.min(fillBatch, count - filled) }, (_, index) =>
      thinText(coffeeOrder(customerOf(index % shops.length, 1 + Math.floor(Math.random() * membersPerShop)))),
    );
    await database.sql(
      `insert into inbox (shop_id, webhook_id, topic, projection, triggered_at)
       select s, w, 'orders/paid', p, now() from unnest($1::uuid[], $2::text[], $3::text[]) as d(s, w, p)`,
      [texts.map((_, index) => shops[index % shops.length]?.shopId), texts.map(() => randomUUID()), texts],
    );
  }
  await database.sql('vacuum analyze inbox');
}

/** Asked again and again beside what is measured, so by the index, and not often. */
async function isInboxEmpty(database: BenchDatabase): Promise<boolean> {
  const waiting = await database.sql(`select shop_id from inbox where state = 'pending' order by shop_id limit 1`);
  return waiting.length === 0;
}

/** The worker's drainer until nothing is left; the outbox stays, as the relay is not part of this bench. */
async function drainOurs(database: BenchDatabase): Promise<void> {
  const drainer = startDrainer(() => undefined);
  while (!(await isInboxEmpty(database))) await delay(25);
  await drainer.stop();
}

async function drainBaseline(database: BenchDatabase, rules: BaselineRules[], hands: number): Promise<void> {
  const settlers = await Promise.all(Array.from({ length: hands }, () => openBaselineSettler(database.url)));
  await byHands(hands, async (hand) => {
    for (let shift = 0; shift < rules.length; shift += 1) {
      // Hands start at different shops, so that they do not all try the same rows.
      const [rule, settler] = [rules[(hand + shift) % rules.length], settlers[hand]];
      if (rule !== undefined && (await settler?.settleNext(rule)) === true) return true;
    }
    return false;
  });
  await Promise.all(settlers.map((settler) => settler.close()));
}

/** Nothing counted twice, nothing lost: entries, balances, lots and orders agree. */
async function verify(database: BenchDatabase, shops: TestShop[], settled: number): Promise<void> {
  // An order may have been settled more than once: what it should earn can change with its member's other orders.
  const [counts] = await database.sql<{ orders: number; posted: number; entries: number; sources: number }>(
    `select (select count(*)::int from order_state where booked <> '{}') as orders,
       (select count(distinct e.order_id)::int from ledger_source s join ledger_entry e on e.shop_id = s.shop_id and e.id = s.entry_id) as posted,
       (select count(*)::int from ledger_entry) as entries, (select count(*)::int from ledger_source) as sources`,
  );
  if (counts?.orders !== settled || counts.posted !== settled || counts.entries !== counts.sources)
    throw new Error(`${settled} orders were settled, but the database says ${JSON.stringify(counts)}`);
  for (const { shopId } of shops) {
    const { imbalances } = await verifyBalances({ shopId });
    if (imbalances.length > 0) throw new Error(`${imbalances.length} balances do not add up`);
  }
}

async function readRules(shops: TestShop[]): Promise<BaselineRules[]> {
  return Promise.all(
    shops.map(async ({ shopId }) => {
      const [version] = await withShop(shopId, listRuleVersions);
      if (version === undefined) throw new Error('the sample shop has no rules');
      return { shopId, versionId: version.versionId, document: version.document };
    }),
  );
}

/** One rule that looks at nothing but the order. */
export const benchSettle: Bench = ({ isQuick }) => bench({ name: 'settle', document: pointsProgram, isQuick });

/** Every kind of rule at once: the member's other orders decide too, so they are read and settled together. */
export const benchSettleFullRules: Bench = ({ isQuick }) =>
  bench({ name: 'settle-full-rules', document: fullRulesProgram, isQuick });

type Settled = { name: string; document: ProgramDocument; isQuick: boolean };

/** Runs the bench. Ends with a check of every balance. */
async function bench({ name: benchName, document, isQuick }: Settled): Promise<BenchResult> {
  const [rounds, roundSeconds] = isQuick ? [3, 1.2] : [7, 4];
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax });
  try {
    const shops = await Promise.all(Array.from({ length: shopCount }, () => makeShop(document)));
    for (const [index, shop] of shops.entries()) await addMembers(database, shop, index);
    await database.sql('vacuum analyze');
    const rules = await readRules(shops);
    const commits = await commitRate(database, settlersMax, 1_000);
    console.log(
      `${shopCount * membersPerShop} members; ${rounded(commits)} tiny durable commits/s at ${settlersMax} connections`,
    );
    const contenders: Contender[] = [
      { name: 'ours', rates: [], count: 2_000, drain: () => drainOurs(database) },
      { name: 'sixteen', rates: [], count: 400, drain: () => drainBaseline(database, rules, settlersMax) },
      { name: 'one', rates: [], count: 200, drain: () => drainBaseline(database, rules, 1) },
    ];
    let settled = 0;
    const measure = async ({ count, drain }: Contender): Promise<number> => {
      await fillInbox(database, shops, count);
      const rate = await ratePerSecond(count, drain);
      settled += count;
      await database.sql('truncate outbox');
      await database.sql('delete from graphile_worker._private_jobs');
      return rate;
    };
    // Unmeasured: code is compiled, caches are warm, and each learns how many orders a round of its own takes.
    for (const contender of contenders)
      contender.count = Math.max(100, Math.round((await measure(contender)) * roundSeconds));
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of contenders) contender.rates.push(await measure(contender));
      console.log(
        `round ${round}: ${contenders.map(({ name, rates }) => `${name} ${rounded(rates.at(-1) ?? 0)}`).join(', ')} orders/s`,
      );
    }
    await verify(database, shops, settled);
    const [ours = [], sixteen = [], one = []] = contenders.map(({ rates }) => rates);
    const ratios = { sixteenConnections: medianRatio(ours, sixteen), oneConnection: medianRatio(ours, one) };
    return {
      bench: benchName,
      ratio: Math.min(ratios.sixteenConnections, ratios.oneConnection),
      ratios,
      rounds,
      ordersPerSecond: rounded(median(ours)),
      baselineOrdersPerSecond: { sixteenConnections: rounded(median(sixteen)), oneConnection: rounded(median(one)) },
      commitsPerSecond: rounded(commits),
      members: shopCount * membersPerShop,
      ordersSettled: settled,
      areBalancesVerified: true,
    };
  } finally {
    await system.close();
    await database.close();
  }
}
