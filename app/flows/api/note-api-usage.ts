/** Adds what clients asked for to their days, and has the detectors look when a day becomes a large one. */
import { addApiUsage, type ApiUsage } from '#app/data/shops/api-usage.ts';
import { withShop } from '#app/data/tenancy.ts';
import { notableUse } from '#app/domain/security/judge-signals.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type NotedUsage = { shopId: ShopId; clientId: string; day: Date; usage: ApiUsage };

/** How often what is notable fits into a figure, in doublings: -1 for what is not notable. */
function doublings(amount: number, notable: number): number {
  return amount < notable ? -1 : Math.floor(Math.log2(amount / notable));
}

/**
 * Writes one client's figures. A day is looked at when it becomes notable and whenever it has doubled since, so that a busy
 * client does not keep the detectors busy. Repeating it counts the figures twice. Throws `Unavailable`.
 */
export async function noteApiUsage({ shopId, clientId, day, usage }: NotedUsage): Promise<void> {
  await withShop(shopId, async (tx) => {
    const { calls, bytesOut } = await addApiUsage(tx, clientId, { day, usage });
    const hasDoubled =
      doublings(calls, notableUse.calls) > doublings(calls - usage.requests, notableUse.calls) ||
      doublings(bytesOut, notableUse.bytesOut) > doublings(bytesOut - usage.bytesOut, notableUse.bytesOut);
    if (hasDoubled) await enqueue(tx, 'watch-shop', {});
  });
}
