/** Reservations that no sale carried in time are given up; their discount codes are switched off. */
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { releaseReservation } from '#app/data/ledger/redemption.ts';
import { findExpiredReservations } from '#app/data/ledger/reservations.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Releases all of the shop's reservations that are over. Safe to repeat. */
export async function releaseReservations({ shopId }: { shopId: ShopId }): Promise<void> {
  await withShop(shopId, async (tx) => {
    const over = await findExpiredReservations(tx, now());
    const memberIds = [...new Set(over.map((reservation) => reservation.memberId))].toSorted();
    await lockBalances(tx, memberIds);
    for (const reservation of over) {
      const isReleased = await releaseReservation(tx, reservation, now());
      if (isReleased && reservation.discountCode !== null)
        await enqueue(tx, 'release-discount', { reservationId: reservation.reservationId });
    }
    await touchPasses(tx, memberIds);
  });
}
