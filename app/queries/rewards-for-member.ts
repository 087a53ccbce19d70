/** The rewards of a member's program as they stand for that member: what can be had now, and why the rest cannot. */
import { type Occasion, readOffers } from '#app/data/ledger/reward-offers.ts';
import { readMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { RewardRefusal } from '#app/domain/programs/reward-gates.ts';
import type { Benefit } from '#app/domain/programs/rewards.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type MemberReward = {
  rewardId: string;
  name: string;
  unit: string;
  /** 0 for what is given for reaching something. */
  cost: number;
  benefit: Benefit;
  isAvailable: boolean;
  /** Null exactly when it is available. */
  reason: RewardRefusal | null;
  /** How often the balance, or what was reached, would be enough for it now; below 0 when more was had than is reached. */
  timesReady: number;
};

/** In the program's order; empty while it has no published version. Throws `NotFound` for unknown and erased members. */
export async function rewardsFor(shopId: ShopId, memberId: string, occasion: Occasion): Promise<MemberReward[]> {
  return withShop(shopId, (tx) => readRewardsFor(tx, memberId, occasion));
}

/** The same within a transaction that reads more of the member. */
export async function readRewardsFor(tx: Tx, memberId: string, occasion: Occasion): Promise<MemberReward[]> {
  const member = await readMember(tx, memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'No such member');
  const offers = await readOffers(tx, member, { ...occasion, rewardId: null });
  return offers.map(({ reward, refusal, timesReady }) => ({
    rewardId: reward.id,
    name: reward.name,
    unit: reward.unit,
    cost: reward.cost,
    benefit: reward.benefit,
    isAvailable: refusal === null,
    reason: refusal,
    timesReady,
  }));
}
