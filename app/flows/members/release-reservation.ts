/** A sale was not made after all: what was reserved for it is the member's again. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { releaseHeld } from '#app/data/ledger/redemption.ts';
import { findReservation } from '#app/data/ledger/reservations.ts';
import { noteReservation } from '#app/data/ledger/reserving.ts';
import { lockMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type MemberId, type ShopId } from '#app/lib/ids.ts';

/** 'refused': it is spent. Staff undoes what they handed over; a sale is cancelled. */
export type ReleasedReward = { kind: 'released' | 'refused'; memberId: MemberId };

type Release = { reservationId: string; actor: string };

/** Gives up a reservation; its discount code is switched off. The same call again changes nothing. Throws `NotFound`. */
export async function releaseReservation({ shopId, ...asked }: Release & { shopId: ShopId }): Promise<ReleasedReward> {
  return withShop(shopId, (tx) => release(tx, asked));
}

async function release(tx: Tx, { reservationId, actor }: Release): Promise<ReleasedReward> {
  const known = isId(reservationId) ? await findReservation(tx, reservationId) : null;
  if (known === null) throw new NotFound('reservation-not-found', 'There is no such reservation');
  const { memberId } = await lockMember(tx, known.memberId);
  await lockBalances(tx, [memberId]);
  const reservation = (await findReservation(tx, reservationId)) ?? known;
  if (reservation.state === 'committed') return { kind: 'refused', memberId };
  if (await releaseHeld(tx, reservation, now())) {
    await touchPasses(tx, [memberId]);
    await noteReservation(tx, reservation, { actor, action: 'reward.release', claim: null });
  }
  return { kind: 'released', memberId };
}
