/**
 * Posting: what something should have brought, less what is booked for it, becomes entries and lots. Orders, events,
 * referrals and hands all post here, so debts, reversals, write-offs and expiry are alike for all of them.
 */
import {
  allocateEntryIds,
  type Balance,
  balanceKey,
  type EntrySource,
  type LedgerEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { agingOf, freshLot, readLots, type StoredLot } from '#app/data/ledger/lots.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { planPosting, type PostingPlan } from '#app/domain/ledger/lots.ts';
import type { ProgramSettings } from '#app/domain/programs/program.ts';
import { invariant } from '#app/lib/errors.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

/** One difference in one unit of one member. */
export type Posting = {
  memberId: MemberId;
  unit: string;
  /** Whole units, signed, not 0. Above 0 it is an accrual, below a reversal. */
  delta: number;
  source: EntrySource;
  sourceKey: string;
  /** What it is for: its own lots are what a reversal takes from first. */
  owner: { orderId: string } | { causeId: string } | { lotId: string } | null;
  ruleVersionId: RuleVersionId | null;
  settings: Pick<ProgramSettings, 'debtPolicy' | 'expiry'>;
  inputsHash: Buffer | null;
  explanation: unknown;
  actor: string;
  /** The entry that a reversal takes back, where it is a single one. */
  reverses?: string | null;
  /** When it was earned or taken back; value ages from then. */
  occurredAt: Date;
  /** When an accrual can be spent; null: when its order is fulfilled. */
  availableAt: Date | null;
};

type Book = {
  amounts: Map<string, number>;
  /** By member and unit; only read when something is taken back. */
  lots: Map<string, StoredLot[]> | null;
  fresh: StoredLot[];
  changed: Map<string, StoredLot>;
  entries: LedgerEntry[];
  entryIds: string[];
  timeZone: string;
};

/** A posting becomes one entry; taking back may also bring a write-off and an expiry that gives way. */
const entriesPerReversal = 3;

/**
 * Posts these differences: what is earned before what is taken back, otherwise in this order. So a reversal finds what the
 * same settlement gives elsewhere, and nothing is owed or written off that only moved. The caller holds the balances (`balances` are what `lockBalances` answered) and
 * has made sure that no source key was used before. Answers the entries' ids, one for each posting.
 */
export async function postAll(
  tx: Tx,
  asked: { postings: Posting[]; balances: Map<string, Balance>; timeZone: string; bookedAt: Date },
): Promise<string[]> {
  const { postings, balances, timeZone, bookedAt } = asked;
  if (postings.length === 0) return [];
  const losing = postings.filter((posting) => posting.delta < 0);
  const book: Book = {
    amounts: new Map([...balances].map(([key, balance]) => [key, balance.amount])),
    lots: losing.length > 0 ? await readLotsOf(tx, losing) : null,
    fresh: [],
    changed: new Map(),
    entries: [],
    entryIds: await allocateEntryIds(tx, postings.length + losing.length * (entriesPerReversal - 1)),
    timeZone,
  };
  const gaining = postings.filter((posting) => posting.delta >= 0);
  const posted = new Map([...gaining, ...losing].map((posting) => [posting, post(book, posting)]));
  const fresh = new Set(book.fresh.map((lot) => lot.lotId));
  await writeLedger(tx, {
    entries: book.entries,
    // A lot of this very batch may have been taken from since.
    newLots: book.fresh.map((lot) => book.changed.get(lot.lotId) ?? lot),
    lotUpdates: [...book.changed.values()].filter((lot) => !fresh.has(lot.lotId)),
    bookedAt,
  });
  return postings.flatMap((posting) => posted.get(posting) ?? []);
}

async function readLotsOf(tx: Tx, losing: Posting[]): Promise<Map<string, StoredLot[]>> {
  const lots = await readLots(tx, [...new Set(losing.map((posting) => posting.memberId))]);
  return Map.groupBy(lots, (lot) => balanceKey(lot.memberId, lot.unit));
}

/** Plans one difference against the book, and notes what is to be written. Answers the entry's id. */
function post(book: Book, posting: Posting): string {
  const key = balanceKey(posting.memberId, posting.unit);
  const balance = book.amounts.get(key) ?? 0;
  const lots = book.lots?.get(key) ?? [];
  const plan = planPosting({
    delta: posting.delta,
    balance,
    ownLots: lots.filter((lot) => isOwn(lot, posting.owner)),
    otherLots: lots.filter((lot) => !isOwn(lot, posting.owner)),
    debtPolicy: posting.settings.debtPolicy,
  });
  book.amounts.set(key, balance + plan.booked);
  for (const lot of plan.changed) {
    book.changed.set(lot.lotId, lot);
    lots[lots.findIndex(({ lotId }) => lotId === lot.lotId)] = lot;
  }
  return note(book, posting, plan);
}

function isOwn(lot: StoredLot, owner: Posting['owner']): boolean {
  if (owner === null) return false;
  if ('orderId' in owner) return lot.orderId === owner.orderId;
  return 'causeId' in owner ? lot.causeId === owner.causeId : lot.lotId === owner.lotId;
}

function note(book: Book, posting: Posting, plan: PostingPlan): string {
  const { memberId, unit, delta, owner } = posting;
  const entryId = takeId(book);
  const isAccrual = delta > 0;
  const entry: LedgerEntry = {
    entryId,
    memberId,
    unit,
    kind: isAccrual ? 'accrual' : 'reversal',
    amount: delta,
    source: posting.source,
    sourceKey: posting.sourceKey,
    orderId: owner !== null && 'orderId' in owner ? owner.orderId : null,
    ruleVersionId: posting.ruleVersionId,
    inputsHash: posting.inputsHash,
    lotId: isAccrual ? entryId : null,
    reverses: posting.reverses ?? null,
    explanation: posting.explanation,
    actor: posting.actor,
    reason: null,
    occurredAt: posting.occurredAt,
  };
  book.entries.push(entry);
  if (plan.lotRemaining !== null) {
    const lot = freshLot({
      lotId: entryId,
      memberId,
      unit,
      orderId: entry.orderId,
      causeId: owner !== null && 'causeId' in owner ? owner.causeId : null,
      amount: delta,
      remaining: plan.lotRemaining,
      accruedAt: posting.occurredAt,
      availableAt: posting.availableAt,
      ...agingOf(posting.settings.expiry, posting.occurredAt, book.timeZone),
    });
    book.fresh.push(lot);
    // Later postings of the batch may take from it.
    const key = balanceKey(memberId, unit);
    const others = book.lots?.get(key);
    if (others === undefined) book.lots?.set(key, [lot]);
    else others.push(lot);
  }
  counter(book, entry, { kind: 'adjustment', amount: plan.writtenOff, reason: 'written-off' });
  counter(book, entry, { kind: 'expiration', amount: plan.expiryGivenWay, reason: 'expired-before' });
  return entryId;
}

/** What the balance could not meet, or had expired before, is booked beside the reversal. */
function counter(
  book: Book,
  entry: LedgerEntry,
  countered: { kind: 'adjustment' | 'expiration'; amount: number; reason: string },
): void {
  if (countered.amount === 0) return;
  book.entries.push({
    ...entry,
    ...countered,
    entryId: takeId(book),
    sourceKey: `${entry.sourceKey}:${countered.reason}`,
    lotId: null,
    reverses: entry.entryId,
    explanation: null,
  });
}

function takeId(book: Book): string {
  const id = book.entryIds.shift();
  invariant(id !== undefined, 'not enough entry ids were allocated');
  return id;
}
