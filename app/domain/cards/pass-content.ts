/**
 * What a member's card says, before either wallet's format. Apple and Google passes are both drawn from this, so
 * the two can never disagree. Two equal contents look the same on the phone: a version only rises when this changes.
 *
 * It does not seal, sign or send anything, and it holds no secret: the barcode is identity only.
 */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatDay, formatWhole, phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { largeTextContrastMin, readableColor, textContrastMin } from '#app/domain/cards/color.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';

/**
 * What a member has of one unit: `balance` counts everything, `held` the part reserved for a sale in progress, `available`
 * what can be spent now; absent where nothing is pending.
 */
export type UnitBalance = { unit: string; balance: number; held: number; available?: number };

/** What expires next, and the last day (YYYY-MM-DD) of the shop's calendar on which it is good. */
export type Expiring = { unit: string; amount: number; lastDay: string };

export type PassInput = {
  programName: string;
  design: CardDesign;
  units: Unit[];
  balances: UnitBalance[];
  rewards: Reward[];
  /** How often each reward that costs nothing, because reaching it is the price, can be had now. */
  reached?: ReadonlyMap<string, number>;
  /** What is about to expire, if anything is. */
  expiringNext?: Expiring | null;
  memberName: string | null;
  /** BCP 47. */
  locale: string;
  /** The member's own page: card, activity, preferences. */
  cardUrl: string;
  /** What the till scans; see `card-code.ts`. */
  barcodeValue: string;
  /** A void card is greyed out and shows no balance and no name. */
  isVoid: boolean;
};

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
export type NextReward = { rewardId: string; name: string; remaining: number; unitLabel: string };

export type PassContent = {
  locale: string;
  organizationName: string;
  programName: string;
  description: string;
  logoText: string;
  /** `#rrggbb` each. Text that could not be read on the background is drawn black or white instead. */
  colors: { background: string; foreground: string; label: string };
  /** The first stamp unit of the program is the one that is drawn. */
  stamps: StampCard | null;
  points: PointsBalance[];
  readyRewards: ReadyReward[];
  nextReward: NextReward | null;
  expiringNext: (Expiring & { label: string }) | null;
  /** One sentence that changes whenever a balance or a ready reward does: the text of the notification. */
  announcement: string;
  memberName: string | null;
  barcodeValue: string;
  cardUrl: string;
  terms: string;
  isVoid: boolean;
};

/** Builds the card's content. Same input, same content; a unit without a balance counts as zero. */
export function buildPassContent(input: PassInput): PassContent {
  const { design, isVoid } = input;
  const availableByUnit = availableOf(input);
  const stamps = isVoid ? null : stampCardOf(input.units, availableByUnit);
  const points = isVoid ? [] : pointsOf(input.units, availableByUnit);
  const readyRewards = isVoid ? [] : readyRewardsOf(input);
  const nextReward = isVoid ? null : nextRewardOf(input, availableByUnit);
  return {
    locale: input.locale,
    organizationName: design.organizationName,
    programName: input.programName,
    description: phrasesFor(input.locale).card(design.organizationName),
    logoText: design.logoText,
    colors: readableColors(design),
    stamps,
    points,
    readyRewards,
    nextReward,
    expiringNext: isVoid ? null : expiringOf(input),
    announcement: announcementOf({ stamps, points, readyRewards, locale: input.locale, isVoid }),
    memberName: isVoid ? null : input.memberName,
    barcodeValue: input.barcodeValue,
    cardUrl: input.cardUrl,
    terms: design.terms,
    isVoid,
  };
}

function readableColors(design: CardDesign): PassContent['colors'] {
  const background = design.backgroundColor;
  return {
    background,
    foreground: readableColor(design.foregroundColor, background, textContrastMin),
    label: readableColor(design.labelColor, background, largeTextContrastMin),
  };
}

/** What can be used now. A balance may be negative (a refund of what was spent), and so may this. */
function availableOf(input: PassInput): Map<string, number> {
  const available = new Map(input.units.map((unit) => [unit.id, 0]));
  for (const { unit, balance, held } of input.balances) if (available.has(unit)) available.set(unit, balance - held);
  return available;
}

