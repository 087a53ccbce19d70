/** A reward is reserved for a sale that is going on: at a till, online, or by somebody else's point of sale. */
import { isUniqueViolation } from '#app/data/database.ts';
import { keyMismatch, reserve, type RewardRequest } from '#app/data/ledger/reserving.ts';
import { carryByDiscount } from '#app/data/ledger/reward-discounts.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { RewardRefusal } from '#app/domain/programs/reward-gates.ts';
import { discountMeans } from '#app/gateways/shopify-benefits.ts';
import type { MemberId, ReservationId, ShopId } from '#app/lib/ids.ts';

export type ReservedReward =
  | {
      kind: 'reserved';
      memberId: MemberId;
      reservationId: ReservationId;
      /** As it is by now: a call that is repeated late may find it spent or released. */
      state: 'reserved' | 'committed' | 'released';
      /** Null for what no code carries: money, and what staff hands over. */
      discountCode: string | null;
      expiresAt: Date;
    }
  | { kind: 'refused'; memberId: MemberId; reason: RewardRefusal | 'not-offered' };

/**
 * Reserves once per idempotency key: the same call again answers the same reservation, and one whose discount could not
 * be made may be tried again. Throws `NotFound` for an unknown member, `Conflict` when the key was used for something
 * else or Shopify refuses the discount, `InvalidInput` for a time out of bounds, `Unavailable` when Shopify does not
 * make the discount: nothing is held then.
 */
export async function reserveReward({ shopId, ...asked }: RewardRequest & { shopId: ShopId }): Promise<ReservedReward> {
  const outcome = await withShop(shopId, (tx) => reserve(tx, asked)).catch((error: unknown) => {
    if (!isUniqueViolation(error, 'reservation_shop_id_idempotency_key_key')) throw error;
    throw keyMismatch(error);
  });
  if (outcome.kind === 'refused') return outcome;
  await carryByDiscount(shopId, { ...outcome, actor: asked.actor }, discountMeans);
  const { memberId, reservationId, state, discountCode, expiresAt } = outcome.reservation;
  return { kind: 'reserved', memberId, reservationId, state, discountCode, expiresAt };
}
