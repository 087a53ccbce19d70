/**
 * What row-level security adds to a page: the reads behind the member page and the list of members, by the web role as it is
 * (every policy forced), and by the worker's role, which is allowed to pass by all policies for as long as this takes. Each
 * has a thread, a pool and plans of its own; they take turns page by page, so that both meet the machine in the same mood.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { openSystem } from '#app/flows/system/open-system.ts';
import { plantLedger } from '#test/load/planted-ledger.ts';
import type { PageReader } from '#test/load/page-reader.ts';
import { pointsProgram } from '#test/load/shop-orders.ts';
import { type Bench, type BenchDatabase, median, openBenchDatabase, rounded } from '#test/load/support.ts';
import { makeShop, type TestShop } from '#test/support/factories.ts';

const shopCount = 4;
const membersPerShop = 5_000;
const warmUp = 50;

type PageMs = { member: number; list: number };

async function makeShops(database: BenchDatabase): Promise<TestShop[]> {
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 2 });
  const shops: TestShop[] = [];
  for (let count = 0; count < shopCount; count += 1) shops.push(await makeShop(pointsProgram));
  await system.close();
  for (const shop of shops) await plantLedger(database, shop, membersPerShop);
  await database.sql('vacuum analyze');
  return shops;
}

async function startReader(
  reader: PageReader,
): Promise<{ read: (memberId: string) => Promise<PageMs>; end: () => void }> {
  const worker = new Worker(new URL('page-reader.ts', import.meta.url), { workerData: reader });
  await once(worker, 'message');
  return {
    read: async (memberId) => {
      worker.postMessage(memberId);
      const [ms] = (await once(worker, 'message')) as [PageMs];
      return ms;
    },
    end: () => worker.postMessage(null),
  };
}

/** The ratio is the time of a member page without policies to the one with them; `addedMs` is what the policies cost. */
export const benchRowLevelSecurity: Bench = async ({ isQuick }) => {
  const pairs = isQuick ? 500 : 3_000;
  const database = await openBenchDatabase();
  try {
    const [shop] = await makeShops(database);
    if (shop === undefined) throw new Error('there is a shop');
    const rows = await database.sql<{ id: string }>('select id from member where shop_id = $1 order by id limit 500', [
      shop.shopId,
    ]);
    await database.sql('alter role stampwell_worker bypassrls');
    const asked = { databaseUrl: database.url, shopId: shop.shopId };
    const forced = await startReader({ ...asked, role: 'stampwell_web' });
    const bypassing = await startReader({ ...asked, role: 'stampwell_worker' });
    const read: { forced: PageMs; bypassed: PageMs }[] = [];
    for (let pair = -warmUp; pair < pairs; pair += 1) {
      const memberId = rows[(pair + warmUp) % rows.length]?.id ?? '';
      const both = { forced: await forced.read(memberId), bypassed: await bypassing.read(memberId) };
      if (pair >= 0) read.push(both);
    }
    forced.end();
    bypassing.end();
    const middle = (pick: (both: (typeof read)[number]) => number) => median(read.map(pick));
    const figuresOf = (page: keyof PageMs) => ({
      pageMs: rounded(
        middle((both) => both.forced[page]),
        2,
      ),
      bypassedMs: rounded(
        middle((both) => both.bypassed[page]),
        2,
      ),
      addedMs: rounded(
        middle((both) => both.forced[page] - both.bypassed[page]),
        3,
      ),
    });
    const ratioOf = (page: keyof PageMs) =>
      rounded(
        middle((both) => both.bypassed[page] / both.forced[page]),
        3,
      );
    return {
      bench: 'rls',
      ratio: ratioOf('member'),
      ratios: { member: ratioOf('member'), list: ratioOf('list') },
      rounds: pairs,
      member: figuresOf('member'),
      list: figuresOf('list'),
      members: shopCount * membersPerShop,
    };
  } finally {
    await database.sql('alter role stampwell_worker nobypassrls');
    await database.close();
  }
};
