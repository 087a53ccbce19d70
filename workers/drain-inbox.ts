/** The drainer: deliveries are settled as soon as they are in, in batches, several shops at a time. */
import { listDueShops } from '#app/flows/orders/list-due-shops.ts';
import { batchMax, settleOrders } from '#app/flows/orders/settle-orders.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type Repeater, startRepeater } from '#workers/repeater.ts';

/** While some batches wait for the disk at their commit, others are worked out: four keep two cores busy. */
const shopsAtOnce = 4;
/** Notifications wake the drainer within milliseconds; this finds what a lost one would have told. */
const idleMs = 1_000;

/** Starts draining. `onSettled` is told when a batch has left work in the outbox. */
export function startDrainer(onSettled: () => void): Repeater {
  const drainShops = async (shops: ShopId[]): Promise<void> => {
    for (let shopId = shops.shift(); shopId !== undefined; shopId = shops.shift()) {
      // One batch per shop and turn: a busy shop does not make the others wait.
      const taken = await settleOrders({ shopId });
      if (taken > 0) onSettled();
      if (taken === batchMax) shops.push(shopId);
    }
  };
  return startRepeater('drainer', {
    idleMs,
    work: async () => {
      const shops = await listDueShops();
      if (shops.length === 0) return 'done';
      // A single busy shop is drained by two at once as well: they lock different deliveries.
      const queue = shops.length === 1 ? [...shops, ...shops] : shops;
      await Promise.all(Array.from({ length: shopsAtOnce }, () => drainShops(queue)));
      return 'more';
    },
  });
}
