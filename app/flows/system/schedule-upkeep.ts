/** The regular work: one job per shop and duty, asked for shop by shop so that no shop waits for another. */
import { type ListedShop, listShops } from '#app/data/directory.ts';
import { withShop } from '#app/data/tenancy.ts';
import { foldFreshnessTotals } from '#app/data/system/freshness-totals.ts';
import { ensureLedgerPartitions } from '#app/data/ledger/ledger-partitions.ts';
import { purgeSystemRows } from '#app/data/system/idle-system-rows.ts';
import { dropOldRecordMonths, ensureRecordPartitions } from '#app/data/system/record-months.ts';
import type { UpkeepDuty } from '#app/jobs/catalogue.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const shopsPerPage = 500;

/** Which shops a duty is for: erased ones have deliveries that age, and nothing else. */
function isWanted(duty: UpkeepDuty, state: ListedShop['state']): boolean {
  if (duty === 'purge') return true;
  const isAskingShopify = duty === 'refresh-session' || duty === 'reconcile-orders';
  return isAskingShopify ? state === 'installed' : state !== 'redacted';
}

/** Asks for a duty for every shop that it is for. Safe to repeat: waiting jobs of one kind and shop are one. */
export async function scheduleUpkeep(duty: UpkeepDuty): Promise<void> {
  let after: ShopId | null = null;
  for (;;) {
    const shops = await listShops(after, shopsPerPage);
    for (const shop of shops) {
      if (isWanted(duty, shop.state)) await withShop(shop.shopId, (tx) => enqueue(tx, duty, {}));
    }
    const last = shops.at(-1);
    if (last === undefined || shops.length < shopsPerPage) break;
    after = last.shopId;
  }
  if (duty !== 'purge') return;
  await ensureLedgerPartitions();
  await ensureRecordPartitions(now());
  await dropOldRecordMonths(now());
  await purgeSystemRows(now());
  await foldFreshnessTotals();
}
