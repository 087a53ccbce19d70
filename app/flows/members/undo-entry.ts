/** Staff takes back what they just did at the till: stamps given, a reward held, or one handed over. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { giveBackRedemption } from '#app/data/ledger/give-back.ts';
import {
  findHandEntry,
  type HandEntry,
  type TillClaim,
  undoKeyOf,
  undoWindowMs,
} from '#app/data/ledger/hand-entries.ts';
import {
  allocateEntryIds,
  balanceKey,
  findSources,
  type LedgerEntry,
  lockBalances,
  type LotUpdate,
  readLots,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { lockMember } from '#app/data/members/members.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { releaseReservation } from '#app/data/ledger/redemption.ts';
import { findReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { expiryOf } from '#app/domain/ledger/expiry.ts';
import { planPosting, type PostingPlan } from '#app/domain/ledger/lots.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { isId, type MemberId, type ShopId } from '#app/lib/ids.ts';

export type Undo = {
  shopId: ShopId;
  target: { entryId: string } | { reservationId: string };
  idempotencyKey: string;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  claim: TillClaim;
};

/**
 * Takes back an entry given by hand, or a reservation. The same call again changes nothing more. Answers whose it was.
 * Throws `NotFound`; `Conflict` when it is too late, a sale carries it already, or another call took the entry back.
 */
export async function undoEntry(asked: Undo): Promise<MemberId> {
  const { target } = asked;
  return withShop(asked.shopId, (tx) =>
    'entryId' in target ? undoStamp(tx, asked, target.entryId) : undoRedemption(tx, asked, target.reservationId),
  );
}

const tooLate = () => new Conflict('undo-too-late', 'It is too late to take this back');
const isOver = (since: Date) => now().getTime() - since.getTime() > undoWindowMs;

async function undoStamp(tx: Tx, asked: Undo, entryId: string): Promise<MemberId> {
  const entry = await findHandEntry(tx, entryId);
  if (entry === null) throw new NotFound('entry-not-found', 'There is no such entry of a till');
  const { memberId, programId } = await lockMember(tx, entry.memberId);
  const sourceKey = undoKeyOf(entry.entryId);
  const inputsHash = fingerprint({ idempotencyKey: asked.idempotencyKey });
  const earlier = (await findSources(tx, [sourceKey])).get(sourceKey);
  if (earlier !== undefined) {
    if (earlier.inputsHash?.equals(inputsHash) === true) return memberId;
    throw new Conflict('already-undone', 'The entry was taken back before');
  }
  if (isOver(entry.bookedAt)) throw tooLate();
  const version = await newestRuleVersion(tx, programId);
  await reverse(tx, { asked, entry, sourceKey, inputsHash, version });
  await touchPasses(tx, [memberId]);
  await note(tx, asked, { memberId, action: 'member.stamp.undo', what: entry.entryId });
  return memberId;
}

type Reversal = { asked: Undo; entry: HandEntry; sourceKey: string; inputsHash: Buffer; version: RuleVersion | null };

