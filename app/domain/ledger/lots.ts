/**
 * Lots: each accrual keeps what became of it. These functions only plan; writing is the ledger's.
 *
 * What they keep true, for every lot: remaining + consumed + expired + reversed = what was accrued. And for every member
 * and unit: balance = Σ remaining − owed, where owed = max(0, −balance). Somebody who owes has no lot with anything left,
 * because a reversal empties all lots before it lets the balance go below 0, and earnings repay first.
 */

/** An accrual and what became of it: the four figures add up to what was accrued. */
export type Lot = {
  lotId: string;
  remaining: number;
  /** Spent, and not given back. */
  consumed: number;
  /** Expired, and not given way to a later reversal. */
  expired: number;
  /** Taken back, or used to repay what was owed. */
  reversed: number;
  /** The part of `consumed` whose accrual was taken back and forgiven: made good when that spending is given back. */
  writtenOff: number;
  accruedAt: Date;
  /** When it can be spent; null while that is not known yet, as it waits for its order to be fulfilled. */
  availableAt: Date | null;
  /** The first instant at which it is no longer valid. */
  expiresAt: Date | null;
};

/** A part of a lot. */
export type LotShare = { lotId: string; amount: number };

export type PostingPlan<L extends Lot = Lot> = {
  /** What remains of the accrual's own new lot once a debt is repaid; null when nothing is accrued. */
  lotRemaining: number | null;
  /** Lots as they are afterwards; those that do not change are not named. */
  changed: L[];
  /** The change of the balance: `delta + writtenOff + expiryGivenWay`. */
  booked: number;
  /** What the balance could not meet and the policy forgives: an entry of its own, counted as a liability. */
  writtenOff: number;
  /** How much of an earlier expiration of the cause's own lots gives way, so that nothing is taken twice. */
  expiryGivenWay: number;
};

/**
 * Plans the posting of `delta` for one cause, member and unit. Earnings repay a debt first. A reversal takes from the
 * cause's own lots (pending ones too), then lets their expired amount give way, then takes from the member's other lots;
 * what is still missing is owed (`carry`) or forgiven (`write-off`).
 *
 * The cause counts the whole `delta` as booked under either policy, so settling again posts nothing.
 * For `delta >= 0` the lots are not looked at and may be left empty.
 */
export function planPosting<L extends Lot>(posting: {
  delta: number;
  balance: number;
  ownLots: readonly L[];
  otherLots: readonly L[];
  debtPolicy: 'carry' | 'write-off';
}): PostingPlan<L> {
  const { delta, balance, ownLots, otherLots } = posting;
  if (delta >= 0) {
    const owed = Math.max(0, -balance);
    const lotRemaining = delta === 0 ? null : Math.max(0, delta - owed);
    return { lotRemaining, changed: [], booked: delta, writtenOff: 0, expiryGivenWay: 0 };
  }
  const draft = draftOf([...ownLots, ...otherLots]);
  const own = ownLots.toSorted(byConsumption);
  const shortOfOwn = move(draft, own, -delta, { from: 'remaining', to: 'reversed' });
  const shortOfExpired = move(draft, own, shortOfOwn, { from: 'expired', to: 'reversed' });
  const others = otherLots.toSorted(byConsumption);
  const short = move(draft, others, shortOfExpired, { from: 'remaining', to: 'reversed' });
  const writtenOff = posting.debtPolicy === 'write-off' ? short : 0;
  // The spending that emptied the lots is what makes the loss good, should it be given back.
  blame(draft, others, blame(draft, own, writtenOff));
  const expiryGivenWay = shortOfOwn - shortOfExpired;
  return {
    lotRemaining: null,
    changed: [...draft.changed.values()],
    booked: delta + expiryGivenWay + writtenOff,
    writtenOff,
    expiryGivenWay,
  };
}

/**
 * Plans to take back what had been forgiven of a cause that is there after all: from its own lots first, then from others, and
 * no more than there is. What spending was blamed for is then no loss any more.
 */
