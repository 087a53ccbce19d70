/** Somebody asks for many things that do not exist. */
import { noteSignal } from '#app/data/security/signals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Notes so many misses of one subject. Every call counts. */
export async function noteMisses(misses: { shopId: ShopId; subject: string; count: number }): Promise<void> {
  const { shopId, subject, count } = misses;
  await withShop(shopId, (tx) => noteSignal(tx, { kind: 'missing', subject, count, at: now() }));
}
