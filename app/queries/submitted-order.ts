/** An order of another point of sale, and what is booked for it. */
import type { OrderRecord } from '#app/contracts/api-orders.ts';
import { findOrder } from '#app/data/orders/orders.ts';
import { withShop } from '#app/data/tenancy.ts';
import { apiOrderId } from '#app/domain/orders/order-ids.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** As it is by now. Throws `NotFound` for one that this client did not submit. */
export async function submittedOrder(
  shopId: ShopId,
  named: { clientId: string; externalId: string },
): Promise<OrderRecord> {
  const orderId = apiOrderId(named);
  const order = await withShop(shopId, (tx) => findOrder(tx, orderId));
  const latest = order?.state.latest ?? null;
  if (order === null || latest === null) throw new NotFound('order-not-found', 'The client submitted no such order');
  return {
    orderId,
    externalId: named.externalId,
    memberId: order.memberId,
    updatedAt: latest.updatedAt,
    isSettled: !order.needsFetch,
    booked: Object.entries(order.booked).flatMap(([unit, amount]) => (amount === 0 ? [] : [{ unit, amount }])),
  };
}
