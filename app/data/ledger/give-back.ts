/** Giving spent value back to the lots it came from. */
import {
  allocateEntryIds,
  balanceKey,
  lockBalances,
  type LotUpdate,
  type NewLot,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { type Reservation, undoReservation } from '#app/data/ledger/reservations.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type LotShare, planGiveBack } from '#app/domain/ledger/lots.ts';

export type GiveBack = {
  reservation: Reservation & { entryId: string };
  actor: string;
  at: Date;
  /** The end of value that no lot of old can take. */
  expiresAt: Date | null;
};

/**
 * Takes a committed redemption back: what it cost returns to its lots with their own expiry, after a debt. False when it
 * was taken back before. Takes the member's balances; the caller holds the member.
 */
export async function giveBackRedemption(tx: Tx, { reservation, actor, at, expiresAt }: GiveBack): Promise<boolean> {
  const { reservationId, memberId, unit, cost, entryId: spentId } = reservation;
  const balances = await lockBalances(tx, [memberId]);
  if (!(await undoReservation(tx, reservationId, at))) return false;
  const balance = balances.get(balanceKey(memberId, unit))?.amount ?? 0;
  const plan = planGiveBack({ amount: cost, balance, taken: await readTaken(tx, spentId) });
  const [entryId = ''] = await allocateEntryIds(tx, 1);
  const lot: NewLot = {
    lotId: entryId, memberId, unit, orderId: null, amount: plan.newLot, remaining: plan.newLot, availableAt: at, expiresAt,
  }; // prettier-ignore
  await writeLedger(tx, {
    entries: [
      {
        entryId,
        memberId,
        unit,
        kind: 'reversal',
        amount: cost,
        source: 'reward',
        sourceKey: `reservation-undo:${reservationId}`,
        orderId: null,
        ruleVersionId: null,
        inputsHash: null,
        lotId: plan.newLot > 0 ? entryId : null,
        reverses: spentId,
        explanation: { rewardId: reservation.rewardId, lots: plan.restored },
        actor,
        reason: reservation.rewardId,
        occurredAt: at,
      },
    ],
    newLots: plan.newLot > 0 ? [lot] : [],
    lotUpdates: await toUpdates(tx, plan.restored),
    bookedAt: at,
  });
  return true;
}

async function readTaken(tx: Tx, entryId: string): Promise<LotShare[]> {
  const [row] = await tx.query<{ explanation: { lots?: LotShare[] } | null }>(
    'select explanation from ledger_entry where shop_id = $1 and id = $2::bigint',
    [tx.shopId, entryId],
  );
  return row?.explanation?.lots ?? [];
}

async function toUpdates(tx: Tx, restored: LotShare[]): Promise<LotUpdate[]> {
  const rows = await tx.query<{ id: string; remaining: number; expired: number }>(
    'select id::text, remaining, expired from lot where shop_id = $1 and id = any($2::bigint[])',
    [tx.shopId, restored.map((share) => share.lotId)],
  );
  const amounts = new Map(restored.map((share) => [share.lotId, share.amount]));
  return rows.map((row) => ({
    lotId: row.id,
    remaining: row.remaining + (amounts.get(row.id) ?? 0),
    expired: row.expired,
  }));
}
