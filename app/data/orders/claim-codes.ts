/** Receipt codes of orders, signed with the shop's own key. */
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { type ClaimCode, claimTag, claimWindowMs, formatClaimCode, type MacOf } from '#app/domain/orders/claim-code.ts';
import { isShopifyOrderId } from '#app/domain/orders/order-ids.ts';
import { equalBytes, sign, type ShopKeys } from '#app/lib/sealed-box.ts';

const macOf =
  (keys: ShopKeys): MacOf =>
  (text) =>
    sign(keys, 'claim-code', text);

export type OrderClaimCode = { code: string; expiresAt: Date };

/** The code of an order that nobody has yet, or null when there is nothing to claim (any more) at `at`. */
export function claimCodeOf(keys: ShopKeys, order: StoredOrder, at: Date): OrderClaimCode | null {
  const { orderId, latest } = order.state;
  if (latest === null || order.memberId !== null || latest.isTest || latest.cancelledAt !== null) return null;
  // Codes have room for Shopify's numbers alone.
  if (!isShopifyOrderId(orderId)) return null;
  const { processedAt } = latest;
  const expiresAt = claimEndOf(processedAt);
  return at > expiresAt ? null : { code: formatClaimCode({ orderId, processedAt }, macOf(keys)), expiresAt };
}

/** Whether the shop made this code for the order. */
export function isClaimGenuine(keys: ShopKeys, code: ClaimCode, processedAt: string): boolean {
  const expected = claimTag({ orderId: code.orderId, processedAt }, macOf(keys));
  return equalBytes(Buffer.from(expected), Buffer.from(code.tag));
}

/** The last moment at which a sale can be claimed. */
export function claimEndOf(processedAt: string): Date {
  return new Date(Date.parse(processedAt) + claimWindowMs);
}
