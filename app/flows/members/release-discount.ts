/** A reservation was given up: the code that carried it is switched off in Shopify. */
import { findReservation } from '#app/data/ledger/reservations.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { deactivateDiscount, findDiscount } from '#app/gateways/shopify-discounts.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Switches the discount of a released reservation off; one that is open or spent is left alone. Safe to repeat. A shop we
 * may not act for ends the job: the code ends by itself within minutes. Throws `Unavailable` to be tried again.
 */
export async function releaseDiscount(job: { shopId: ShopId; reservationId: string }): Promise<void> {
  const reservation = await withShop(job.shopId, (tx) => findReservation(tx, job.reservationId));
  if (reservation?.state !== 'released' || reservation.discountCode === null) return;
  const { discountCode, discountId } = reservation;
  try {
    await withAccessToken(job.shopId, refreshGrant, async (caller) => {
      // Without an id the making of it failed, or its answer was lost.
      const id = discountId ?? (await findDiscount(caller, discountCode))?.discountId ?? null;
      if (id !== null) await deactivateDiscount(caller, id);
    });
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
  }
}
