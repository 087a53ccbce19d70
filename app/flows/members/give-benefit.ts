/** A benefit of money that was paid for and is not known to have arrived is given. */
import { tryBenefit } from '#app/data/ledger/benefits.ts';
import { findReservation } from '#app/data/ledger/reservations.ts';
import { withShop } from '#app/data/tenancy.ts';
import { moneyMeans } from '#app/gateways/shopify-benefits.ts';
import { Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Gives it once, however often it is asked. Throws to be tried again while it is not known to have arrived. */
export async function giveBenefit({ shopId, reservationId }: { shopId: ShopId; reservationId: string }): Promise<void> {
  await tryBenefit(shopId, reservationId, moneyMeans);
  const reservation = await withShop(shopId, (tx) => findReservation(tx, reservationId));
  if (reservation?.benefitState === 'due') throw new Unavailable('benefit-due', 'Another try is going on');
}
