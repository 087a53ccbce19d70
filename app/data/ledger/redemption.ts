/** Booking what reservations come to: the spending when a sale carries it, the release when none does. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { readTerms } from '#app/data/ledger/give-back.ts';
import {
  allocateEntryIds,
  changeHeld,
  type LedgerEntry,
  lockBalances,
  plainEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { readLots } from '#app/data/ledger/lots.ts';
import { bindToOrder, settleReservation } from '#app/data/ledger/reservation-states.ts';
import {
  findExpiredReservations,
  findReservationsByCode,
  readReservations,
  type Reservation,
} from '#app/data/ledger/reservations.ts';
import { returnSpending } from '#app/data/ledger/returns.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { planLateSpending } from '#app/domain/ledger/lots.ts';
import { isMoney } from '#app/domain/programs/reward-gates.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Commitment = { reservation: Reservation; orderId: string | null; actor: string; at: Date };

/** Whoever commits gives the benefit right away; after this a job does, should that have been cut short. */
const benefitGraceMs = 60_000;

/**
 * Books a reservation's cost against the member's lots. One that was released already is spent all the same, when a sale
 * carries it: the shopper has what they redeemed. False when it was settled before. The caller holds the member's balances.
 */
export async function commitHeld(tx: Tx, { reservation, orderId, actor, at }: Commitment): Promise<boolean> {
  const { reservationId, memberId, unit, cost, state: from } = reservation;
  if (from === 'committed') return false;
  const [allocated] = cost > 0 ? await allocateEntryIds(tx, 1) : [];
  const entryId = allocated ?? null;
  const benefitState = isMoney(reservation.benefit) ? 'due' : 'none';
  const outcome = { from, state: 'committed', orderId, entryId, benefitState, at } as const;
  if (!(await settleReservation(tx, reservationId, outcome))) return false;
  if (from === 'reserved') await changeHeld(tx, { memberId, unit, by: -cost });
  if (entryId !== null) await bookSpending(tx, { reservation, orderId, actor, at, entryId });
  if (benefitState === 'due')
    await addToOutbox(tx, [
      {
        job: 'give-benefit',
        payload: { shopId: tx.shopId, reservationId },
        runAt: new Date(Date.now() + benefitGraceMs),
      },
    ]);
  return true;
}

async function bookSpending(
  tx: Tx,
  { reservation, orderId, actor, at, entryId }: Commitment & { entryId: string },
): Promise<void> {
  const { reservationId, memberId, unit, cost, rewardId, ruleVersionId } = reservation;
  const lots = (await readLots(tx, [memberId])).filter((lot) => lot.unit === unit);
  // What was good when it was reserved is good for it now.
  const plan = planLateSpending(lots, cost, reservation.createdAt);
  // A refund took away what was held: the shopper has the benefit, and owes for it or not as for what was spent before.
  const forgiven = plan.short > 0 && (await readTerms(tx, reservation)).debtPolicy === 'write-off' ? plan.short : 0;
  const entry: LedgerEntry = {
    ...plainEntry,
    entryId,
    memberId,
    unit,
    kind: 'redemption',
    amount: -cost,
    source: 'reward',
    sourceKey: `reservation:${reservationId}`,
    orderId,
    ruleVersionId,
    // What came from which lot, so that it can be given back to where it was.
    explanation: { rewardId, lots: plan.taken, ...(forgiven > 0 && { forgiven }) },
    actor,
    reason: rewardId,
    occurredAt: at,
  };
  const beside = [
    ...(await besideOf(tx, entry, { kind: 'adjustment', amount: forgiven, reason: 'written-off' })),
    ...(await besideOf(tx, entry, { kind: 'expiration', amount: plan.expiryGivenWay, reason: 'expired-before' })),
  ];
  await writeLedger(tx, { entries: [entry, ...beside], newLots: [], lotUpdates: plan.changed, bookedAt: at });
}

type Beside = { kind: 'adjustment' | 'expiration'; amount: number; reason: string };

