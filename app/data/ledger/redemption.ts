/** Booking what reservations come to: the spending when a sale carries it, the release when none does. */
import {
  allocateEntryIds,
  balanceKey,
  changeHeld,
  lockBalances,
  type LotUpdate,
  readLots,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { findUnspentReservations, type Reservation, settleReservation } from '#app/data/ledger/reservations.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type LotShare, planConsumption } from '#app/domain/ledger/lots.ts';

export type Commitment = { reservation: Reservation; orderId: string | null; actor: string; at: Date };

/**
 * Books a reservation's cost against the member's lots. One that was released already is spent all the same, when a sale
 * carries it: the shopper has what they redeemed. False when it was settled before. The caller holds the member's balances.
 */
export async function commitReservation(tx: Tx, { reservation, orderId, actor, at }: Commitment): Promise<boolean> {
  const [entryId] = await allocateEntryIds(tx, 1);
  if (entryId === undefined) throw new Error('Broken invariant: no entry id was allocated');
  const { reservationId, memberId, unit, cost } = reservation;
  const { state: from } = reservation;
  if (from === 'committed') return false;
  if (!(await settleReservation(tx, reservationId, { from, state: 'committed', orderId, entryId, at }))) return false;
  if (from === 'reserved') await changeHeld(tx, { memberId, unit, by: -cost });
  const lots = (await readLots(tx, [memberId])).filter((lot) => lot.unit === unit);
  const plan = planConsumption(lots, cost);
  const expiredOf = new Map(lots.map((lot) => [lot.lotId, lot.expired]));
  await writeLedger(tx, {
    entries: [
      {
        entryId,
        memberId,
        unit,
        kind: 'redemption',
        amount: -cost,
        source: 'reward',
        sourceKey: `reservation:${reservationId}`,
        orderId,
        ruleVersionId: null,
        inputsHash: null,
        lotId: null,
        reverses: null,
        // What came from which lot, so that an undo can give it back to where it was.
        explanation: { rewardId: reservation.rewardId, lots: takenFrom(lots, plan.lotChanges) },
        actor,
        reason: reservation.rewardId,
        occurredAt: at,
      },
    ],
    newLots: [],
    lotUpdates: plan.lotChanges.map((change): LotUpdate => ({ ...change, expired: expiredOf.get(change.lotId) ?? 0 })),
    bookedAt: at,
  });
  return true;
}

function takenFrom(
  lots: { lotId: string; remaining: number }[],
  changes: { lotId: string; remaining: number }[],
): LotShare[] {
  const before = new Map(lots.map((lot) => [lot.lotId, lot.remaining]));
  return changes.map(({ lotId, remaining }) => ({ lotId, amount: (before.get(lotId) ?? remaining) - remaining }));
}

/** Gives up a reservation: what was held is available again. False when it was settled before. Hold the balances. */
export async function releaseReservation(tx: Tx, reservation: Reservation, at: Date): Promise<boolean> {
  const { reservationId, memberId, unit, cost } = reservation;
  const isReleased = await settleReservation(tx, reservationId, {
    from: 'reserved',
    state: 'released',
    orderId: null,
    entryId: null,
    at,
  });
  if (isReleased) await changeHeld(tx, { memberId, unit, by: -cost });
  return isReleased;
}

/** Commits the reservations whose discount codes these orders carry. Safe to repeat. */
export async function commitCarriedReservations(
  tx: Tx,
  carried: { code: string; orderId: string }[],
  at: Date,
): Promise<void> {
  const codes = carried.map(({ code }) => code);
  const reservations = await findUnspentReservations(tx, codes);
  if (reservations.length === 0) return;
  const memberIds = [...new Set(reservations.map((reservation) => reservation.memberId))];
  await lockBalances(tx, memberIds);
  const orderOf = new Map(carried.map(({ code, orderId }) => [code, orderId]));
  // Read again under the locks: one may have been released meanwhile.
  for (const reservation of await findUnspentReservations(tx, codes)) {
    const orderId = orderOf.get(reservation.discountCode ?? '') ?? null;
    await commitReservation(tx, { reservation, orderId, actor: 'system', at });
  }
  await touchPasses(tx, memberIds);
}

/** What can be spent: the balance less what is held for sales going on. */
export async function lockAvailable(
  tx: Tx,
  member: { memberId: Reservation['memberId']; unit: string },
): Promise<number> {
  const balances = await lockBalances(tx, [member.memberId]);
  const balance = balances.get(balanceKey(member.memberId, member.unit));
  return (balance?.amount ?? 0) - (balance?.held ?? 0);
}