async function reverse(tx: Tx, { asked, entry, sourceKey, inputsHash, version }: Reversal): Promise<void> {
  const { memberId, unit, amount } = entry;
  const balances = await lockBalances(tx, [memberId]);
  const lots = (await readLots(tx, [memberId])).filter((lot) => lot.unit === unit);
  const own = lots.filter((lot) => lot.lotId === entry.entryId);
  const plan = planPosting({
    delta: -amount,
    balance: balances.get(balanceKey(memberId, unit))?.amount ?? 0,
    ownLots: own,
    ownExpired: own.reduce((sum, lot) => sum + lot.expired, 0),
    otherLots: lots.filter((lot) => lot.lotId !== entry.entryId),
    debtPolicy: version?.document.settings.debtPolicy ?? 'carry',
  });
  const at = now();
  const ids = await allocateEntryIds(tx, 3);
  const reversal: LedgerEntry = {
    entryId: ids[0] ?? '',
    memberId,
    unit,
    kind: 'reversal',
    amount: -amount,
    source: 'pos',
    sourceKey,
    orderId: null,
    ruleVersionId: version?.versionId ?? null,
    inputsHash,
    lotId: null,
    reverses: entry.entryId,
    explanation: { because: 'taken-back-by-hand', parts: [], claim: asked.claim },
    actor: asked.actor,
    reason: null,
    occurredAt: at,
  };
  const counters = counterEntries(reversal, plan, ids);
  const lotUpdates = plan.lotChanges.map((change): LotUpdate => {
    return { ...change, expired: lots.find((lot) => lot.lotId === change.lotId)?.expired ?? 0 };
  });
  const [ownLot] = own;
  if (ownLot !== undefined && plan.expiryGivenWay > 0) {
    const known = lotUpdates.find((update) => update.lotId === ownLot.lotId);
    const expired = ownLot.expired - plan.expiryGivenWay;
    if (known === undefined) lotUpdates.push({ lotId: ownLot.lotId, remaining: ownLot.remaining, expired });
    else known.expired = expired;
  }
  await writeLedger(tx, { entries: [reversal, ...counters], newLots: [], lotUpdates, bookedAt: at });
}

/** What the balance could not meet, or had expired before, is booked beside the reversal. */
function counterEntries(reversal: LedgerEntry, plan: PostingPlan, ids: string[]): LedgerEntry[] {
  const counters = [
    { kind: 'adjustment', amount: plan.writtenOff, reason: 'written-off' },
    { kind: 'expiration', amount: plan.expiryGivenWay, reason: 'expired-before' },
  ] as const;
  return counters
    .filter((counter) => counter.amount !== 0)
    .map((counter, index) => ({
      ...reversal,
      ...counter,
      entryId: ids[index + 1] ?? '',
      sourceKey: `${reversal.sourceKey}:${counter.reason}`,
      reverses: reversal.entryId,
      explanation: null,
    }));
}

async function undoRedemption(tx: Tx, asked: Undo, reservationId: string): Promise<MemberId> {
  const known = isId(reservationId) ? await findReservation(tx, reservationId) : null;
  if (known === null) throw new NotFound('reservation-not-found', 'There is no such reservation');
  const { memberId } = await lockMember(tx, known.memberId);
  await lockBalances(tx, [memberId]);
  const reservation = await findReservation(tx, reservationId);
  if (reservation === null || reservation.state === 'released') return memberId;
  if (reservation.state === 'committed') await giveBack(tx, asked, reservation);
  else {
    await releaseReservation(tx, reservation, now());
    if (reservation.discountCode !== null)
      await enqueue(tx, 'release-discount', { reservationId: reservation.reservationId });
  }
  await touchPasses(tx, [memberId]);
  await note(tx, asked, { memberId, action: 'reward.undo', what: reservation.reservationId });
  return memberId;
}

async function giveBack(tx: Tx, asked: Undo, reservation: Reservation): Promise<void> {
  const { entryId, discountCode, createdAt, programId } = reservation;
  // What a sale carries is given back by cancelling the sale.
  if (entryId === null || discountCode !== null || isOver(createdAt)) throw tooLate();
  const at = now();
  const version = await newestRuleVersion(tx, programId);
  const { timeZone } = await readShop(tx);
  const expiresAt = version === null ? null : expiryOf(version.document.settings.expiry, at, timeZone);
  await giveBackRedemption(tx, { reservation: { ...reservation, entryId }, actor: asked.actor, at, expiresAt });
}

async function note(tx: Tx, asked: Undo, done: { memberId: MemberId; action: string; what: string }): Promise<void> {
  await appendAudit(tx, {
    actor: asked.actor,
    action: done.action,
    object: `member:${done.memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ what: done.what, claim: asked.claim }),
    reason: null,
    occurredAt: now(),
  });
}