/** What is forgiven of a spending, or had expired before it was booked, as an entry beside it; none for nothing. */
async function besideOf(tx: Tx, entry: LedgerEntry, beside: Beside): Promise<LedgerEntry[]> {
  if (beside.amount === 0) return [];
  const [entryId = ''] = await allocateEntryIds(tx, 1);
  const sourceKey = `${entry.sourceKey}:${beside.reason}`;
  return [{ ...entry, ...beside, entryId, sourceKey, reverses: entry.entryId, explanation: null }];
}

/**
 * Gives up a reservation: what was held is available again, and its code is switched off. False when it was settled
 * before. Hold the balances.
 */
export async function releaseHeld(tx: Tx, reservation: Reservation, at: Date): Promise<boolean> {
  const { reservationId, memberId, unit, cost } = reservation;
  const outcome = { from: 'reserved', state: 'released', orderId: null, entryId: null, benefitState: 'none' } as const;
  if (!(await settleReservation(tx, reservationId, { ...outcome, at }))) return false;
  await changeHeld(tx, { memberId, unit, by: -cost });
  // The discount may exist although we never heard of it.
  if (reservation.discountCode !== null)
    await addToOutbox(tx, [{ job: 'release-discount', payload: { shopId: tx.shopId, reservationId } }]);
  return true;
}

/** Gives up the reservations that are over at an instant, of one member or all of the shop. Answers whose they were. */
export async function releaseExpired(tx: Tx, over: { at: Date; memberId: MemberId | null }): Promise<MemberId[]> {
  const expired = await findExpiredReservations(tx, over);
  if (expired.length === 0) return [];
  const memberIds = [...new Set(expired.map((reservation) => reservation.memberId))].toSorted();
  await lockBalances(tx, memberIds);
  for (const reservation of expired) await releaseHeld(tx, reservation, over.at);
  return memberIds;
}

/** What an order carries of ours: discount codes, and reservations that the till noted on the cart. */
export type Carried = { orderId: string; codes: string[]; reservationIds: string[]; isCancelled: boolean };

/**
 * Commits the reservations that these orders carry, then gives back what of them is refunded already. Safe to repeat.
 * A code works until it is switched off, so it spends a released reservation too; a note alone does not. An order that was
 * cancelled spends nothing any more, and gives back what was spent for it already.
 */
export async function commitCarried(tx: Tx, carried: Carried[], at: Date): Promise<void> {
  const found = await findCarried(tx, carried);
  if (found.length === 0) return;
  const memberIds = [...new Set(found.map((reservation) => reservation.memberId))];
  await lockBalances(tx, memberIds);
  const orderIds = new Set<string>();
  // Read again under the locks: one may have been released meanwhile.
  for (const reservation of await findCarried(tx, carried)) {
    const carrier = carrierOf(reservation, carried);
    if (carrier === undefined) continue;
    const { orderId, isCancelled } = carrier;
    if (reservation.state === 'committed') await bindToOrder(tx, reservation.reservationId, orderId);
    else if (!isCancelled) await commitHeld(tx, { reservation, orderId, actor: 'system', at });
    orderIds.add(orderId);
  }
  await returnSpending(tx, { orderIds: [...orderIds], formerIds: [] }, at);
  await touchPasses(tx, memberIds);
}

async function findCarried(tx: Tx, carried: Carried[]): Promise<Reservation[]> {
  const codes = carried.flatMap((order) => order.codes);
  const noted = carried.flatMap((order) => order.reservationIds);
  const byCode = codes.length === 0 ? [] : await findReservationsByCode(tx, codes);
  const byNote = noted.length === 0 ? [] : await readReservations(tx, noted);
  const open = byNote.filter(
    ({ state, orderId }) => state === 'reserved' || (state === 'committed' && orderId === null),
  );
  return [...new Map([...byCode, ...open].map((reservation) => [reservation.reservationId, reservation])).values()];
}

function carrierOf({ reservationId, discountCode }: Reservation, carried: Carried[]): Carried | undefined {
  return carried.find(
    (order) =>
      order.reservationIds.includes(reservationId) || (discountCode !== null && order.codes.includes(discountCode)),
  );
}
