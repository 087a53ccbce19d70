/** A sale at the till before it is paid: what it would earn the member, and which rewards can be had here now. */
import type { PosPreview, PosPreviewQuery } from '#app/contracts/pos.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { rewardsFor } from '#app/queries/rewards-for-member.ts';
import { shownEstimate } from '#app/queries/shown-estimate.ts';

/** Writes nothing. Throws `NotFound` for unknown and erased members, and those of other shops; `InvalidInput`. */
export async function posPreview(
  shopId: ShopId,
  {
    memberId,
    cart,
    locationId,
    language,
  }: Pick<PosPreviewQuery, 'memberId' | 'cart' | 'locationId'> & { language: Language },
): Promise<PosPreview> {
  const rewards = await rewardsFor(shopId, memberId, { channel: 'pos', locationId, at: now() });
  const asked = { memberId, channel: 'pos', locationId, locale: language } as const;
  const estimate = cart === null ? null : await shownEstimate(shopId, { ...asked, cart });
  return {
    amounts: estimate?.amounts ?? [],
    rewards: rewards.map(({ rewardId, isAvailable, reason }) => ({ rewardId, isAvailable, reason })),
  };
}
