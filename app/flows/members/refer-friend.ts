/** A member wants to bring a friend. */
import { ensureReferralCode } from '#app/data/members/referrals.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** The code a friend joins with: made at first asking, the same ever after. Throws `NotFound`. */
export async function referFriend(asked: { shopId: ShopId; memberId: string }): Promise<{ code: string }> {
  return withShop(asked.shopId, async (tx) => ({ code: await ensureReferralCode(tx, asked.memberId) }));
}
