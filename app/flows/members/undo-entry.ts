/** Staff takes back what they just did at the till: stamps given, a reward held, or one handed over. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withdrawBenefit } from '#app/data/ledger/benefits.ts';
import { giveBackRedemption } from '#app/data/ledger/give-back.ts';
import {
  findHandEntry,
  type HandEntry,
  type TillClaim,
  undoKeyOf,
  undoWindowMs,
} from '#app/data/ledger/hand-entries.ts';
import { findSources, lockBalances } from '#app/data/ledger/ledger.ts';
import { postAll } from '#app/data/ledger/posting.ts';
import { lockMember } from '#app/data/members/members.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { releaseHeld } from '#app/data/ledger/redemption.ts';
import { findReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { plainProgram } from '#app/domain/programs/program.ts';
import { isMoney } from '#app/domain/programs/reward-gates.ts';
import { moneyMeans } from '#app/gateways/shopify-benefits.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { isId, type MemberId, type ReservationId, type ShopId } from '#app/lib/ids.ts';

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
 * Throws `NotFound`; `Conflict` when it is too late, a sale carries it already, another call took the entry back, or the
 * money it gave is spent; `Unavailable` when Shopify does not answer about that money: a job goes on with it.
 */
export async function undoEntry(asked: Undo): Promise<MemberId> {
  const { target, shopId, actor } = asked;
  if ('entryId' in target) return withShop(shopId, (tx) => undoStamp(tx, asked, target.entryId));
  const undone = await withShop(shopId, (tx) => undoRedemption(tx, asked, target.reservationId));
  // Money first: what is spent already is not taken back.
  if (undone.paidOut !== null) await withdrawBenefit(shopId, { reservationId: undone.paidOut, actor }, moneyMeans);
  return undone.memberId;
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
  const { memberId, unit, amount, entryId } = entry;
  const balances = await lockBalances(tx, [memberId]);
  const at = now();
  await postAll(tx, {
    postings: [
      {
        memberId,
        unit,
        delta: -amount,
        source: 'pos',
        sourceKey,
        owner: { lotId: entryId },
        ruleVersionId: version?.versionId ?? null,
        settings: version?.document.settings ?? plainProgram.settings,
        inputsHash,
        explanation: { because: 'taken-back-by-hand', parts: [], claim: asked.claim },
        actor: asked.actor,
        reverses: entryId,
        occurredAt: at,
        availableAt: at,
      },
    ],
    balances,
    timeZone: (await readShop(tx)).timeZone,
    bookedAt: at,
  });
}

type Undone = { memberId: MemberId; paidOut: ReservationId | null };

async function undoRedemption(tx: Tx, asked: Undo, reservationId: string): Promise<Undone> {
  const known = isId(reservationId) ? await findReservation(tx, reservationId) : null;
  if (known === null) throw new NotFound('reservation-not-found', 'There is no such reservation');
  const { memberId } = await lockMember(tx, known.memberId);
  await lockBalances(tx, [memberId]);
  const reservation = await findReservation(tx, reservationId);
  if (reservation === null || reservation.state === 'released') return { memberId, paidOut: null };
  const isPaidOut = reservation.state === 'committed' && isMoney(reservation.benefit);
  if (reservation.state === 'committed') await giveBack(tx, asked, reservation);
  else await releaseHeld(tx, reservation, now());
  await touchPasses(tx, [memberId]);
  await note(tx, asked, { memberId, action: 'reward.undo', what: reservation.reservationId });
  return { memberId, paidOut: isPaidOut ? reservation.reservationId : null };
}

async function giveBack(tx: Tx, { actor }: Undo, reservation: Reservation): Promise<void> {
  const { reservationId, discountCode, orderId, cost, createdAt } = reservation;
  // What a sale carries is given back by cancelling the sale.
  if (discountCode !== null || orderId !== null || isOver(createdAt)) throw tooLate();
  if (isMoney(reservation.benefit)) return;
  const sourceKey = `reservation-undo:${reservationId}`;
  await giveBackRedemption(tx, { reservation, givenBack: cost, isWhole: true, sourceKey, actor, at: now() });
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
