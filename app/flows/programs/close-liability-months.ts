/** Months that are over are counted once: the liability report of a large shop then reads a few rows instead of a year. */
import { closeMonth, findOpenMonth } from '#app/data/ledger/liability-months.ts';
import { liabilityScope } from '#app/data/ledger/liability.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { addMonths, localDateOf, startOfDay } from '#app/domain/calendar.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** No transaction that dated an entry is still open this long after. */
const settledAfterMs = 24 * 3_600_000;

/** Closes every month that is over, one at a time. Safe to repeat. Answers how many. */
export async function closeLiabilityMonths({ shopId }: { shopId: ShopId }): Promise<number> {
  let closed = 0;
  while (await closeOldest(shopId)) closed += 1;
  return closed;
}

async function closeOldest(shopId: ShopId): Promise<boolean> {
  return withShop(shopId, async (tx) => {
    const { timeZone } = await readShop(tx);
    const startsAt = await findOpenMonth(tx, timeZone);
    if (startsAt === null) return false;
    const { year, month } = addMonths({ ...localDateOf(startsAt, timeZone), day: 1 }, 1);
    const endsAt = startOfDay({ year, month, day: 1 }, timeZone);
    if (endsAt.getTime() + settledAfterMs > now().getTime()) return false;
    await closeMonth(tx, await liabilityScope(tx, null), { startsAt, endsAt, timeZone });
    return true;
  });
}
