/** A member redeems a reward at the till in one tap: held for the sale by a code, or handed over at once. */
import { isUniqueViolation } from '#app/data/database.ts';
import { type BenefitOutcome, readBenefitOutcome, tryBenefit } from '#app/data/ledger/benefits.ts';
import type { TillClaim } from '#app/data/ledger/hand-entries.ts';
import { commitHeld } from '#app/data/ledger/redemption.ts';
import { keyMismatch, type Refused, reserve, type Reserved } from '#app/data/ledger/reserving.ts';
import { carryByDiscount } from '#app/data/ledger/reward-discounts.ts';
import { demandOpenTill } from '#app/data/security/open-till.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { isDiscount } from '#app/domain/programs/reward-gates.ts';
import { discountMeans, moneyMeans } from '#app/gateways/shopify-benefits.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, Forbidden, Unavailable } from '#app/lib/errors.ts';
import type { MemberId, ReservationId, ShopId } from '#app/lib/ids.ts';

export type Redemption = {
  shopId: ShopId;
  memberId: string;
  rewardId: string;
  idempotencyKey: string;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  claim: TillClaim;
  /** The manager who agreed, as 'staff:<Shopify user id>'; null when nobody was asked. */
  approvedBy: string | null;
};

export type Redeemed = {
  memberId: MemberId;
  reservationId: ReservationId;
  /** Null when no code carries the reward. */
  discountCode: string | null;
  expiresAt: Date;
  benefit: BenefitOutcome;
};

/** A sale at the till takes minutes; after this the value is the member's again. */
const heldMinutes = 15;

/** What the person at the till reads when a reward cannot be had. */
const refusals: Record<Refused['reason'], { code: string; publicMessage: string }> = {
  frozen: { code: 'card-frozen', publicMessage: 'This card is frozen.' },
  'not-enough': { code: 'insufficient-balance', publicMessage: 'There is not enough on this card for the reward.' },
  'not-offered': { code: 'reward-unavailable', publicMessage: 'This reward is not offered.' },
  channel: { code: 'reward-unavailable', publicMessage: 'This reward is not offered here.' },
  'not-now': { code: 'reward-unavailable', publicMessage: 'This reward is not offered at this time.' },
  tier: { code: 'reward-unavailable', publicMessage: 'This reward is for members of another tier.' },
  limit: { code: 'reward-unavailable', publicMessage: 'This member has had the reward as often as it is given.' },
  stock: { code: 'reward-unavailable', publicMessage: 'This reward has run out.' },
  paused: {
    code: 'redemptions-paused',
    publicMessage: 'Rewards are paused for the moment. Nothing is lost: stamps and points stay on the card.',
  },
  challenge: {
    code: 'redemption-challenged',
    publicMessage: 'Please check who this is. A manager can then allow it on the Security page.',
  },
};

/**
 * Redeems once per idempotency key: the same call again answers as the first time, and one that failed may be tried again.
 * Throws `NotFound`; `Conflict` when the reward cannot be had, or the key was used for something else; `Forbidden`
 * 'step_up_required' when a manager has to agree first; `Unavailable` when
 * Shopify does not make the discount: nothing is held then.
 */
export async function redeemReward(asked: Redemption): Promise<Redeemed> {
  const { shopId, actor } = asked;
  const outcome = await withShop(shopId, (tx) => redeem(tx, asked)).catch((error: unknown) => {
    if (!isUniqueViolation(error, 'reservation_shop_id_idempotency_key_key')) throw error;
    throw keyMismatch(error);
  });
  if (outcome.kind === 'refused') {
    const { code, publicMessage } = refusals[outcome.reason];
    throw new Conflict(code, `The reward cannot be had: ${outcome.reason}`, { publicMessage });
  }
  const { memberId, reservationId, discountCode, expiresAt } = outcome.reservation;
  await carryByDiscount(shopId, { ...outcome, actor }, discountMeans);
  // Not known to have arrived is not lost: the job gives it.
  await tryBenefit(shopId, reservationId, moneyMeans).catch((error: unknown) => {
    if (!(error instanceof Unavailable) && !(error instanceof Forbidden)) throw error;
  });
  const benefit = await withShop(shopId, (tx) => readBenefitOutcome(tx, reservationId));
  if (benefit.state === 'refused')
    throw new Conflict('reward-unavailable', 'Shopify refused the benefit', {
      publicMessage: 'Shopify does not give this reward. Nothing was taken from the card.',
    });
  return { memberId, reservationId, discountCode, expiresAt, benefit };
}

async function redeem(tx: Tx, asked: Redemption): Promise<Reserved | Refused> {
  const { memberId, rewardId, idempotencyKey, actor, claim, approvedBy } = asked;
  const { locationId, staffMemberId: staff } = claim;
  await demandOpenTill(tx, { actor, locationId: null, at: now() });
  const place = { channel: 'pos' as const, locationId, cart: null, staff, holdMinutes: heldMinutes };
  const outcome = await reserve(tx, { ...place, memberId, rewardId, idempotencyKey, actor, claim, approvedBy });
  if (outcome.kind === 'refused' || isDiscount(outcome.reservation.benefit)) return outcome;
  // Nothing is left to wait for. A repeated call finds it spent already.
  if (outcome.reservation.state === 'reserved')
    await commitHeld(tx, { reservation: outcome.reservation, orderId: null, actor, at: now() });
  return outcome;
}
