/** Opening shoppers' signed links: the link names its shop, the shop's key decides whether it is genuine. */
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { isLinkSigned, readLinkClaims } from '#app/lib/signed-link.ts';

/** Whom a card link belongs to. Throws `Forbidden` when it was changed, is over, or its shop or member is gone. */
export async function openCardLink(token: string, at: Date): Promise<{ shopId: ShopId; memberId: MemberId }> {
  const claims = readLinkClaims(token);
  const refusal = (code: string, publicMessage: string) =>
    new Forbidden(code, 'A card link was refused', { publicMessage });
  if (claims === null)
    throw refusal('link-invalid', 'This link is not valid. Please open the card from your e-mail or wallet again.');
  const shopId = claims.shopId as ShopId;
  const memberId = claims.subjectId as MemberId;
  const isGenuine = await withShop(shopId, async (tx) => {
    const keys = await findShopKeys(tx);
    if (keys === null || !isLinkSigned(keys, 'card', token)) return false;
    const rows = await tx.query("select 1 as one from member where shop_id = $1 and id = $2 and state <> 'erased'", [
      shopId,
      memberId,
    ]);
    return rows.length === 1;
  });
  if (!isGenuine)
    throw refusal('link-invalid', 'This link is not valid. Please open the card from your e-mail or wallet again.');
  if (claims.expiresAt <= at)
    throw refusal('link-expired', 'This link is too old. Please join again to get a new one.');
  return { shopId, memberId };
}