function stampCardOf(units: Unit[], availableByUnit: Map<string, number>): StampCard | null {
  const unit = units.find((candidate) => candidate.kind === 'stamp');
  if (unit?.kind !== 'stamp') return null;
  const total = Math.max(0, availableByUnit.get(unit.id) ?? 0);
  return {
    unit: unit.id,
    label: unit.label,
    collected: total % unit.stampsNeeded,
    needed: unit.stampsNeeded,
    fullCards: Math.floor(total / unit.stampsNeeded),
  };
}

function pointsOf(units: Unit[], availableByUnit: Map<string, number>): PointsBalance[] {
  return units
    .filter((unit) => unit.kind === 'point')
    .map((unit) => ({ unit: unit.id, label: unit.label, available: availableByUnit.get(unit.id) ?? 0 }));
}

/** Rewards within reach, dearest first. They compete for the same balance: each count assumes the others untouched. */
function readyRewardsOf({ rewards, balances, reached }: PassInput): ReadyReward[] {
  const available = new Map(balances.map((one) => [one.unit, one.available ?? one.balance - one.held]));
  return rewards
    .toSorted((a, b) => b.cost - a.cost || compareText(a.id, b.id))
    .map(({ id, name, unit, cost }) => ({
      rewardId: id,
      name,
      count: cost === 0 ? (reached?.get(id) ?? 0) : Math.floor((available.get(unit) ?? 0) / cost),
    }))
    .filter((reward) => reward.count > 0);
}

function expiringOf({ units, expiringNext = null }: PassInput): PassContent['expiringNext'] {
  const unit = units.find((candidate) => candidate.id === expiringNext?.unit);
  return expiringNext === null || unit === undefined ? null : { ...expiringNext, label: unit.label };
}

/** The nearest reward not yet within reach; for a stamp unit with a full card, the one the new card works towards. */
function nextRewardOf(input: PassInput, availableByUnit: Map<string, number>): NextReward | null {
  const unitsById = new Map(input.units.map((unit) => [unit.id, unit]));
  const candidates = input.rewards.flatMap((reward) => {
    const unit = unitsById.get(reward.unit);
    if (!unit || reward.cost === 0) return [];
    const available = availableByUnit.get(reward.unit) ?? 0;
    const counted = unit.kind === 'stamp' ? Math.max(0, available) % unit.stampsNeeded : available;
    const remaining = reward.cost - counted;
    return remaining > 0
      ? [{ rewardId: reward.id, name: reward.name, remaining, unitLabel: unit.label, cost: reward.cost }]
      : [];
  });
  const [nearest] = candidates.toSorted((a, b) => a.remaining - b.remaining || compareText(a.rewardId, b.rewardId));
  if (!nearest) return null;
  const { rewardId, name, remaining, unitLabel } = nearest;
  return { rewardId, name, remaining, unitLabel };
}

type Announced = Pick<PassContent, 'stamps' | 'points' | 'readyRewards' | 'locale' | 'isVoid'>;

function announcementOf({ stamps, points, readyRewards, locale, isVoid }: Announced): string {
  const phrases = phrasesFor(locale);
  if (isVoid) return phrases.noLongerValid;
  const parts: string[] = [];
  if (stamps) parts.push(`${stamps.label}: ${stampText(stamps)}`);
  for (const balance of points) parts.push(`${balance.label}: ${formatWhole(balance.available, locale)}`);
  const [ready] = readyRewards;
  if (ready) parts.push(phrases.rewardReady(countedName(ready)));
  return parts.join(' · ');
}

/** `120 Points, good through 19 March 2027`. */
export function expiringText({ amount, label, lastDay }: Expiring & { label: string }, locale: string): string {
  return phrasesFor(locale).goodThrough(`${formatWhole(amount, locale)} ${label}`, formatDay(lastDay, locale));
}

/** `4 / 10`: short enough for a card's corner, and the same in every language. */
export function stampText(stamps: StampCard): string {
  return `${stamps.collected} / ${stamps.needed}`;
}

/** `Free coffee`, or `2 × Free coffee` when there is more than one. */
export function countedName(reward: ReadyReward): string {
  return reward.count > 1 ? `${reward.count} × ${reward.name}` : reward.name;
}

/** By code unit, so that the order never depends on where the process runs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
