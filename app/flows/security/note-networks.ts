/** A member's card page is opened from one more network. Which ones is not said, and not known here. */
import { noteSignal } from '#app/data/security/signals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/** Notes how many there were today by now. Every call counts. */
export async function noteNetworks(seen: { shopId: ShopId; memberId: MemberId; count: number }): Promise<void> {
  const { shopId, memberId, count } = seen;
  await withShop(shopId, (tx) => noteSignal(tx, { kind: 'networks', subject: `member:${memberId}`, count, at: now() }));
}
