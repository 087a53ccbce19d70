/** A reservation as the API shows it. */
import type { ReservationRecord } from '#app/contracts/api-rewards.ts';
import { findReservation } from '#app/data/ledger/reservations.ts';
import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

/** As it is by now. Throws `NotFound`, also for one of another member. */
export async function memberReservation(
  shopId: ShopId,
  { memberId, reservationId }: { memberId: string; reservationId: string },
): Promise<ReservationRecord> {
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    const reservation = isId(reservationId) ? await findReservation(tx, reservationId) : null;
    const owner = reservation === null ? null : await readMember(tx, reservation.memberId);
    if (reservation === null || owner?.memberId !== member.memberId)
      throw new NotFound('reservation-not-found', 'The member has no such reservation');
    return {
      reservationId: reservation.reservationId,
      memberId: member.memberId,
      rewardId: reservation.rewardId,
      unit: reservation.unit,
      cost: reservation.cost,
      state: reservation.state,
      channel: reservation.channel,
      cartReference: reservation.cart,
      locationId: reservation.locationId,
      discountCode: reservation.discountCode,
      orderId: reservation.orderId,
      givenBack: reservation.givenBack,
      createdAt: reservation.createdAt.toISOString(),
      expiresAt: reservation.expiresAt.toISOString(),
    };
  });
}
