/** An integrator reads a member's passes. */
import type { MemberPasses } from '#app/contracts/api.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { readLivingMember } from '#app/data/members/members.ts';
import { listPasses, passToken } from '#app/data/cards/passes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * A member's passes and how fresh they are; with `isTokenShown`, Apple passes come with the token that devices prove
 * themselves by. Never writes. Throws `NotFound`, and `Unavailable` without a pass certificate.
 */
export async function listMemberPasses(
  shopId: ShopId,
  memberId: string,
  { isTokenShown }: { isTokenShown: boolean },
): Promise<MemberPasses> {
  return withShop(shopId, async (tx) => {
    const member = await readLivingMember(tx, memberId);
    const keys = await readShopKeys(tx);
    const cardUrl = cardUrlOf(keys, member, now());
    const passes = (await listPasses(tx, [member.memberId])).map((pass): MemberPasses['passes'][number] => {
      const isApple = pass.wallet === 'apple';
      const identifier = isApple ? (pass.passTypeIdentifier ?? platformPassType()) : null;
      return {
        serial: pass.serial,
        wallet: pass.wallet,
        state: pass.state,
        passTypeIdentifier: identifier,
        ...(identifier !== null && isTokenShown && { authenticationToken: passToken(keys, identifier, pass.serial) }),
        downloadUrl: pass.state === 'void' ? null : `${cardUrl}/${isApple ? 'apple.pkpass' : 'google'}`,
        version: pass.version,
        seenVersion: pass.seenVersion,
      };
    });
    return { passes };
  });
}
