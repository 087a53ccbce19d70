/** A member's account of one unit in memory, kept by nothing but the engine's plans, as the ledger keeps it in its tables. */
import { graceEnd } from '#app/domain/ledger/expiry.ts';
import {
  isUsable,
  type Lot,
  type LotShare,
  planExpiry,
  planGiveBack,
  planPosting,
  planSpending,
  planTaking,
} from '#app/domain/ledger/lots.ts';

export type BookLot = Lot & { cause: string };

export type Book = {
  balance: number;
  lots: BookLot[];
  /** Every change of the balance, one after the other. */
  entries: number[];
  /** Losses forgiven and not made good since. */
  writtenOff: number;
  /** What was spent, as long as it is not given back. */
  spendings: { taken: LotShare[] }[];
};

export type Aging = Pick<Lot, 'accruedAt' | 'availableAt' | 'expiresAt'>;

export function emptyBook(): Book {
  return { balance: 0, lots: [], entries: [], writtenOff: 0, spendings: [] };
}

/** Posts a difference for a cause: what a settlement comes to. */
export function post(
  book: Book,
  posting: { cause: string; delta: number; lotId: string; aging: Aging; debtPolicy: 'carry' | 'write-off' },
): void {
  const { cause, delta, lotId, aging, debtPolicy } = posting;
  const plan = planPosting({
    delta,
    balance: book.balance,
    ownLots: book.lots.filter((lot) => lot.cause === cause),
    otherLots: book.lots.filter((lot) => lot.cause !== cause),
    debtPolicy,
  });
  replace(book, plan.changed);
  if (plan.lotRemaining !== null) {
    const reversed = delta - plan.lotRemaining;
    const figures = { remaining: plan.lotRemaining, consumed: 0, expired: 0, reversed, writtenOff: 0 };
    book.lots.push({ lotId, cause, ...figures, ...aging });
  }
  enter(book, delta, plan.writtenOff, plan.expiryGivenWay);
  if (plan.booked !== delta + plan.writtenOff + plan.expiryGivenWay) throw new Error('a plan booked something else');
  book.writtenOff += plan.writtenOff;
}

export function availableIn(book: Book, at: Date): number {
  return book.lots.reduce((sum, lot) => (isUsable(lot, at) ? sum + lot.remaining : sum), 0);
}

/** Spends no more than is available. */
export function spendFrom(book: Book, amount: number, at: Date): void {
  const plan = planSpending(book.lots, amount, at);
  if (plan.short !== 0) throw new Error('a plan could not meet what was available');
  replace(book, plan.changed);
  book.spendings.push({ taken: plan.taken });
  enter(book, -amount);
}

/** Gives a part of some spending back, the lot taken last first. */
export function giveBackTo(book: Book, { spending, amount, lotId, at, grace }: GivenBack): void {
  const { taken } = book.spendings[spending] ?? { taken: [] };
  const plan = planGiveBack({ amount, balance: book.balance, taken, lots: book.lots });
  replace(book, plan.changed);
  const until = graceEnd(at, grace.days, grace.timeZone);
  for (const { lotId: restoredId } of plan.restored) {
    const lot = book.lots.find((candidate) => candidate.lotId === restoredId);
    if (lot !== undefined && lot.expiresAt !== null && lot.expiresAt <= at) lot.expiresAt = until;
  }
  if (plan.newLot > 0) {
    const figures = { remaining: plan.newLot, consumed: 0, expired: 0, reversed: 0, writtenOff: 0 };
    book.lots.push({
      lotId,
      cause: `given back ${lotId}`,
      ...figures,
      accruedAt: at,
      availableAt: at,
      expiresAt: until,
    });
  }
  enter(book, amount, -plan.madeGood);
  book.writtenOff -= plan.madeGood;
  forget(taken, amount);
}

export type GivenBack = {
  spending: number;
  amount: number;
  lotId: string;
  at: Date;
  grace: { days: number; timeZone: string };
};

export function expireIn(book: Book, now: Date): void {
  const plan = planExpiry(book.lots, now);
  replace(
    book,
    plan.map(({ lot }) => lot),
  );
  for (const { expired } of plan) enter(book, -expired);
}

/** Two accounts of one person become one: what either owes is repaid from the other's lots. */
export function mergeBooks(into: Book, from: Book): void {
  const owed = Math.max(0, -into.balance) + Math.max(0, -from.balance);
  into.lots.push(...from.lots);
  into.spendings.push(...from.spendings);
  into.writtenOff += from.writtenOff;
  replace(into, planTaking(into.lots, owed).changed);
  enter(into, from.balance);
}

/** Given back is the lot taken last, so that is what can be given back no more. */
function forget(taken: LotShare[], amount: number): void {
  let left = amount;
  for (const share of taken.toReversed()) {
    const gone = Math.min(left, share.amount);
    share.amount -= gone;
    left -= gone;
  }
}

function replace(book: Book, changed: readonly BookLot[]): void {
  for (const lot of changed) {
    const index = book.lots.findIndex(({ lotId }) => lotId === lot.lotId);
    if (index < 0) throw new Error('a plan changed a lot that does not exist');
    book.lots[index] = lot;
  }
}

function enter(book: Book, ...amounts: number[]): void {
  for (const amount of amounts) {
    if (amount === 0) continue;
    book.entries.push(amount);
    book.balance += amount;
  }
}
