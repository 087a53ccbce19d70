/**
 * Reserving a reward: what it costs is held, bound to one member, reward, channel, sale and place. Whoever reserves holds
 * the member, so that limits count right; then their balances, then the reward where stock is limited.
 */
import { randomBytes } from 'node:crypto';

import { discountCodePrefix } from '#app/contracts/shopify-order.ts';
import { redemptionCostMax } from '#app/data/access/access-settings.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { checkCoolOff } from '#app/data/ledger/cool-off.ts';
import { changeHeld, lockBalances } from '#app/data/ledger/ledger.ts';
import { releaseExpired } from '#app/data/ledger/redemption.ts';
import { insertReservation, reopenReservation } from '#app/data/ledger/reservation-states.ts';
import {
  findExpiredReservations,
  findReservation,
  findReservationByKey,
  type Reservation,
} from '#app/data/ledger/reservations.ts';
import { type Occasion, type Offer, readOffers } from '#app/data/ledger/reward-offers.ts';
import { lockStock } from '#app/data/ledger/reward-use.ts';
import { lockMember, type Member, readMember } from '#app/data/members/members.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { noteRedemption, recordStop } from '#app/data/security/redemption-stops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { isDiscount, type RewardRefusal } from '#app/domain/programs/reward-gates.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, Forbidden, InvalidInput, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { type MemberId, newId, type ReservationId } from '#app/lib/ids.ts';

export type RewardRequest = Omit<Occasion, 'at'> & {
  memberId: string;
  rewardId: string;
  /** The cart or till transaction it is for, in the caller's words; null when there is none yet. */
  cart: string | null;
  /** Chosen by the caller; the same key again is the same reservation. */
  idempotencyKey: string;
  /** How long it is held, 2 to 15. */
  holdMinutes: number;
  /** 'staff:<Shopify user id>', 'api:<client id>', 'member:<member id>'. */
  actor: string;
  /** Who served, as the till says. */
  staff: string | null;
  /** Whatever else the caller claims; goes into the audit record's hash alone. */
  claim: unknown;
  /** The manager who agreed to a high cost, as 'staff:<Shopify user id>'; null when nobody was asked. */
  approvedBy: string | null;
};

export type Reserved = { kind: 'reserved'; reservation: Reservation; customerId: string | null; rewardName: string };
export type Refused = { kind: 'refused'; memberId: MemberId; reason: RewardRefusal | 'not-offered' };

export const holdMinutesDefault = 10;
const holdMinutesMin = 2;
const holdMinutesMax = 15;
const minuteMs = 60_000;
const codeLength = 12;
/** No letters that look like digits: a code may have to be typed. */
const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Two calls with one key at the same time, and two calls that mean different things by one key. */
export const keyMismatch = (cause?: unknown) =>
  new Conflict('idempotency-mismatch', 'The idempotency key was used for another reservation', { cause });

/**
 * Reserves once per idempotency key; the same call again answers the same reservation, as it is by now. Throws `NotFound`
 * for a member that is unknown or erased, `Conflict` 'idempotency-mismatch' when the key was used for something else,
 * `InvalidInput` for a time out of bounds, `Forbidden` 'step_up_required' for what a manager has to approve, and a unique violation when another call with the key is ahead by a moment.
 */
export async function reserve(tx: Tx, asked: RewardRequest): Promise<Reserved | Refused> {
  const outcome = await reserveOnce(tx, asked);
  // Kept with its reasons: whoever is refused by a machine may ask a person.
  if (outcome.kind === 'refused' && outcome.reason === 'challenge')
    await recordStop(tx, { memberId: outcome.memberId, locationId: asked.locationId, at: now() });
  return outcome;
}

