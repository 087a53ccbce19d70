/** Whether a member's card is good, and where it is to be had. */
import type { CardState } from '#app/contracts/api-card-operations.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { readMember } from '#app/data/members/members.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Throws `NotFound`, also for members who were erased. */
export async function cardState(shopId: ShopId, memberId: string): Promise<CardState> {
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    const { state } = member;
    if (state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    return { memberId: member.memberId, status: state, cardUrl: cardUrlOf(await readShopKeys(tx), member, now()) };
  });
}
