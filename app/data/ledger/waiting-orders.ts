/** Orders that are settled though nothing is told of them: who they belong to has become known, or may have changed. */
import { settleEvents } from '#app/data/ledger/events.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { findUnclaimedOrders } from '#app/data/orders/orders.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';

const claimedOrdersMax = 50;
/** A restriction is short, and few are merged: more orders than these nobody has made meanwhile. */
const waitingOrdersMax = 500;

/** Gives a new member the recent orders that came before we knew whose they were. Safe to repeat. */
export function claimOrders(tx: Tx, customerId: string): Promise<void> {
  return settleWaiting(tx, customerId, claimedOrdersMax);
}

/** Orders that nobody has yet are given to whom they would have belonged from the start. Safe to repeat. */
export function countWaiting(tx: Tx, customerId: string): Promise<void> {
  return settleWaiting(tx, customerId, waitingOrdersMax);
}

async function settleWaiting(tx: Tx, customerId: string, ordersMax: number): Promise<void> {
  await settleAnew(tx, await findUnclaimedOrders(tx, customerId, ordersMax));
}

/** No member is named with them: until they are locked they may come to name another customer. */
export async function settleAnew(
  tx: Tx,
  orderIds: string[],
  { isReopened }: { isReopened?: true } = {},
): Promise<void> {
  await settleOrders(
    tx,
    orderIds.map((orderId) => ({ orderId, news: null, memberId: null, ...(isReopened && { isReopened }) })),
    now(),
  );
}

/**
 * What a member has done since an instant is counted anew, because it was not known then what they had done before. Rules that
 * look back take all of a history together, so one order or event of it is enough.
 */
export async function countSince(tx: Tx, memberId: MemberId, since: Date): Promise<void> {
  const [order] = await tx.query<{ order_id: string }>(
    'select order_id from order_state where shop_id = $1 and member_id = $2 and processed_at >= $3 order by order_id limit 1',
    [tx.shopId, memberId, since],
  );
  if (order !== undefined) return settleAnew(tx, [order.order_id]);
  const [event] = await tx.query<{ id: string }>(
    'select id from member_event where shop_id = $1 and member_id = $2 and occurred_at >= $3 order by id limit 1',
    [tx.shopId, memberId, since],
  );
  if (event !== undefined) await settleEvents(tx, { memberId, eventIds: [event.id], at: now() });
}