async function reserveOnce(tx: Tx, asked: RewardRequest): Promise<Reserved | Refused> {
  checkHold(asked.holdMinutes);
  const at = now();
  const early = await refuseEarly(tx, asked, at);
  if (early !== null) return early;
  const member = await lockMember(tx, asked.memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const { memberId } = member;
  const { rewardId, channel, locationId, cart } = asked;
  const inputsHash = fingerprint({ memberId, rewardId, channel, locationId, cart });
  const earlier = await findReservationByKey(tx, asked.idempotencyKey);
  if (earlier !== null && !earlier.inputsHash.equals(inputsHash)) throw keyMismatch();
  if (earlier !== null && !isGivenUpEarly(earlier)) return repeated(tx, member, earlier);
  await releaseExpired(tx, { at, memberId });
  await lockBalances(tx, [memberId]);
  await lockStock(tx, member.programId, rewardId);
  const [offer] = await readOffers(tx, member, { rewardId, channel, locationId, at });
  const reason = offer === undefined ? 'not-offered' : offer.refusal;
  if (offer === undefined || reason !== null) return { kind: 'refused', memberId, reason: reason ?? 'not-offered' };
  await demandApproval(tx, asked, offer.reward.cost);
  const holding = { asked, member, offer, inputsHash, earlier, at };
  await checkCoolOff(tx, { memberId, cost: offer.reward.cost, channel, at });
  return hold(tx, holding);
}

function checkHold(minutes: number): void {
  if (minutes >= holdMinutesMin && minutes <= holdMinutesMax) return;
  throw new InvalidInput('hold-out-of-bounds', `A reward is held for ${holdMinutesMin} to ${holdMinutesMax} minutes`);
}

async function repeated(tx: Tx, member: Member, reservation: Reservation): Promise<Reserved> {
  const { rewardId } = reservation;
  const version = await newestRuleVersion(tx, member.programId);
  const rewardName = version?.document.rewards.find((reward) => reward.id === rewardId)?.name ?? rewardId;
  return { kind: 'reserved', reservation, customerId: member.shopifyCustomerId, rewardName };
}

/** What costs more than the shop lets a till or an integration give away alone needs a manager. Throws `Forbidden`. */
async function demandApproval(tx: Tx, { actor, approvedBy }: RewardRequest, cost: number): Promise<void> {
  if (approvedBy) return;
  const costMax = await redemptionCostMax(tx, actor.startsWith('api:') ? 'api' : 'pos');
  if (costMax === null || cost <= costMax) return;
  throw new Forbidden('step_up_required', 'A redemption above the threshold of the shop', {
    publicMessage: 'A manager has to approve this reward with their number and PIN.',
  });
}

/** In a crowd at one reward most need not wait for each other to be told that there is none left for them. */
async function refuseEarly(tx: Tx, asked: RewardRequest, at: Date): Promise<Refused | null> {
  const member = await readMember(tx, asked.memberId);
  const { memberId } = member;
  const { rewardId, channel, locationId, idempotencyKey } = asked;
  if (member.state === 'erased' || (await findReservationByKey(tx, idempotencyKey)) !== null) return null;
  const [offer] = await readOffers(tx, member, { rewardId, channel, locationId, at });
  if (offer?.refusal == null) return null;
  // What is over but not swept yet may be in the way.
  const isSwept = (await findExpiredReservations(tx, { at, memberId })).length === 0;
  return isSwept ? { kind: 'refused', memberId, reason: offer.refusal } : null;
}

type Holding = {
  asked: RewardRequest;
  member: Member;
  offer: Offer;
  inputsHash: Buffer;
  earlier: Reservation | null;
  at: Date;
};

async function hold(tx: Tx, holding: Holding): Promise<Reserved | Refused> {
  const { asked, member, offer } = holding;
  const { memberId, shopifyCustomerId: customerId } = member;
  const reservation = await (holding.earlier === null ? open(tx, holding) : reopen(tx, holding, holding.earlier));
  // An earlier try under this key was for other terms than those of today.
  if (reservation === null) return { kind: 'refused', memberId, reason: 'not-offered' };
  await changeHeld(tx, { memberId, unit: offer.reward.unit, by: offer.reward.cost });
  await noteRedemption(tx, { memberId, at: holding.at });
  await touchPasses(tx, [memberId]);
  const claim = asked.approvedBy === null ? asked.claim : { claim: asked.claim, approvedBy: asked.approvedBy };
  await noteReservation(tx, reservation, { actor: asked.actor, action: 'reward.reserve', claim });
  return { kind: 'reserved', reservation, customerId, rewardName: offer.reward.name };
}

const endOf = ({ asked, at }: Holding) => new Date(at.getTime() + asked.holdMinutes * minuteMs);

async function open(tx: Tx, holding: Holding): Promise<Reservation | null> {
  const { asked, member, offer, inputsHash, at } = holding;
  const { reward, version } = offer;
  const { unit, cost, benefit } = reward;
  const { channel, locationId, cart, staff, idempotencyKey } = asked;
  const reservationId = newId<ReservationId>();
  await insertReservation(tx, {
    reservationId, memberId: member.memberId, programId: member.programId, ruleVersionId: version.versionId,
    rewardId: reward.id, unit, cost, channel, locationId, cart, staff, idempotencyKey, inputsHash, benefit,
    discountCode: isDiscount(benefit) ? newCode() : null, createdAt: at, expiresAt: endOf(holding),
  }); // prettier-ignore
  return findReservation(tx, reservationId);
}

async function reopen(tx: Tx, holding: Holding, earlier: Reservation): Promise<Reservation | null> {
  const { unit, cost, benefit } = holding.offer.reward;
  const { reservationId } = earlier;
  if (earlier.unit !== unit || earlier.cost !== cost || !isDiscount(benefit)) return null;
  const fresh = { discountCode: newCode(), createdAt: holding.at, expiresAt: endOf(holding) };
  return (await reopenReservation(tx, reservationId, fresh)) ? findReservation(tx, reservationId) : null;
}

/** The discount of this one could not be made, so it may be tried again under its key. */
function isGivenUpEarly({ state, discountCode, discountId, committedAt }: Reservation): boolean {
  return state === 'released' && discountCode !== null && discountId === null && committedAt === null;
}

function newCode(): string {
  return (
    discountCodePrefix +
    [...randomBytes(codeLength)].map((byte) => codeAlphabet.charAt(byte % codeAlphabet.length)).join('')
  );
}

/** Leaves an audit record of what was done with a reservation. */
export async function noteReservation(
  tx: Tx,
  { memberId, reservationId, rewardId }: Reservation,
  done: { actor: string; action: string; claim: unknown },
): Promise<void> {
  await appendAudit(tx, {
    actor: done.actor,
    action: done.action,
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ reservationId, claim: done.claim }),
    reason: rewardId,
    occurredAt: now(),
  });
}
