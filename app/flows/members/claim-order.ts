/** A guest who became a member claims a sale with the code on its receipt. */
import { claimEndOf, isClaimGenuine } from '#app/data/orders/claim-codes.ts';
import { findOrder, lockClaim, type StoredOrder } from '#app/data/orders/orders.ts';
import { demandUse, readMember } from '#app/data/members/members.ts';
import { areOthers } from '#app/data/members/merged-customers.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { parseClaimCode } from '#app/domain/orders/claim-code.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type ClaimedOrder =
  { kind: 'claimed'; orderId: string } | { kind: 'expired' } | { kind: 'taken' } | { kind: 'unknown' };

type Claim = { shopId: ShopId; code: string; memberId: MemberId; actor: string; at: Date };

/**
 * Gives a sale to a member and books what it earned, dated by the sale. A code is good once, for 30 × 24 hours from the
 * sale; the same member claiming again is answered as before and changes nothing. 'unknown' is a code that is none of this
 * shop's or mistyped, 'taken' an order that is another member's or was made by another customer. Throws `NotFound` for a
 * member who is gone.
 */
export async function claimOrder({ shopId, code, memberId, actor, at }: Claim): Promise<ClaimedOrder> {
  const claimed = parseClaimCode(code);
  return withShop(shopId, async (tx): Promise<ClaimedOrder> => {
    const member = await readMember(tx, memberId);
    demandUse(member);
    if (claimed === null) return { kind: 'unknown' };
    await lockClaim(tx, claimed.orderId);
    const order = await findOrder(tx, claimed.orderId);
    const sale = order?.state.latest ?? null;
    if (order === null || sale === null) return { kind: 'unknown' };
    if (!isClaimGenuine(await readShopKeys(tx), claimed, sale.processedAt)) return { kind: 'unknown' };
    if (isOf(order, member)) return { kind: 'claimed', orderId: claimed.orderId };
    if (order.memberId !== null) return { kind: 'taken' };
    if (await areOthers(tx, sale.customerId, member.shopifyCustomerId)) return { kind: 'taken' };
    if (at > claimEndOf(sale.processedAt)) return { kind: 'expired' };
    return give(tx, { orderId: claimed.orderId, member, actor, at });
  });
}

type Claimer = { memberId: MemberId; foldedInto?: MemberId | null };

/** Whether an order is a member's, or of whom that member was folded into. */
function isOf(order: StoredOrder, { memberId, foldedInto }: Claimer): boolean {
  return order.memberId !== null && [memberId, foldedInto].includes(order.memberId);
}

async function give(
  tx: Tx,
  { orderId, member, actor, at }: { orderId: string; member: Claimer; actor: string; at: Date },
): Promise<ClaimedOrder> {
  await settleOrders(tx, [{ orderId, news: null, memberId: member.memberId, isClaim: true }], at);
  // A message about the order may have told its customer a moment before.
  const order = await findOrder(tx, orderId);
  if (order === null || !isOf(order, member)) return { kind: 'taken' };
  await appendAudit(tx, {
    actor,
    action: 'order.claim',
    object: `order:${orderId}`,
    beforeHash: null,
    afterHash: null,
    reason: null,
    occurredAt: at,
  });
  return { kind: 'claimed', orderId };
}
