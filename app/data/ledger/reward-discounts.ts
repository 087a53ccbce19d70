/** The discount code that carries a reservation, made in Shopify once what it costs is held. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { releaseHeld } from '#app/data/ledger/redemption.ts';
import { writeDiscountId } from '#app/data/ledger/reservation-states.ts';
import { findReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { noteReservation, type Reserved } from '#app/data/ledger/reserving.ts';
import { lockMember } from '#app/data/members/members.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type DiscountBenefit, isDiscount } from '#app/domain/programs/reward-gates.ts';
import { clockOffsetMs, now } from '#app/lib/clock.ts';
import { Conflict, Rejected, Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Shopify's part, handed in by the flows. */
export type DiscountMeans = {
  refresh: Parameters<typeof withAccessToken>[1];
  create: (
    caller: { shopDomain: string; accessToken: string },
    discount: { code: string; title: string; benefit: DiscountBenefit; customerId: string | null; endsAt: Date },
  ) => Promise<{ discountId: string }>;
};

/**
 * Makes the discount code that carries an open reservation, unless it is made already or none does. Safe to repeat.
 * When it cannot be made nothing is held any more: throws `Conflict` 'reward-unavailable' when Shopify refuses for good,
 * `Unavailable` otherwise.
 */
export async function carryByDiscount(
  shopId: ShopId,
  { reservation, customerId, rewardName, actor }: Omit<Reserved, 'kind'> & { actor: string },
  means: DiscountMeans,
): Promise<void> {
  const { reservationId, discountCode, benefit, state, discountId } = reservation;
  if (state !== 'reserved' || discountId !== null || discountCode === null || !isDiscount(benefit)) return;
  const title = `${rewardName} (${discountCode})`;
  // Shopify knows the real clock only.
  const endsAt = new Date(reservation.expiresAt.getTime() - clockOffsetMs());
  try {
    const made = await withAccessToken(shopId, means.refresh, (caller) =>
      means.create(caller, { code: discountCode, title, benefit, customerId, endsAt }),
    );
    await withShop(shopId, (tx) => writeDiscountId(tx, reservationId, made.discountId));
  } catch (error) {
    await withShop(shopId, (tx) => giveUp(tx, reservation, actor));
    if (error instanceof Rejected)
      throw new Conflict('reward-unavailable', 'Shopify refused the discount', { cause: error });
    throw new Unavailable('discount-not-made', 'The discount could not be made in Shopify', { cause: error });
  }
}

async function giveUp(tx: Tx, { memberId, reservationId }: Reservation, actor: string): Promise<void> {
  await lockMember(tx, memberId);
  await lockBalances(tx, [memberId]);
  const reservation = await findReservation(tx, reservationId);
  // The same call made twice at once: the other one may have got its discount.
  if (reservation === null || reservation.discountId !== null) return;
  if (!(await releaseHeld(tx, reservation, now()))) return;
  await touchPasses(tx, [memberId]);
  await noteReservation(tx, reservation, { actor, action: 'reward.release', claim: null });
}
