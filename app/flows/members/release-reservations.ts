/** Reservations that no sale carried in time are given up; their discount codes are switched off. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { releaseExpired } from '#app/data/ledger/redemption.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Releases the shop's reservations that are over. Safe to repeat. */
export async function releaseReservations({ shopId }: { shopId: ShopId }): Promise<void> {
  await withShop(shopId, async (tx) => {
    await touchPasses(tx, await releaseExpired(tx, { at: now(), memberId: null }));
  });
}
