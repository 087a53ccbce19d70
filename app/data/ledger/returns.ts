/** When the order that carried a redemption is refunded or cancelled, what was spent comes back as the program says. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { giveBackRedemption, readTerms } from '#app/data/ledger/give-back.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { findCarriedReservations, type Reservation } from '#app/data/ledger/reservations.ts';
import { forgiveUnreached } from '#app/data/ledger/reward-losses.ts';
import { findOrder } from '#app/data/orders/orders.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { spendingReturn } from '#app/domain/ledger/spending-returns.ts';
import { isMoney } from '#app/domain/programs/reward-gates.ts';
import type { MemberId } from '#app/lib/ids.ts';

/**
 * Gives back what these orders, as they are by now, carried and do not stand for any more; then forgives rewards that
 * were reached by stamps that are gone, also by those of whom an order no longer is (`formerIds`), where the program writes
 * off. Safe to repeat; takes balances of the members.
 */
export async function returnSpending(
  tx: Tx,
  { orderIds, formerIds }: { orderIds: string[]; formerIds: MemberId[] },
  at: Date,
): Promise<void> {
  if (orderIds.length === 0) return;
  const known = await findCarriedReservations(tx, orderIds);
  if (known.length > 0) {
    const memberIds = [...new Set(known.map((reservation) => reservation.memberId))];
    await lockBalances(tx, memberIds);
    // Read again under the locks: staff may have taken one back meanwhile.
    for (const reservation of await findCarriedReservations(tx, orderIds)) await returnOne(tx, reservation, at);
    await touchPasses(tx, memberIds);
  }
  await forgiveUnreached(tx, { orderIds, formerIds }, at);
}

async function returnOne(tx: Tx, reservation: Reservation, at: Date): Promise<void> {
  const { reservationId, orderId, cost, discountCode } = reservation;
  // Money that was paid out is still with the member, whatever became of the sale.
  if (orderId === null || isMoney(reservation.benefit)) return;
  const order = await findOrder(tx, orderId);
  if (order === null) return;
  const { spendingReturns: policy } = await readTerms(tx, reservation);
  const { amount, isWhole } = spendingReturn(order.state, { cost, policy });
  const givenBack = Math.max(reservation.givenBack, amount);
  if (givenBack === reservation.givenBack && !isWhole) return;
  const sourceKey = `reservation-return:${reservationId}:${givenBack}`;
  await giveBackRedemption(tx, { reservation, givenBack, isWhole, sourceKey, actor: 'system', at });
  if (isWhole && discountCode !== null)
    await addToOutbox(tx, [{ job: 'release-discount', payload: { shopId: tx.shopId, reservationId } }]);
}
