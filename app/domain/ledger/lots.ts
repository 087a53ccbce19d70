/**
 * Lots: each accrual keeps what remains of it and when it expires. These functions only plan; writing is the ledger's.
 *
 * What they keep true: balance = Σ remaining − owed, where owed = max(0, −balance). Somebody who owes has no lot with
 * anything left, because a reversal empties all lots before it lets the balance go below 0, and earnings repay first.
 */

/** An accrual with something left. Times are instants; `expiresAt` is the first instant at which it is no longer valid. */
export type Lot = { lotId: string; remaining: number; accruedAt: Date; expiresAt: Date | null };

/** A lot's new remaining amount. */
export type LotChange = { lotId: string; remaining: number };

export type PostingPlan = {
  /** What remains of the accrual's own new lot once a debt is repaid; null when nothing is accrued. */
  lotRemaining: number | null;
  lotChanges: LotChange[];
  /** The change of the balance: `delta + writtenOff + expiryGivenWay`. */
  booked: number;
  /** What the balance could not meet and the policy forgives: an entry of its own, counted as a liability. */
  writtenOff: number;
  /** How much of an earlier expiration of the order's own lots gives way, so that nothing is taken twice. */
  expiryGivenWay: number;
};

/**
 * Plans the posting of `delta` for one order, member and unit. Earnings repay a debt first. A reversal takes from the
 * order's own lots, then lets their expired amount give way, then takes from the member's other lots; what is still
 * missing is owed (`carry`) or forgiven (`write-off`).
 *
 * The order counts the whole `delta` as booked under either policy, so settling again posts nothing.
 * For `delta >= 0` the lots are not looked at and may be left empty.
 */
export function planPosting(posting: {
  delta: number;
  balance: number;
  ownLots: readonly Lot[];
  /** Amount of the order's own lots that expired and has not given way before. */
  ownExpired: number;
  otherLots: readonly Lot[];
  debtPolicy: 'carry' | 'write-off';
}): PostingPlan {
  const { delta, balance } = posting;
  if (delta >= 0) {
    const owed = Math.max(0, -balance);
    const lotRemaining = delta === 0 ? null : Math.max(0, delta - owed);
    return { lotRemaining, lotChanges: [], booked: delta, writtenOff: 0, expiryGivenWay: 0 };
  }
  const own = planConsumption(posting.ownLots, -delta);
  const expiryGivenWay = Math.min(own.short, posting.ownExpired);
  const others = planConsumption(posting.otherLots, own.short - expiryGivenWay);
  const writtenOff = posting.debtPolicy === 'write-off' ? others.short : 0;
  return {
    lotRemaining: null,
    lotChanges: [...own.lotChanges, ...others.lotChanges],
    booked: delta + expiryGivenWay + writtenOff,
    writtenOff,
    expiryGivenWay,
  };
}

/** Which lots an amount comes from: first to expire, then older, then smaller id. `short` is what they cannot meet. */
export function planConsumption(lots: readonly Lot[], amount: number): { lotChanges: LotChange[]; short: number } {
  let short = amount;
  const lotChanges: LotChange[] = [];
  if (amount === 0) return { lotChanges, short };
  for (const lot of lots.toSorted(byConsumption)) {
    if (short === 0) break;
    const taken = Math.min(short, lot.remaining);
    if (taken <= 0) continue;
    short -= taken;
    lotChanges.push({ lotId: lot.lotId, remaining: lot.remaining - taken });
  }
  return { lotChanges, short };
}

/** A part of a lot. */
export type LotShare = { lotId: string; amount: number };

/**
 * Where spending that is given back goes: a debt is repaid first, then the lots it came from get theirs back, the one
 * taken last first. `newLot` is what none of them can take, because the spending was met by a debt repaid since.
 */
export function planGiveBack(given: {
  amount: number;
  /** The balance before. */
  balance: number;
  /** In the order in which they were taken. */
  taken: readonly LotShare[];
}): { restored: LotShare[]; newLot: number } {
  let left = Math.max(0, given.amount - Math.max(0, -given.balance));
  const restored: LotShare[] = [];
  for (const share of given.taken.toReversed()) {
    const amount = Math.min(left, share.amount);
    if (amount > 0) restored.push({ lotId: share.lotId, amount });
    left -= amount;
  }
  return { restored, newLot: left };
}

/** The lots that are over at `now`, with what expires of each, in the order in which they would have been consumed. */
export function planExpiry(lots: readonly Lot[], now: Date): { lotId: string; expired: number }[] {
  return lots
    .filter((lot) => lot.remaining > 0 && lot.expiresAt !== null && lot.expiresAt.getTime() <= now.getTime())
    .toSorted(byConsumption)
    .map((lot) => ({ lotId: lot.lotId, expired: lot.remaining }));
}

function byConsumption(one: Lot, two: Lot): number {
  const expiry = expiryTime(one) - expiryTime(two);
  if (expiry !== 0) return expiry;
  const age = one.accruedAt.getTime() - two.accruedAt.getTime();
  if (age !== 0) return age;
  // Ids are numbers too large for a double: the shorter is the smaller.
  if (one.lotId.length !== two.lotId.length) return one.lotId.length - two.lotId.length;
  if (one.lotId === two.lotId) return 0;
  return one.lotId < two.lotId ? -1 : 1;
}

function expiryTime(lot: Lot): number {
  return lot.expiresAt === null ? Number.MAX_SAFE_INTEGER : lot.expiresAt.getTime();
}
