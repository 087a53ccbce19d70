/** Friends whose first order has stood long enough: both sides get what was promised. */
import { findReferralsAbout, settleReferrals as settle } from '#app/data/ledger/referral-settlement.ts';
import { readRules } from '#app/data/ledger/rules-in-force.ts';
import { findDueReferrals } from '#app/data/members/referrals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Each settles two balances and reads a friend's orders. */
const batchMax = 50;

/** Settles all referrals of the shop that are due. Safe to repeat: what is settled is no longer due. */
export async function settleReferrals({ shopId }: { shopId: ShopId }): Promise<void> {
  for (;;) {
    const settled = await withShop(shopId, async (tx) => {
      const at = now();
      const due = await findDueReferrals(tx, at, batchMax);
      const about = await findReferralsAbout(
        tx,
        due.map(({ friendId }) => friendId),
      );
      await settle(tx, about.referrals, { rules: await readRules(tx), at });
      return due.length;
    });
    if (settled < batchMax) return;
  }
}
