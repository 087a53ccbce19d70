/** A card is scanned at the till. */
import { findMemberByCard } from '#app/data/members/members.ts';
import { verifiedCardId } from '#app/data/cards/card-codes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/**
 * The member behind a scanned code. Throws `NotFound` for codes this shop did not sign, whatever they are, and for members
 * who are gone: from outside they all look the same.
 */
export async function findCardMember(scan: { shopId: ShopId; code: string }): Promise<MemberId> {
  const member = await withShop(scan.shopId, async (tx) => {
    const cardId = verifiedCardId(await readShopKeys(tx), scan.code.trim());
    return cardId === null ? null : findMemberByCard(tx, cardId);
  });
  if (member === null) throw new NotFound('member-not-found', 'A scanned code belongs to no member of the shop');
  return member.memberId;
}
