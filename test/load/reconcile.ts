/**
 * Checking a shop's whole ledger against itself, as happens every night: each balance with its entries, its lots, and what
 * was spent. Beside it, in turns, the least that any such check must do: one statement that adds up all entries by member.
 */
import { openSystem } from '#app/flows/system/open-system.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { entriesEach, plantLedger } from '#test/load/planted-ledger.ts';
import { pointsProgram } from '#test/load/shop-orders.ts';
import {
  type BenchResult,
  median,
  medianRatio,
  openBenchDatabase,
  ratePerSecond,
  rounded,
} from '#test/load/support.ts';
import { makeShop } from '#test/support/factories.ts';

/** Runs the bench. A balance that is put wrong at the end must be found: what finds nothing is quick. */
export async function benchReconcile({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const [rounds, members] = isQuick ? [3, 10_000] : [7, 50_000];
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 4 });
  try {
    const shop = await makeShop(pointsProgram);
    const { shopId } = shop;
    await plantLedger(database, shop, members);
    await database.sql('vacuum analyze');
    const entries = members * entriesEach;
    const verify = async (): Promise<void> => {
      const { checked, imbalances } = await verifyBalances({ shopId });
      if (checked !== members || imbalances.length > 0) throw new Error('the planted ledger does not add up');
    };
    const addUp = async (): Promise<void> => {
      await database.sql(
        'select member_id, unit, sum(amount) from ledger_entry where shop_id = $1 group by member_id, unit',
        [shopId],
      );
    };
    await verify();
    await addUp();
    const [ours, plain]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1) {
      ours.push(await ratePerSecond(entries, verify));
      plain.push(await ratePerSecond(entries, addUp));
      console.log(`round ${round}: ${rounded(ours.at(-1) ?? 0)} entries/s, one sum ${rounded(plain.at(-1) ?? 0)}`);
    }
    await database.sql(
      'update balance set amount = amount + 1 where shop_id = $1 and member_id = (select max(id::text)::uuid from member where shop_id = $1)',
      [shopId],
    );
    const { imbalances } = await verifyBalances({ shopId });
    if (imbalances.length === 0) throw new Error('a wrong balance was not found');
    const ratio = medianRatio(ours, plain);
    return {
      bench: 'reconcile',
      ratio,
      ratios: { oneSum: ratio },
      rounds,
      entriesPerSecond: rounded(median(ours)),
      plainSumEntriesPerSecond: rounded(median(plain)),
      entries,
      isWrongBalanceFound: true,
    };
  } finally {
    await system.close();
    await database.close();
  }
}
