/**
 * Whether a member may have a reward now. One judgement for the catalogue that is shown and for the reservation that is
 * made, so that what is offered can be had.
 *
 * A reward with a cost is had as often as the balance reaches. One that costs nothing is *reached*: given once for each
 * card or collection that came so far, less what was had, plus what a writing-off program forgave.
 */
import { instantOf } from '#app/domain/calendar.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';

/** What the shop's security says: nobody redeems for now, or this member has to be looked at first. */
export type RewardStop = 'paused' | 'challenge';

/** Why a reward cannot be had now. */
export type RewardRefusal = 'not-enough' | 'limit' | 'stock' | 'tier' | 'not-now' | 'channel' | 'frozen' | RewardStop;

export type RewardChannel = 'online' | 'pos' | 'api';

/** A benefit that no discount code carries: money, given once it is paid for. */
export type MoneyBenefit = Extract<Benefit, { kind: 'store-credit' | 'gift-card' }>;

/** A benefit that a discount code carries. What is `custom` staff hands over. */
export type DiscountBenefit = Exclude<Benefit, MoneyBenefit | { kind: 'custom' }>;

/** Whether a benefit is money. */
export function isMoney(benefit: Benefit | null): benefit is MoneyBenefit {
  return benefit?.kind === 'store-credit' || benefit?.kind === 'gift-card';
}

/** Whether a discount code carries a benefit. */
export function isDiscount(benefit: Benefit | null): benefit is DiscountBenefit {
  return benefit !== null && benefit.kind !== 'custom' && !isMoney(benefit);
}

/** Where and when it is asked for, and who asks. */
export type RewardOccasion = {
  channel: RewardChannel;
  /** Null online, and where the caller does not say. */
  locationId: string | null;
  isFrozen: boolean;
  /** Null while nothing is stopped. */
  stop: RewardStop | null;
  /** Whether the program is live and the reward within its window; see `isWithinWindow`. */
  isOpen: boolean;
  tierId: string | null;
};

/** What is known of one reward and one member. Open and spent reservations count as had, released ones do not. */
export type RewardUse = {
  hadByMember: number;
  hadInPeriod: number;
  /** By all members, counted only up to the stock; 0 where there is no stock limit. */
  hadByAll: number;
  /** What the member can spend of the unit. */
  available: number;
  /** How often it was reached, for a reward that costs nothing. */
  reached: number;
  forgiven: number;
};

/** Whether a time is within the reward's own window, half-open on the shop's wall clock. */
export function isWithinWindow(reward: Reward, at: Date, timeZone: string): boolean {
  const { validFrom, validTo } = reward;
  if (validFrom !== undefined && at < instantOf(validFrom, timeZone)) return false;
  return validTo === undefined || at < instantOf(validTo, timeZone);
}

/** How often the member could have it by balance or by what was reached; below 0 when more was had than is reached. */
export function timesReady(reward: Reward, use: RewardUse): number {
  if (reward.cost > 0) return Math.floor(Math.max(0, use.available) / reward.cost);
  return use.reached - use.hadByMember + use.forgiven;
}

/** The first thing that stands against it, or null. What a member cannot change comes before what they can. */
export function refusalOf(reward: Reward, occasion: RewardOccasion, use: RewardUse): RewardRefusal | null {
  if (occasion.isFrozen) return 'frozen';
  if (occasion.stop === 'paused') return 'paused';
  if (!isOfferedAt(reward, occasion)) return 'channel';
  if (!occasion.isOpen) return 'not-now';
  if (reward.tierIds !== undefined && !reward.tierIds.includes(occasion.tierId ?? '')) return 'tier';
  if (isLimitReached(reward, use)) return 'limit';
  if (isStockTaken(reward, use)) return 'stock';
  // Who could not have it anyway is not bothered with questions.
  return timesReady(reward, use) < 1 ? 'not-enough' : occasion.stop;
}

function isOfferedAt(reward: Reward, { channel, locationId }: RewardOccasion): boolean {
  if (reward.channels !== undefined && !reward.channels.includes(channel)) return false;
  return reward.locationIds === undefined || (locationId !== null && reward.locationIds.includes(locationId));
}

function isStockTaken({ limits }: Reward, use: RewardUse): boolean {
  return limits?.stock !== undefined && use.hadByAll >= limits.stock;
}

function isLimitReached({ limits }: Reward, use: RewardUse): boolean {
  if (limits?.perMember !== undefined && use.hadByMember >= limits.perMember) return true;
  return limits?.perPeriod !== undefined && use.hadInPeriod >= limits.perPeriod.count;
}
