/** What a guest's receipt says, so that the sale can still be counted. */
import { claimCodeOf, type OrderClaimCode } from '#app/data/orders/claim-codes.ts';
import { findOrder } from '#app/data/orders/orders.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * The claim code of an order and until when it is good; null while the order has not arrived, when it is somebody's already,
 * and when it is too old or counts for nothing.
 */
export async function claimCodeOfOrder(shopId: ShopId, orderId: string, at: Date): Promise<OrderClaimCode | null> {
  return withShop(shopId, async (tx) => {
    const order = await findOrder(tx, orderId);
    const keys = order === null ? null : await findShopKeys(tx);
    return order === null || keys === null ? null : claimCodeOf(keys, order, at);
  });
}
