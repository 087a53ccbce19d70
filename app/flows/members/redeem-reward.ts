/** A member redeems a reward at the till: held for one sale, carried by a discount code, or handed over at once. */
import { randomBytes } from 'node:crypto';

import { discountCodePrefix } from '#app/contracts/shopify-order.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import type { TillClaim } from '#app/data/ledger/hand-entries.ts';
import { changeHeld, lockBalances } from '#app/data/ledger/ledger.ts';
import { lockMember, type Member } from '#app/data/members/members.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { commitReservation, lockAvailable, releaseReservation } from '#app/data/ledger/redemption.ts';
import {
  findReservation,
  findReservationByKey,
  insertReservation,
  reopenReservation,
  type Reservation,
  writeDiscountId,
} from '#app/data/ledger/reservations.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import { createDiscountCode, type DiscountBenefit } from '#app/gateways/shopify-discounts.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { clockOffsetMs, now } from '#app/lib/clock.ts';
import { Conflict, NotFound, Rejected, Unavailable } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { type MemberId, newId, type ReservationId, type ShopId } from '#app/lib/ids.ts';

export type Redemption = {
  shopId: ShopId;
  memberId: string;
  rewardId: string;
  idempotencyKey: string;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  claim: TillClaim;
};

export type Redeemed = {
  memberId: MemberId;
  reservationId: ReservationId;
  /** Null when staff hands the reward over. */
  discountCode: string | null;
  expiresAt: Date;
};

type Held = { reservation: Reservation; reward: Reward | null; customerId: string | null };

/** A sale at the till takes minutes; after this the value is the member's again. */
const reservedMs = 15 * 60_000;
const codeLength = 12;
/** No letters that look like digits: a code may have to be typed. */
const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Redeems once per idempotency key: the same call again answers as the first time, and one that failed may be tried again.
 * Throws `NotFound`; `Conflict` when the card is frozen, the balance does not reach, the reward is not offered (any more),
 * or the key was used for something else; `Unavailable` when Shopify does not make the discount: nothing is held then.
 */
export async function redeemReward(asked: Redemption): Promise<Redeemed> {
  const held = await withShop(asked.shopId, (tx) => reserve(tx, asked)).catch((error: unknown) => {
    if (!isUniqueViolation(error, 'reservation_shop_id_idempotency_key_key')) throw error;
    throw keyReused(error);
  });
  const { reservation, reward } = held;
  const needsDiscount = reservation.state === 'reserved' && reservation.discountId === null;
  if (needsDiscount && reward !== null && reward.benefit.kind !== 'custom')
    await makeDiscount(asked, { ...held, reward }, reward.benefit);
  return {
    memberId: reservation.memberId,
    reservationId: reservation.reservationId,
    discountCode: reservation.discountCode,
    expiresAt: reservation.expiresAt,
  };
}

const keyReused = (cause?: unknown) =>
  new Conflict('idempotency-key-reused', 'The idempotency key was used for another redemption', { cause });

