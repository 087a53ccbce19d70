/**
 * One member who gets very many postings at once: a till that scans the same card all day. Orders of this one member are
 * settled in batches of the drainer's size; beside it, in turns, by the same code with one posting per transaction, from
 * one connection and from sixteen that queue for the member's balance: the better of the two counts.
 */
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import { type NewsOnWire, unpackNews } from '#app/domain/orders/order-wire.ts';
import { batchMax } from '#app/flows/orders/settle-orders.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { coffeeOrder, pointsProgram, thinText } from '#test/load/shop-orders.ts';
import {
  type BenchResult,
  byHands,
  median,
  medianRatio,
  openBenchDatabase,
  ratePerSecond,
  rounded,
} from '#test/load/support.ts';
import { makeMember, makeShop, type TestShop } from '#test/support/factories.ts';

const handsMax = 16;

type Contender = { name: string; batch: number; hands: number; count: number; rates: number[] };

const newsOf = (customerId: string): OrderNews =>
  unpackNews(JSON.parse(thinText(coffeeOrder(Number(customerId)))) as NewsOnWire);

/** Settles so many new orders of the member, a batch to a transaction. */
async function settleMany(shop: TestShop, orders: OrderNews[], { batch, hands }: Contender): Promise<void> {
  await byHands(hands, async () => {
    const mine = orders.splice(0, batch);
    if (mine.length === 0) return false;
    await withShop(shop.shopId, (tx) =>
      settleOrders(
        tx,
        mine.map((news) => ({ orderId: news.orderId, news, memberId: null })),
        new Date(),
      ),
    );
    return orders.length > 0;
  });
}

/** Runs the bench. Ends with a check of the member's balance, entries and lots. */
export async function benchHotMember({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const [rounds, roundSeconds] = isQuick ? [5, 1] : [9, 3];
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: handsMax });
  try {
    const shop = await makeShop(pointsProgram);
    const { memberId, customerId } = await makeMember(shop);
    const contenders: Contender[] = [
      { name: 'batches', batch: batchMax, hands: 2, count: 2_000, rates: [] },
      { name: 'one', batch: 1, hands: 1, count: 200, rates: [] },
      { name: 'sixteen', batch: 1, hands: handsMax, count: 200, rates: [] },
    ];
    let settled = 0;
    const measure = async (contender: Contender): Promise<number> => {
      const orders = Array.from({ length: contender.count }, () => newsOf(customerId));
      settled += orders.length;
      return ratePerSecond(orders.length, () => settleMany(shop, orders, contender));
    };
    // Unmeasured: code is compiled, caches are warm, and each learns how many orders a round of its own takes.
    for (const contender of contenders)
      contender.count = Math.max(50, Math.round((await measure(contender)) * roundSeconds));
    await database.sql('vacuum analyze');
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of contenders) contender.rates.push(await measure(contender));
      const said = contenders.map(({ name, rates }) => `${name} ${rounded(rates.at(-1) ?? 0)}`);
      console.log(`round ${round}: ${said.join(', ')} postings/s`);
    }
    const [row] = await database.sql<{ entries: number; lots: number }>(
      `select (select count(*)::int from ledger_entry where member_id = $1 and kind = 'accrual') as entries,
         (select count(*)::int from lot where member_id = $1) as lots`,
      [memberId],
    );
    if (row?.entries !== settled || row.lots !== settled)
      throw new Error(`${settled} orders were settled, but the database says ${JSON.stringify(row)}`);
    const { imbalances } = await verifyBalances({ shopId: shop.shopId });
    if (imbalances.length > 0) throw new Error(`the balance does not add up: ${JSON.stringify(imbalances[0])}`);
    const [batches = [], one = [], sixteen = []] = contenders.map(({ rates }) => rates);
    const ratios = { oneConnection: medianRatio(batches, one), sixteenConnections: medianRatio(batches, sixteen) };
    return {
      bench: 'hot-member',
      ratio: Math.min(ratios.oneConnection, ratios.sixteenConnections),
      ratios,
      rounds,
      postingsPerSecond: rounded(median(batches)),
      singlePostingsPerSecond: { oneConnection: rounded(median(one)), sixteenConnections: rounded(median(sixteen)) },
      ordersSettled: settled,
      isBalanceVerified: true,
    };
  } finally {
    await system.close();
    await database.close();
  }
}
