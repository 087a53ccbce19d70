/** A member wants to bring a friend. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { ensureReferralCode } from '#app/data/members/referrals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** The code a friend joins with: made at first asking, the same ever after. Throws `NotFound`. */
export async function referFriend(asked: {
  shopId: ShopId;
  memberId: string;
  actor: string;
}): Promise<{ code: string }> {
  return withShop(asked.shopId, async (tx) => {
    const { code, isNew, memberId } = await ensureReferralCode(tx, asked.memberId);
    if (isNew)
      await appendAudit(tx, {
        actor: asked.actor,
        action: 'member.referral-code',
        object: `member:${memberId}`,
        beforeHash: null,
        afterHash: null,
        reason: null,
        occurredAt: now(),
      });
    return { code };
  });
}
