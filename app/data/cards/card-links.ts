/** Opening shoppers' signed links: the link names its shop, the shop's key decides whether it is genuine. */
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { isLinkSigned, type LinkPurpose, readLinkClaims } from '#app/lib/signed-link.ts';

const refusals = {
  'link-invalid': 'This link is not valid. Please open the card from your e-mail or wallet again.',
  'link-expired': 'This link is too old. The link on the back of the card in your wallet always works.',
  'link-replaced': 'This link belongs to a card that was replaced. Please ask the shop for the link of the new card.',
} as const;

type LinkRefusal = keyof typeof refusals;

function refusal(code: LinkRefusal): Forbidden {
  return new Forbidden(code, 'A card link was refused', { publicMessage: refusals[code] });
}

/**
 * Whom a card link belongs to. Throws `Forbidden` `link-invalid`, `link-expired` or `link-replaced`: it was changed, or
 * its shop or member is gone; it is over; it is of a card that was replaced.
 */
export async function openCardLink(token: string, at: Date): Promise<LinkOwner> {
  return openMemberLink(token, { purpose: 'card', at });
}

export type LinkOwner = { shopId: ShopId; memberId: MemberId };
type Opening = { purpose: LinkPurpose; at: Date };

/** Whom a link for another page of the card's owner belongs to. Throws as `openCardLink` does. */
export async function openMemberLink(token: string, { purpose, at }: Opening): Promise<LinkOwner> {
  const claims = readLinkClaims(token);
  if (claims === null) throw refusal('link-invalid');
  const shopId = claims.shopId as ShopId;
  const memberId = claims.subjectId as MemberId;
  const found = await readSignature({ shopId, memberId }, { token, purpose });
  if (found !== 'current') throw refusal(found === 'replaced' ? 'link-replaced' : 'link-invalid');
  if (claims.expiresAt <= at) throw refusal('link-expired');
  return { shopId, memberId };
}

/** Which of the member's cards the link was signed for, if any. */
async function readSignature(
  { shopId, memberId }: LinkOwner,
  { token, purpose }: { token: string; purpose: LinkPurpose },
): Promise<'current' | 'replaced' | 'none'> {
  return withShop(shopId, async (tx) => {
    const keys = await findShopKeys(tx);
    if (keys === null) return 'none';
    const [member] = await tx.query<{ generation: number }>(
      "select card_generation as generation from member where shop_id = $1 and id = $2 and state <> 'erased'",
      [shopId, memberId],
    );
    if (member === undefined) return 'none';
    const isOf = (generation: number) => isLinkSigned(keys, purpose, { token, generation });
    if (isOf(member.generation)) return 'current';
    const earlier = Array.from({ length: member.generation }, (_, generation) => generation);
    return earlier.some((generation) => isOf(generation)) ? 'replaced' : 'none';
  });
}

/**
 * What a link of one purpose leads to that knows no generations: links in mails, which are about one request. Throws
 * `Forbidden` `link-invalid` or `link-expired`.
 */
export async function openPlainLink(
  token: string,
  { purpose, at }: Opening,
): Promise<{ shopId: ShopId; subjectId: string }> {
  const claims = readLinkClaims(token);
  if (claims === null) throw refusal('link-invalid');
  const shopId = claims.shopId as ShopId;
  const keys = await withShop(shopId, (tx) => findShopKeys(tx));
  if (keys === null || !isLinkSigned(keys, purpose, { token, generation: 0 })) throw refusal('link-invalid');
  if (claims.expiresAt <= at) throw refusal('link-expired');
  return { shopId, subjectId: claims.subjectId };
}
