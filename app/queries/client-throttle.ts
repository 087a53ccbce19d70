/** Whether an API client is slowed down because of what it did. */
import { readControls } from '#app/data/security/controls.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Enough to go on working by hand, far too little to guess. */
export const throttledPerSecond = 1;

/** Asked with every call: what was heard a moment ago still holds. */
const rememberedMs = 1_000;
const rememberedMax = 10_000;
const remembered = new Map<string, { isThrottled: boolean; untilMs: number }>();

/** As of a second ago at most. */
export async function isClientThrottled(shopId: ShopId, clientId: string): Promise<boolean> {
  const known = remembered.get(clientId);
  if (known !== undefined && known.untilMs > performance.now()) return known.isThrottled;
  const controls = await withShop(shopId, (tx) => readControls(tx, { subjects: [`api:${clientId}`], at: now() }));
  const isThrottled = controls.some(({ kind }) => kind === 'throttle-client');
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(clientId, { isThrottled, untilMs: performance.now() + rememberedMs });
  return isThrottled;
}
