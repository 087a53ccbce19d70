/**
 * Giving spent value back: to the lots it came from with the expiry they had, or with a grace when that has passed. A
 * debt is repaid first, and a loss that was forgiven because of the spending is made good.
 */
import {
  allocateEntryIds,
  balanceKey,
  type LedgerEntry,
  lockBalances,
  plainEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { agingOf, freshLot, readLots, type StoredLot } from '#app/data/ledger/lots.ts';
import { recordGivenBack } from '#app/data/ledger/reservation-states.ts';
import type { Reservation } from '#app/data/ledger/reservations.ts';
import { unforgiveReward } from '#app/data/ledger/reward-losses.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { graceEnd } from '#app/domain/ledger/expiry.ts';
import { type LotShare, planExpiry, planGiveBack } from '#app/domain/ledger/lots.ts';
import { plainProgram, type ProgramSettings } from '#app/domain/programs/program.ts';

/** The reason of an adjustment that takes a forgiven loss back. */
export const madeGoodReason = 'written-off-made-good';

export type GiveBack = {
  reservation: Reservation;
  /** How much of its cost has come back after this, in all. */
  givenBack: number;
  /** Whether the redemption then counts as never made. */
  isWhole: boolean;
  /** Unique for the cause. */
  sourceKey: string;
  actor: string;
  at: Date;
};

/**
 * Gives a committed redemption back, or more of it than before. False when it was given back meanwhile. Takes the
 * member's balances.
 */
export async function giveBackRedemption(tx: Tx, given: GiveBack): Promise<boolean> {
  const { reservation, givenBack, isWhole, at } = given;
  const { reservationId, memberId } = reservation;
  await lockBalances(tx, [memberId]);
  if (!(await recordGivenBack(tx, reservationId, { givenBack, isWhole, at }))) return false;
  if (isWhole && reservation.cost === 0) await unforgiveReward(tx, reservation);
  if (reservation.entryId !== null && givenBack > reservation.givenBack)
    await bookGiveBack(tx, given, reservation.entryId);
  return true;
}

/** The terms a redemption was made under; those of today for one that is older than the note of them. */
export async function readTerms(tx: Tx, reservation: Reservation): Promise<ProgramSettings> {
  const versions = await listRuleVersions(tx);
  const pinned = versions.find((version) => version.versionId === reservation.ruleVersionId);
  const newest = versions.find((version) => version.programId === reservation.programId);
  return (pinned ?? newest)?.document.settings ?? plainProgram.settings;
}

async function bookGiveBack(tx: Tx, given: GiveBack, spentId: string): Promise<void> {
  const { reservation, at } = given;
  const { memberId, unit } = reservation;
  const settings = await readTerms(tx, reservation);
  const { timeZone } = await readShop(tx);
  const spent = await readSpent(tx, spentId);
  const amount = given.givenBack - reservation.givenBack;
  // What no lot had met came last, and is the first to be made good.
  const forgiven = Math.min(amount, Math.max(0, spent.forgiven - reservation.givenBack));
  const taken = withoutLast(spent.lots, Math.max(0, reservation.givenBack - spent.forgiven));
  await expireLeftovers(tx, { memberId, unit, lotIds: taken.map((share) => share.lotId), at });
  const lots = (await readLots(tx, [memberId])).filter((lot) => lot.unit === unit);
  const balances = await lockBalances(tx, [memberId]);
  const balance = balances.get(balanceKey(memberId, unit))?.amount ?? 0;
  const plan = planGiveBack({ amount: amount - forgiven, balance, taken, lots });
  const madeGood = plan.madeGood + forgiven;
  const [entryId = '', keptId = ''] = await allocateEntryIds(tx, 2);
  const entry: LedgerEntry = {
    ...plainEntry,
    entryId,
    memberId,
    unit,
    kind: 'reversal',
    amount,
    source: 'reward',
    sourceKey: given.sourceKey,
    orderId: reservation.orderId,
    ruleVersionId: reservation.ruleVersionId,
    lotId: plan.newLot > 0 ? entryId : null,
    reverses: spentId,
    explanation: { rewardId: reservation.rewardId, lots: plan.restored },
    actor: given.actor,
    reason: reservation.rewardId,
    occurredAt: at,
  };
  const newLot = { lotId: entryId, memberId, unit, amount: plan.newLot, remaining: plan.newLot };
  const aging = agingOf(settings.expiry, at, timeZone);
  const grace = graceEnd(at, settings.returnGraceDays, timeZone);
  await writeLedger(tx, {
    entries: madeGood > 0 ? [entry, madeGoodEntry(entry, keptId, madeGood)] : [entry],
    newLots: plan.newLot > 0 ? [freshLot({ ...newLot, ...aging, accruedAt: at, availableAt: at })] : [],
    lotUpdates: plan.changed.map((lot) => withGrace(lot, at, grace)),
    bookedAt: at,
  });
}

/** A loss that was forgiven because of the spending is made good by what comes back of it. */
export function madeGoodEntry(entry: LedgerEntry, entryId: string, amount: number): LedgerEntry {
  return {
    ...entry,
    entryId,
    kind: 'adjustment',
    amount: -amount,
    sourceKey: `${entry.sourceKey}:${madeGoodReason}`,
    lotId: null,
    reverses: entry.entryId,
    explanation: null,
    reason: madeGoodReason,
  };
}

function withGrace(lot: StoredLot, at: Date, grace: Date): StoredLot {
  const isOver = lot.expiresAt !== null && lot.expiresAt <= at;
  return isOver && lot.remaining > 0 ? { ...lot, expiresAt: grace } : lot;
}

/** The lot taken last is the first to be given back to, so what came back before is off the end. */
function withoutLast(taken: readonly LotShare[], givenBack: number): LotShare[] {
  let left = givenBack;
  const rest: LotShare[] = [];
  for (const share of taken.toReversed()) {
    const gone = Math.min(left, share.amount);
    left -= gone;
    if (share.amount > gone) rest.unshift({ ...share, amount: share.amount - gone });
  }
  return rest;
}

/**
 * What is over in these lots and not swept yet expires first: the grace is for what comes back, and nothing else revives.
 * What is held for another sale stays until that sale is decided.
 */
async function expireLeftovers(
  tx: Tx,
  over: { memberId: Reservation['memberId']; unit: string; lotIds: string[]; at: Date },
): Promise<void> {
  const { memberId, unit, lotIds, at } = over;
  const balances = await lockBalances(tx, [memberId]);
  if ((balances.get(balanceKey(memberId, unit))?.held ?? 0) > 0) return;
  const lots = (await readLots(tx, [memberId])).filter((lot) => lotIds.includes(lot.lotId));
  const plans = planExpiry(lots, at);
  const entryIds = await allocateEntryIds(tx, plans.length);
  const entries = plans.map(({ lot, expired }, index): LedgerEntry => {
    const entryId = entryIds[index] ?? '';
    return {
      ...plainEntry,
      entryId,
      memberId,
      unit,
      kind: 'expiration',
      amount: -expired,
      source: 'schedule',
      sourceKey: `expiry:${lot.lotId}:${entryId}`,
      orderId: lot.orderId,
      lotId: lot.lotId,
      actor: 'system',
      occurredAt: lot.expiresAt ?? at,
    };
  });
  await writeLedger(tx, { entries, newLots: [], lotUpdates: plans.map(({ lot }) => lot), bookedAt: at });
}

/** Which lots met a spending, and how much of it none could and was forgiven. */
async function readSpent(tx: Tx, entryId: string): Promise<{ lots: LotShare[]; forgiven: number }> {
  const [row] = await tx.query<{ explanation: { lots?: LotShare[]; forgiven?: number } | null }>(
    'select explanation from ledger_entry where shop_id = $1 and id = $2::bigint',
    [tx.shopId, entryId],
  );
  return { lots: row?.explanation?.lots ?? [], forgiven: row?.explanation?.forgiven ?? 0 };
}
