/**
 * Checking a shop's whole ledger against itself, as happens every night: each balance with its entries, its lots, and what
 * was spent. Beside it, in turns, the least that any such check must do: one statement that adds up all entries by member.
 */
import { openSystem } from '#app/flows/system/open-system.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
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

const entriesEach = 20;

/** So many members with twenty accruals of 7 each, as settlement would have left them. */
const planted = [
  `insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
   select $1, gen_random_uuid(), $2, gen_random_uuid()::text, now(), 'api' from generate_series(1, $3)`,
  `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
   select $1, m.id, 'points', 'accrual', 7, 'order', m.id::text || n, 'system', now(), now()
   from member m, generate_series(1, ${entriesEach}) n where m.shop_id = $1`,
  `insert into lot (shop_id, id, member_id, unit, amount, remaining, available_at, created_at)
   select $1, id, member_id, 'points', amount, amount, now(), now() from ledger_entry where shop_id = $1`,
  `insert into balance (shop_id, member_id, unit, amount)
   select $1, member_id, 'points', sum(amount) from ledger_entry where shop_id = $1 group by member_id`,
];

/** Runs the bench. A balance that is put wrong at the end must be found: what finds nothing is quick. */
export async function benchReconcile({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const [rounds, members] = isQuick ? [3, 10_000] : [7, 50_000];
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 4 });
  try {
    const { shopId, programId } = await makeShop(pointsProgram);
    for (const statement of planted)
      await database.sql(statement, [shopId, programId, members].slice(0, new Set(statement.match(/\$\d/g)).size));
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
