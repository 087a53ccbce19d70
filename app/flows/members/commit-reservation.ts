/** A sale is made: what was reserved for it is spent, and what it promises is given. */
import { type BenefitOutcome, readBenefitOutcome, tryBenefit } from '#app/data/ledger/benefits.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { commitHeld, releaseHeld } from '#app/data/ledger/redemption.ts';
import { bindToOrder } from '#app/data/ledger/reservation-states.ts';
import { findReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { noteReservation } from '#app/data/ledger/reserving.ts';
import { returnSpending } from '#app/data/ledger/returns.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { lockMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { moneyMeans } from '#app/gateways/shopify-benefits.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, Forbidden, NotFound, Unavailable } from '#app/lib/errors.ts';
import { isId, type MemberId, type ReservationId, type ShopId } from '#app/lib/ids.ts';

export type CommitRequest = {
  shopId: ShopId;
  reservationId: string;
  /** The order that carries it, where there is one: refunding it gives back what was spent. */
  orderId: string | null;
  actor: string;
};

export type CommittedReward =
  | {
      kind: 'committed';
      memberId: MemberId;
      reservationId: ReservationId;
      orderId: string | null;
      benefit: BenefitOutcome;
    }
  /** It was given up, ran out, the card was frozen meanwhile, or Shopify refused what it promises: nothing is spent. */
  | { kind: 'refused'; memberId: MemberId; reason: RefusedCommit | 'benefit-refused' };

type RefusedCommit = 'released' | 'expired' | 'frozen';
type Settled = { reservation: Reservation; refused: RefusedCommit | null };

/**
 * Spends a reservation. The same call again changes nothing more; a first order may be named later. Of a gift card the
 * code is told once. Throws `NotFound`, and `Conflict` 'idempotency-mismatch' when another order carries it already.
 */
export async function commitReservation(asked: CommitRequest): Promise<CommittedReward> {
  const { shopId } = asked;
  const { reservation, refused } = await withShop(shopId, (tx) => commit(tx, asked));
  const { reservationId, memberId } = reservation;
  if (refused !== null) return { kind: 'refused', memberId, reason: refused };
  // Not known to have arrived is not lost: the job gives it.
  await tryBenefit(shopId, reservationId, moneyMeans).catch((error: unknown) => {
    if (!(error instanceof Unavailable) && !(error instanceof Forbidden)) throw error;
  });
  const benefit = await withShop(shopId, (tx) => readBenefitOutcome(tx, reservationId));
  if (benefit.state === 'refused') return { kind: 'refused', memberId, reason: 'benefit-refused' };
  return { kind: 'committed', memberId, reservationId, orderId: reservation.orderId ?? asked.orderId, benefit };
}

async function commit(tx: Tx, { reservationId, orderId, actor }: CommitRequest): Promise<Settled> {
  const known = isId(reservationId) ? await findReservation(tx, reservationId) : null;
  if (known === null) throw new NotFound('reservation-not-found', 'There is no such reservation');
  const { memberId, state } = await lockMember(tx, known.memberId);
  await lockBalances(tx, [memberId]);
  const reservation = (await findReservation(tx, reservationId)) ?? known;
  const at = now();
  if (reservation.state === 'committed') await bind(tx, reservation, orderId);
  else {
    if (reservation.state === 'released') return { reservation, refused: 'released' };
    const isOver = reservation.expiresAt <= at;
    if (isOver || state !== 'active') {
      await releaseHeld(tx, reservation, at);
      return { reservation, refused: isOver ? 'expired' : 'frozen' };
    }
    await commitHeld(tx, { reservation, orderId, actor, at });
    await noteReservation(tx, reservation, { actor, action: 'reward.redeem', claim: { orderId } });
  }
  // The order may have been refunded before it was named.
  if (orderId !== null) await returnSpending(tx, { orderIds: [orderId], formerIds: [] }, at);
  await touchPasses(tx, [memberId]);
  return { reservation, refused: null };
}

async function bind(tx: Tx, reservation: Reservation, orderId: string | null): Promise<void> {
  if (orderId === null || reservation.orderId === orderId) return;
  if (reservation.orderId !== null) throw new Conflict('idempotency-mismatch', 'Another order carries the reservation');
  await bindToOrder(tx, reservation.reservationId, orderId);
}