export function planMakingGood<L extends Lot>(forgiven: {
  ownLots: readonly L[];
  otherLots: readonly L[];
  amount: number;
}): { changed: L[]; madeGood: number } {
  const draft = draftOf([...forgiven.ownLots, ...forgiven.otherLots]);
  const inOrder = [...forgiven.ownLots.toSorted(byConsumption), ...forgiven.otherLots.toSorted(byConsumption)];
  const madeGood = forgiven.amount - move(draft, inOrder, forgiven.amount, { from: 'remaining', to: 'reversed' });
  let left = madeGood;
  for (const { lotId } of inOrder) {
    const lot = draft.lots.get(lotId);
    const blamed = Math.min(left, lot?.writtenOff ?? 0);
    if (lot === undefined || blamed === 0) continue;
    left -= blamed;
    change(draft, lot, { writtenOff: lot.writtenOff - blamed });
  }
  return { changed: [...draft.changed.values()], madeGood };
}

/**
 * Which lots spending comes from: those usable at `at`, first to expire, then older, then smaller id. Only when they do
 * not reach, which a reservation rules out, it takes pending ones too. `short` is what no lot can meet.
 */
export function planSpending<L extends Lot>(
  lots: readonly L[],
  amount: number,
  at: Date,
): { changed: L[]; taken: LotShare[]; short: number } {
  const draft = draftOf(lots);
  const inOrder = lots.toSorted(byConsumption);
  const usable = inOrder.filter((lot) => isUsable(lot, at));
  const rest = inOrder.filter((lot) => !isUsable(lot, at));
  const short = move(draft, [...usable, ...rest], amount, { from: 'remaining', to: 'consumed' });
  return { changed: [...draft.changed.values()], taken: draft.moved, short };
}

/**
 * As `planSpending`, for what was reserved at `at` and is booked later: what was good then and has expired since gives way to
 * it, so that it ends as if it had been booked at once. `expiryGivenWay` is an entry of its own.
 */
export function planLateSpending<L extends Lot>(
  lots: readonly L[],
  amount: number,
  at: Date,
): { changed: L[]; taken: LotShare[]; short: number; expiryGivenWay: number } {
  const before = new Map(lots.map((lot) => [lot.lotId, lot]));
  const asThen = lots.map((lot) =>
    isUsable(lot, at) ? { ...lot, remaining: lot.remaining + lot.expired, expired: 0 } : lot,
  );
  const plan = planSpending(asThen, amount, at);
  let expiryGivenWay = 0;
  const changed = plan.changed.map((lot) => {
    const expired = before.get(lot.lotId)?.expired ?? 0;
    // What was not needed is over again.
    const over = lot.expired === expired ? 0 : Math.min(expired, lot.remaining);
    if (lot.expired !== expired) expiryGivenWay += expired - over;
    return { ...lot, remaining: lot.remaining - over, expired: lot.expired + over };
  });
  return { changed, taken: plan.taken, short: plan.short, expiryGivenWay };
}

/** Which lots an amount that is taken away by hand, or that repays a debt, comes from. `short` is what they cannot meet. */
export function planTaking<L extends Lot>(lots: readonly L[], amount: number): { changed: L[]; short: number } {
  const draft = draftOf(lots);
  const short = move(draft, lots.toSorted(byConsumption), amount, { from: 'remaining', to: 'reversed' });
  return { changed: [...draft.changed.values()], short };
}

/** Whether a lot can be spent from at an instant. */
export function isUsable(lot: Pick<Lot, 'availableAt' | 'expiresAt'>, at: Date): boolean {
  if (lot.availableAt === null || lot.availableAt.getTime() > at.getTime()) return false;
  return lot.expiresAt === null || lot.expiresAt.getTime() > at.getTime();
}

export type GiveBackPlan<L extends Lot = Lot> = {
  /** Lots as they are afterwards. */
  changed: L[];
  /** What can be spent again, by lot, in the order in which it was given. */
  restored: LotShare[];
  /** What a forgiven loss keeps back: an entry of its own, as the order that earned it was taken back meanwhile. */
  madeGood: number;
  /** What none of the lots can take, because the spending was met by a debt repaid since. */
  newLot: number;
};

/**
 * Where spending that is given back goes: a loss that was written off because of it is made good, a debt is repaid, then
 * the lots it came from get theirs back, the one taken last first. The balance changes by `amount − madeGood`.
 */
