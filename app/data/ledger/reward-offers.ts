/** A program's rewards as they stand for one member: the catalogue that is shown, and what a reservation is judged by. */
import { readAvailability } from '#app/data/ledger/availability.ts';
import { readHistory } from '#app/data/ledger/history.ts';
import { readRewardUses } from '#app/data/ledger/reward-use.ts';
import type { Member } from '#app/data/members/members.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { readRedemptionStop } from '#app/data/security/redemption-stops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { tierAt } from '#app/domain/earning/tiers.ts';
import {
  isWithinWindow,
  refusalOf,
  type RewardChannel,
  type RewardRefusal,
  timesReady,
} from '#app/domain/programs/reward-gates.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import type { ProgramId } from '#app/lib/ids.ts';

export type Occasion = { channel: RewardChannel; locationId: string | null; at: Date };

export type Offer = { reward: Reward; version: RuleVersion; refusal: RewardRefusal | null; timesReady: number };

/**
 * What the program offers this member, in its own order; `rewardId` looks at one alone. Left out is what cannot be carried
 * out at all: amounts off in another currency than the shop's, and store credit for nobody Shopify knows.
 */
export async function readOffers(
  tx: Tx,
  member: Member,
  { channel, locationId, at, rewardId }: Occasion & { rewardId: string | null },
): Promise<Offer[]> {
  const version = await newestRuleVersion(tx, member.programId);
  const place = await readPlace(tx, member.programId);
  if (version === null || place === null) return [];
  const { memberId, programId } = member;
  const { document } = version;
  const { timeZone } = place;
  const rewards = document.rewards.filter(
    (reward) => (rewardId === null || reward.id === rewardId) && isCarriedOut(reward, member, place.currency),
  );
  if (rewards.length === 0) return [];
  const available = new Map(
    [...(await readAvailability(tx, memberId))].map(([unit, figures]) => [unit, figures.available]),
  );
  const uses = await readRewardUses(tx, { memberId, programId, document, available, at }, rewards);
  const isTiered = rewards.some((reward) => reward.tierIds !== undefined);
  const tier = isTiered ? tierAt(await readHistory(tx, memberId), { at, document, timeZone }) : null;
  const stop = await readRedemptionStop(tx, { memberId, locationId, at });
  return rewards.flatMap((reward): Offer[] => {
    const use = uses.get(reward.id);
    if (use === undefined) return [];
    const occasion = {
      channel,
      locationId,
      isFrozen: member.state === 'frozen',
      stop,
      isOpen: place.isLive && isWithinWindow(reward, at, timeZone),
      tierId: tier?.tierId ?? null,
    };
    return [{ reward, version, refusal: refusalOf(reward, occasion, use), timesReady: timesReady(reward, use) }];
  });
}

type Place = { isLive: boolean; timeZone: string; currency: string | null };

async function readPlace(tx: Tx, programId: ProgramId): Promise<Place | null> {
  const [row] = await tx.query<{ state: string; time_zone: string; currency: string | null }>(
    `select p.state, s.time_zone, s.currency from program p join shop s on s.id = p.shop_id
     where p.shop_id = $1 and p.id = $2`,
    [tx.shopId, programId],
  );
  return row === undefined ? null : { isLive: row.state === 'live', timeZone: row.time_zone, currency: row.currency };
}

function isCarriedOut({ benefit }: Reward, member: Member, currency: string | null): boolean {
  if (benefit.kind === 'amount-off') return currency === null || benefit.currency === currency;
  return benefit.kind !== 'store-credit' || member.shopifyCustomerId !== null;
}
