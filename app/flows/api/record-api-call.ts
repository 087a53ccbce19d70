/** Every call of an integrator is noted before it is answered: without the note there is no answer. */
import { type ApiCallRecord, insertApiCall } from '#app/data/shops/api-calls.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Notes a call. Throws `Unavailable` when it cannot. A repeated call is noted again. */
export async function recordApiCall({
  shopId,
  ...call
}: Omit<ApiCallRecord, 'calledAt'> & { shopId: ShopId }): Promise<void> {
  await withShop(shopId, (tx) => insertApiCall(tx, { ...call, calledAt: now() }));
}
