/** What a member has, as a card counts it: stamps on the card in progress, points, rewards within reach and the next one. */
import { cleanText, lineOfText } from '#app/domain/cards/card-text.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import { unitName } from '#app/domain/programs/unit-words.ts';

/**
 * What a member has of one unit: `balance` counts everything, `held` the part reserved for a sale in progress, `available`
 * what can be spent now; absent where nothing is pending.
 */
export type UnitBalance = { unit: string; balance: number; held: number; available?: number };

export type StampCard = {
  unit: string;
  label: string;
  /** Stamps on the card in progress: 0 … needed − 1. */
  collected: number;
  needed: number;
  /** Full cards not yet redeemed. */
  fullCards: number;
};

export type PointsBalance = { unit: string; label: string; available: number };
export type ReadyReward = { rewardId: string; name: string; count: number };
export type NextReward = {
  rewardId: string;
  name: string;
  remaining: number;
  unitKind: Unit['kind'];
  unitLabel: string;
};

export type BalanceInput = {
  units: Unit[];
  balances: UnitBalance[];
  rewards: Reward[];
  /** How often each reward that costs nothing, because reaching it is the price, can be had now. */
  reached?: ReadonlyMap<string, number>;
  /** BCP 47: what the member reads. */
  locale: string;
};

export type CardBalances = {
  /** The first stamp unit of the program is the one that is drawn. */
  stamps: StampCard | null;
  points: PointsBalance[];
  readyRewards: ReadyReward[];
  nextReward: NextReward | null;
};

/** What the card of somebody without any right to it shows. */
export const noBalances: CardBalances = { stamps: null, points: [], readyRewards: [], nextReward: null };

const nameMax = 120;

/** Counts for a card. A unit without a balance counts as zero. */
export function balancesOf(input: BalanceInput): CardBalances {
  const availableByUnit = availableOf(input);
  return {
    stamps: stampCardOf(input, availableByUnit),
    points: pointsOf(input, availableByUnit),
    readyRewards: readyRewardsOf(input),
    nextReward: nextRewardOf(input, availableByUnit),
  };
}

/** What can be used now. A balance may be negative (a refund of what was spent), and so may this. */
function availableOf(input: BalanceInput): Map<string, number> {
  const available = new Map(input.units.map((unit) => [unit.id, 0]));
  for (const { unit, balance, held } of input.balances) if (available.has(unit)) available.set(unit, balance - held);
  return available;
}

/** In the member's language, unless the merchant has a word of their own for it. */
function labelOf({ kind, label }: Unit, locale: string): string {
  return unitName(languageOfTag(locale) ?? 'en', { kind, label: cleanText(label) });
}

function stampCardOf({ units, locale }: BalanceInput, availableByUnit: Map<string, number>): StampCard | null {
  const unit = units.find((candidate) => candidate.kind === 'stamp');
  if (unit?.kind !== 'stamp') return null;
  const total = Math.max(0, availableByUnit.get(unit.id) ?? 0);
  return {
    unit: unit.id,
    label: labelOf(unit, locale),
    collected: total % unit.stampsNeeded,
    needed: unit.stampsNeeded,
    fullCards: Math.floor(total / unit.stampsNeeded),
  };
}

function pointsOf({ units, locale }: BalanceInput, availableByUnit: Map<string, number>): PointsBalance[] {
  return units
    .filter((unit) => unit.kind === 'point')
    .map((unit) => ({ unit: unit.id, label: labelOf(unit, locale), available: availableByUnit.get(unit.id) ?? 0 }));
}

/** Rewards within reach, dearest first. They compete for the same balance: each count assumes the others untouched. */
function readyRewardsOf({ rewards, balances, reached }: BalanceInput): ReadyReward[] {
  const available = new Map(balances.map((one) => [one.unit, one.available ?? one.balance - one.held]));
  return rewards
    .toSorted((a, b) => b.cost - a.cost || compareText(a.id, b.id))
    .map(({ id, name, unit, cost }) => ({
      rewardId: id,
      name: lineOfText(name, nameMax),
      count: cost === 0 ? (reached?.get(id) ?? 0) : Math.floor((available.get(unit) ?? 0) / cost),
    }))
    .filter((reward) => reward.count > 0);
}

/** The nearest reward not yet within reach; for a stamp unit with a full card, the one the new card works towards. */
function nextRewardOf(input: BalanceInput, availableByUnit: Map<string, number>): NextReward | null {
  const unitsById = new Map(input.units.map((unit) => [unit.id, unit]));
  const candidates = input.rewards.flatMap((reward) => {
    const unit = unitsById.get(reward.unit);
    if (!unit || reward.cost === 0) return [];
    const available = availableByUnit.get(reward.unit) ?? 0;
    const counted = unit.kind === 'stamp' ? Math.max(0, available) % unit.stampsNeeded : available;
    const remaining = reward.cost - counted;
    return remaining > 0
      ? [
          {
            rewardId: reward.id,
            name: lineOfText(reward.name, nameMax),
            remaining,
            unitKind: unit.kind,
            unitLabel: cleanText(unit.label),
            cost: reward.cost,
          },
        ]
      : [];
  });
  const [nearest] = candidates.toSorted((a, b) => a.remaining - b.remaining || compareText(a.rewardId, b.rewardId));
  if (!nearest) return null;
  const { rewardId, name, remaining, unitKind, unitLabel } = nearest;
  return { rewardId, name, remaining, unitKind, unitLabel };
}

/** By code unit, so that the order never depends on where the process runs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