export function planGiveBack<L extends Lot>(given: {
  amount: number;
  /** The balance before. */
  balance: number;
  /** In the order in which they were taken, less what was given back before. */
  taken: readonly LotShare[];
  /** At least the lots that `taken` names; what came from others is given a new lot. */
  lots: readonly L[];
}): GiveBackPlan<L> {
  const draft = draftOf(given.lots);
  const back: LotShare[] = [];
  let left = given.amount;
  let madeGood = 0;
  for (const share of given.taken.toReversed()) {
    const lot = draft.lots.get(share.lotId);
    const amount = Math.min(left, share.amount, lot?.consumed ?? 0);
    if (lot === undefined || amount === 0) continue;
    const kept = Math.min(amount, lot.writtenOff);
    left -= amount;
    madeGood += kept;
    const { consumed, writtenOff, reversed } = lot;
    change(draft, lot, { consumed: consumed - amount, writtenOff: writtenOff - kept, reversed: reversed + kept });
    if (amount > kept) back.push({ lotId: share.lotId, amount: amount - kept });
  }
  let free = Math.max(0, given.amount - madeGood - Math.max(0, -given.balance));
  const restored: LotShare[] = [];
  for (const share of back) {
    const lot = draft.lots.get(share.lotId);
    if (lot === undefined) continue;
    const amount = Math.min(free, share.amount);
    free -= amount;
    change(draft, lot, { remaining: lot.remaining + amount, reversed: lot.reversed + share.amount - amount });
    if (amount > 0) restored.push({ lotId: share.lotId, amount });
  }
  return { changed: [...draft.changed.values()], restored, madeGood, newLot: free };
}

/** The lots that are over at `now` as they are afterwards, with what expires of each, in the order of consumption. */
export function planExpiry<L extends Lot>(lots: readonly L[], now: Date): { lot: L; expired: number }[] {
  return lots
    .filter((lot) => lot.remaining > 0 && lot.expiresAt !== null && lot.expiresAt.getTime() <= now.getTime())
    .toSorted(byConsumption)
    .map((lot) => ({
      lot: { ...lot, remaining: 0, expired: lot.expired + lot.remaining },
      expired: lot.remaining,
    }));
}

/** Lots while a plan is being made: all as they are by now, and which of them changed. */
type Draft<L extends Lot> = { lots: Map<string, L>; changed: Map<string, L>; moved: LotShare[] };

type Figures = Pick<Lot, 'remaining' | 'consumed' | 'expired' | 'reversed' | 'writtenOff'>;

function draftOf<L extends Lot>(lots: readonly L[]): Draft<L> {
  return { lots: new Map(lots.map((lot) => [lot.lotId, lot])), changed: new Map(), moved: [] };
}

function change<L extends Lot>(draft: Draft<L>, lot: L, figures: Partial<Figures>): void {
  const changed = { ...lot, ...figures };
  draft.lots.set(lot.lotId, changed);
  draft.changed.set(lot.lotId, changed);
}

type Move = { from: 'remaining' | 'expired'; to: 'consumed' | 'reversed' };

/** Moves an amount from one figure of these lots to another, lot by lot; answers what they could not meet. */
function move<L extends Lot>(draft: Draft<L>, inOrder: readonly L[], amount: number, { from, to }: Move): number {
  let short = amount;
  for (const { lotId } of inOrder) {
    const lot = draft.lots.get(lotId);
    const moved = Math.min(short, lot?.[from] ?? 0);
    if (lot === undefined || moved <= 0) continue;
    short -= moved;
    change(draft, lot, { [from]: lot[from] - moved, [to]: lot[to] + moved });
    draft.moved.push({ lotId, amount: moved });
  }
  return short;
}

/** Notes a forgiven loss at what was consumed of these lots; answers what none of them accounts for. */
function blame<L extends Lot>(draft: Draft<L>, inOrder: readonly L[], amount: number): number {
  let left = amount;
  for (const { lotId } of inOrder) {
    const lot = draft.lots.get(lotId);
    const blamed = Math.min(left, lot === undefined ? 0 : lot.consumed - lot.writtenOff);
    if (lot === undefined || blamed <= 0) continue;
    left -= blamed;
    change(draft, lot, { writtenOff: lot.writtenOff + blamed });
  }
  return left;
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
