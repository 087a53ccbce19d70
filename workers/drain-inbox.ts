/** The drainer: deliveries are settled as soon as they are in, in batches, several shops at a time. */
import { listDueShops } from '#app/flows/orders/list-due-shops.ts';
import { batchMax, settleOrders } from '#app/flows/orders/settle-orders.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type Repeater, startRepeater } from '#workers/repeater.ts';

/** While some batches wait for the disk at their commit, others are worked out: four keep two cores busy. */
const batchesAtOnce = 4;
/** A busy shop is drained by two at once: they lock different deliveries. Where one waits for a lock, two are enough to. */
const perShopMax = 2;
/** Notifications wake the drainer within milliseconds; this finds what a lost one would have told. */
const idleMs = 1_000;

/** Starts draining. `onSettled` is told when a batch has left work in the outbox. */
export function startDrainer(onSettled: () => void): Repeater {
  const turns = openTurns();
  const work = async (): Promise<'more' | 'done'> => {
    const shopId = await turns.next();
    if (shopId === undefined) return 'done';
    let taken = 0;
    try {
      // One batch per shop and turn: a busy shop does not make the others wait.
      taken = await settleOrders({ shopId });
    } finally {
      turns.end(shopId, { isMore: taken === batchMax });
    }
    if (taken > 0) onSettled();
    // What is due and cannot be taken is in another worker's hands: asking for it at once again would not bring it sooner.
    return taken > 0 || turns.isOpen() ? 'more' : 'done';
  };
  // Each on its own: a batch that has to wait holds up nobody else's.
  const repeaters = Array.from({ length: batchesAtOnce }, () => startRepeater('drainer', { idleMs, work }));
  return {
    wake: () => {
      for (const repeater of repeaters) repeater.wake();
    },
    stop: async () => {
      await Promise.all(repeaters.map((repeater) => repeater.stop()));
    },
  };
}

type Turns = {
  next: () => Promise<ShopId | undefined>;
  end: (shopId: ShopId, left: { isMore: boolean }) => void;
  /** Whether somebody waits whose turn it could be. */
  isOpen: () => boolean;
};

/** Whose turn it is: each due shop once before any has another, and a shop of which a batch is under way after the others. */
function openTurns(): Turns {
  let due: ShopId[] = [];
  let looking: Promise<void> | undefined;
  const underWay: ShopId[] = [];

  const look = async (): Promise<void> => {
    try {
      due = await listDueShops();
    } finally {
      looking = undefined;
    }
  };
  const countOf = (shopId: ShopId): number => underWay.filter((one) => one === shopId).length;
  const take = (isFree: (shopId: ShopId) => boolean): ShopId | undefined => {
    const index = due.findIndex(isFree);
    return index < 0 ? undefined : due.splice(index, 1)[0];
  };
  /** A second batch of a shop only while nobody else has one under way: what may wait takes half of the hands at most. */
  const choose = (): ShopId | undefined =>
    take((shopId) => countOf(shopId) === 0) ??
    take((shopId) => countOf(shopId) < perShopMax && underWay.every((one) => one === shopId));

  return {
    next: async () => {
      let shopId = choose();
      if (shopId === undefined) {
        await (looking ??= look());
        shopId = choose();
      }
      if (shopId !== undefined) underWay.push(shopId);
      return shopId;
    },
    end: (shopId, { isMore }) => {
      underWay.splice(underWay.indexOf(shopId), 1);
      if (isMore && !due.includes(shopId)) due.push(shopId);
    },
    isOpen: () => due.some((shopId) => !underWay.includes(shopId)),
  };
}