async function reserve(tx: Tx, asked: Redemption): Promise<Held> {
  const member = await lockMember(tx, asked.memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const customerId = member.shopifyCustomerId;
  const inputsHash = fingerprint({ memberId: member.memberId, rewardId: asked.rewardId });
  const earlier = await findReservationByKey(tx, asked.idempotencyKey);
  if (earlier !== null && !earlier.inputsHash.equals(inputsHash)) throw keyReused();
  const reward = await findReward(tx, member, asked.rewardId);
  if (earlier !== null && !isGivenUpEarly(earlier)) return { reservation: earlier, reward, customerId };
  if (member.state === 'frozen') throw new Conflict('card-frozen', 'The card is frozen');
  if (reward === null) throw new Conflict('reward-unavailable', 'The reward is not offered');
  const reservation = await hold(tx, { asked, member, reward, inputsHash, earlier });
  if (reward.benefit.kind === 'custom')
    await commitReservation(tx, { reservation, orderId: null, actor: asked.actor, at: now() });
  await touchPasses(tx, [member.memberId]);
  await note(tx, asked, reservation, 'reward.redeem');
  return { reservation, reward, customerId };
}

type Holding = { asked: Redemption; member: Member; reward: Reward; inputsHash: Buffer; earlier: Reservation | null };

async function hold(tx: Tx, { asked, member, reward, inputsHash, earlier }: Holding): Promise<Reservation> {
  const { memberId } = member;
  const { unit, cost } = reward;
  const available = await lockAvailable(tx, { memberId, unit });
  if (available < cost) throw new Conflict('insufficient-balance', 'The balance does not reach');
  await changeHeld(tx, { memberId, unit, by: cost });
  const at = now();
  const fresh = { createdAt: at, expiresAt: new Date(at.getTime() + reservedMs) };
  if (earlier === null) {
    const discountCode = reward.benefit.kind === 'custom' ? null : newCode();
    const reservation = newReservation({ asked, member, reward, inputsHash, fresh: { ...fresh, discountCode } });
    await insertReservation(tx, reservation);
    return reservation;
  }
  const again = { ...fresh, discountCode: newCode() };
  const isSame = earlier.unit === unit && earlier.cost === cost && reward.benefit.kind !== 'custom';
  if (!isSame || !(await reopenReservation(tx, earlier.reservationId, again)))
    throw new Conflict('reward-unavailable', 'The reward changed since');
  return { ...earlier, ...again, state: 'reserved' };
}

/** The discount of this one could not be made, so it may be tried again under its key. */
function isGivenUpEarly(reservation: Reservation): boolean {
  return reservation.state === 'released' && reservation.discountCode !== null && reservation.discountId === null;
}

async function findReward(tx: Tx, member: Member, rewardId: string): Promise<Reward | null> {
  const version = await newestRuleVersion(tx, member.programId);
  const reward = version?.document.rewards.find((candidate) => candidate.id === rewardId) ?? null;
  if (reward?.benefit.kind !== 'amount-off') return reward;
  // Shopify takes amounts in the shop's currency alone.
  const { currency } = await readShop(tx);
  return currency === null || currency === reward.benefit.currency ? reward : null;
}

type Making = {
  asked: Redemption;
  member: Member;
  reward: Reward;
  inputsHash: Buffer;
  fresh: Pick<Reservation, 'discountCode' | 'createdAt' | 'expiresAt'>;
};

function newReservation({ asked, member, reward, inputsHash, fresh }: Making): Reservation {
  return {
    ...fresh,
    reservationId: newId<ReservationId>(),
    memberId: member.memberId,
    programId: member.programId,
    rewardId: reward.id,
    unit: reward.unit,
    cost: reward.cost,
    state: 'reserved',
    channel: 'pos',
    idempotencyKey: asked.idempotencyKey,
    inputsHash,
    discountId: null,
    orderId: null,
    entryId: null,
  };
}

function newCode(): string {
  return (
    discountCodePrefix +
    [...randomBytes(codeLength)].map((byte) => codeAlphabet.charAt(byte % codeAlphabet.length)).join('')
  );
}

async function note(
  tx: Tx,
  asked: Redemption,
  { memberId, reservationId }: Reservation,
  action: string,
): Promise<void> {
  await appendAudit(tx, {
    actor: asked.actor,
    action,
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ reservationId, claim: asked.claim }),
    reason: asked.rewardId,
    occurredAt: now(),
  });
}

async function makeDiscount(
  asked: Redemption,
  held: Held & { reward: Reward },
  benefit: DiscountBenefit,
): Promise<void> {
  const { reservation, reward, customerId } = held;
  const { reservationId, discountCode } = reservation;
  if (discountCode === null) return;
  const endsAt = new Date(reservation.expiresAt.getTime() - clockOffsetMs());
  const title = `${reward.name} (${discountCode})`;
  try {
    const { discountId } = await withAccessToken(asked.shopId, refreshGrant, (caller) =>
      createDiscountCode(caller, { code: discountCode, title, benefit, customerId, endsAt }),
    );
    await withShop(asked.shopId, (tx) => writeDiscountId(tx, reservationId, discountId));
  } catch (error) {
    await giveUp(asked, reservation);
    if (error instanceof Rejected)
      throw new Conflict('reward-unavailable', 'Shopify refused the discount', { cause: error });
    throw new Unavailable('discount-not-made', 'The discount could not be made in Shopify', { cause: error });
  }
}

async function giveUp(asked: Redemption, { memberId, reservationId }: Reservation): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    await lockMember(tx, memberId);
    await lockBalances(tx, [memberId]);
    const reservation = await findReservation(tx, reservationId);
    // The same call made twice at once: the other one may have got its discount.
    if (reservation === null || reservation.discountId !== null) return;
    if (!(await releaseReservation(tx, reservation, now()))) return;
    // The discount may exist although its answer was lost.
    await enqueue(tx, 'release-discount', { reservationId });
    await touchPasses(tx, [memberId]);
    await note(tx, asked, reservation, 'reward.release');
  });
}
