/** Taking a benefit of money back was begun and cut short: it is finished. */
import { withdrawBenefit as withdraw } from '#app/data/ledger/benefits.ts';
import { findReservation } from '#app/data/ledger/reservations.ts';
import { withShop } from '#app/data/tenancy.ts';
import { moneyMeans } from '#app/gateways/shopify-benefits.ts';
import { Conflict } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Finishes a withdrawal that is under way; any other reservation is left alone. Safe to repeat. What turns out to be
 * spent stays spent. Throws `Unavailable` to be tried again.
 */
export async function withdrawBenefit(job: { shopId: ShopId; reservationId: string; actor: string }): Promise<void> {
  const { shopId, actor } = job;
  const reservation = await withShop(shopId, (tx) => findReservation(tx, job.reservationId));
  if (reservation?.benefitState !== 'withdrawing') return;
  await withdraw(shopId, { reservationId: reservation.reservationId, actor }, moneyMeans).catch((error: unknown) => {
    if (!(error instanceof Conflict) || error.code !== 'benefit-used') throw error;
  });
}
