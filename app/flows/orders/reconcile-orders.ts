/**
 * Comparing what we know of a shop's orders with what Shopify says. Deliveries can stay away for good; an order that
 * changed there and not here is asked for again, and settles like any other.
 */
import {
  findOutdatedOrders,
  findUnlinkedOrders,
  noteProgress,
  resumeRun,
  type ReconciliationRun,
} from '#app/data/orders/reconciliation.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { listChangedOrders } from '#app/gateways/shopify-order-list.ts';
import { refreshGrant } from '#app/gateways/shopify.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Shopify shows an app the orders of its last 60 days. */
const firstReachMs = 60 * 86_400_000;
/** Orders that changed just now may still be on their way to us. */
const quietMs = 2 * 60_000;
const overlapMs = 10 * 60_000;
const linkedPerRunMax = 500;
/** 1,000 × 250 orders; what is left is the next run's. */
const pagesMax = 1_000;

/**
 * Compares the orders that changed since the last run and asks again for those that are behind; also gives orders to
 * members who joined in the very moment the order settled. Goes on where a run was cut off. Safe to repeat. Answers how
 * many orders were looked at and asked for. Throws `Unavailable` to be tried again.
 */
export async function reconcileOrders({
  shopId,
}: {
  shopId: ShopId;
}): Promise<{ compared: number; askedAgain: number }> {
  const at = now();
  const linked = await linkOrders(shopId, at);
  let run = await withShop(shopId, (tx) =>
    resumeRun(tx, {
      first: new Date(at.getTime() - firstReachMs),
      until: new Date(at.getTime() - quietMs),
      overlapMs,
    }),
  );
  const total = { compared: 0, askedAgain: 0 };
  for (let page = 0; page < pagesMax; page += 1) {
    const done = await comparePage(shopId, run, page === 0 ? linked : 0);
    if (done === null) break;
    total.compared += done.compared;
    total.askedAgain += done.askedAgain;
    if (done.next === null) break;
    run = { ...run, pageCursor: done.next };
  }
  return total;
}

async function linkOrders(shopId: ShopId, at: Date): Promise<number> {
  return withShop(shopId, async (tx) => {
    const orderIds = await findUnlinkedOrders(tx, linkedPerRunMax);
    await settleOrders(
      tx,
      orderIds.map((orderId) => ({ orderId, news: null, memberId: null })),
      at,
    );
    return orderIds.length;
  });
}

/** Null for a shop we may not ask any more. */
async function comparePage(
  shopId: ShopId,
  run: ReconciliationRun,
  linked: number,
): Promise<{ compared: number; askedAgain: number; next: string | null } | null> {
  const listed = await withAccessToken(shopId, refreshGrant, (caller) =>
    listChangedOrders(caller, { from: run.from, until: run.until, after: run.pageCursor }),
  ).catch((error: unknown) => {
    if (error instanceof Forbidden) return null;
    throw error;
  });
  if (listed === null) return null;
  return withShop(shopId, async (tx) => {
    const outdated = await findOutdatedOrders(tx, listed.orders);
    await addToOutbox(
      tx,
      outdated.map((orderId) => ({ job: 'refetch-order', payload: { shopId, orderId } })),
    );
    const done = { compared: listed.orders.length, askedAgain: outdated.length, next: listed.next };
    await noteProgress(tx, { ...done, linked, at: now() });
    return done;
  });
}
