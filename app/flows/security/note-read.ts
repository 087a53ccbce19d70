/** Somebody was shown data of members: kept for the day on which it must be known what a lost key could see. */
import { noteWatchedRead } from '#app/data/security/canaries.ts';
import type { MemberRead } from '#app/data/security/member-reads.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Notes one read, and raises the alarm when a trap was among what was read. Every call counts. */
export async function noteRead({ shopId, ...read }: { shopId: ShopId } & Omit<MemberRead, 'at'>): Promise<void> {
  if (read.memberIds.length === 0) return;
  await withShop(shopId, (tx) => noteWatchedRead(tx, { ...read, at: now() }));
}
