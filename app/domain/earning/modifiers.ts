/**
 * What comes between the base of a rule and what it gives, in this order: multipliers (campaigns in the order of the
 * document, then the tier), the cap, one rounding. All exact until that rounding.
 */
import { instantOf } from '#app/domain/calendar.ts';
import type { Occasion } from '#app/domain/earning/conditions.ts';
import type { RuleUse } from '#app/domain/earning/facts.ts';
import { roundRatio, spreadLargestRemainder } from '#app/domain/earning/rational.ts';
import type { Campaign, Caps, EarnRule, Rounding } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** No rule gives more than this for one order; it keeps every sum of targets and balances a safe integer. */
const ruleAmountMax = 10_000_000_000;

const hourMs = 3_600_000;

/** A campaign or a tier that multiplied, with its id. */
export type AppliedMultiplier = { by: 'campaign' | 'tier'; id: string; times: number; over: number };

/** What kept a rule from giving more. */
export type Limit = 'per-order' | 'per-day' | 'per-member' | 'cool-down' | 'largest-amount';

/** What a rule gives before anything changes it: each share is exactly `numerator / denominator` units. */
export type Base = { numerators: bigint[]; denominator: bigint; rounding: Rounding };

/** What it gives in the end: `amounts` are for the base's shares and add up to what was rounded once. */
export type Given = { amounts: number[]; multipliers: AppliedMultiplier[]; limitedBy: Limit | null };

/** What changes what the rules of a document give on one occasion. */
export type Modifiers = { occasion: Occasion; campaigns: readonly Campaign[]; tier: AppliedMultiplier | null };

/** The campaigns that are on, half-open on the shop's wall clock, and the member's tier if it multiplies. */
export function modifiersOn(occasion: Occasion, { campaigns, tiers }: ProgramDocument): Modifiers {
  const { facts, standing } = occasion;
  const isOn = ({ from, to }: Campaign) =>
    instantOf(from, facts.timeZone) <= occasion.at() && occasion.at() < instantOf(to, facts.timeZone);
  const level = tiers?.levels.find(({ id }) => id === standing.tierId);
  const tier: AppliedMultiplier | null =
    level?.multiplier === undefined ? null : { by: 'tier', id: level.id, ...level.multiplier };
  return { occasion, campaigns: campaigns.filter(isOn), tier };
}

/** Multiplies, caps and rounds what a rule gives. */
export function modify(rule: EarnRule, base: Base, modifiers: Modifiers): Given {
  const multipliers = multipliersOf(rule, modifiers);
  let { numerators, denominator } = base;
  for (const { times, over } of multipliers) {
    numerators = numerators.map((numerator) => numerator * BigInt(times));
    denominator *= BigInt(over);
  }
  let numerator = 0n;
  for (const share of numerators) numerator += share;
  const room = roomOf(rule, modifiers.occasion);
  if (numerator <= room.amount * denominator) {
    if (denominator === 1n) return { amounts: numerators.map(Number), multipliers, limitedBy: null };
    const total = roundRatio({ numerator, denominator }, base.rounding);
    const amounts = spreadLargestRemainder(total, numerators, denominator);
    return { amounts: amounts.map(Number), multipliers, limitedBy: null };
  }
  // Every share is cut by the same ratio, which is exact when the whole is what they are divided by.
  const cut = numerators.map((share) => share * room.amount);
  const amounts = spreadLargestRemainder(room.amount, cut, numerator);
  return { amounts: amounts.map(Number), multipliers, limitedBy: room.limit };
}

/** Several campaigns and the tier multiply each other. */
function multipliersOf(rule: EarnRule, { campaigns, tier }: Modifiers): AppliedMultiplier[] {
  const multipliers: AppliedMultiplier[] = [];
  for (const { id, ruleIds, multiplier } of campaigns)
    if (ruleIds === undefined || ruleIds.includes(rule.id)) multipliers.push({ by: 'campaign', id, ...multiplier });
  if (tier !== null) multipliers.push(tier);
  return multipliers;
}

type Room = { amount: bigint; limit: Limit };

const unlimited: Room = { amount: BigInt(ruleAmountMax), limit: 'largest-amount' };

/** The most the rule may still give here. What it gave before is what it had given when the sale was made. */
function roomOf(rule: EarnRule, { at, standing }: Occasion): Room {
  if (rule.caps === undefined && rule.coolDownHours === undefined) return unlimited;
  const use = (Object.hasOwn(standing.used, rule.id) ? standing.used[rule.id] : undefined) ?? unused;
  return isCoolingDown(rule, at, use.lastAt) ? { amount: 0n, limit: 'cool-down' } : roomUnder(rule.caps ?? {}, use);
}

const unused: RuleUse = { today: 0, ever: 0, lastAt: null };

function isCoolingDown({ coolDownHours }: EarnRule, at: () => Date, lastAt: Date | null): boolean {
  if (coolDownHours === undefined || lastAt === null) return false;
  return at().getTime() < lastAt.getTime() + coolDownHours * hourMs;
}

function roomUnder({ perOrder, perDay, perMember }: Caps, { today, ever }: RuleUse): Room {
  const limits: [Limit, number | undefined, number][] = [
    ['per-order', perOrder, 0],
    ['per-day', perDay, today],
    ['per-member', perMember, ever],
  ];
  let room = unlimited;
  for (const [limit, cap, gave] of limits) {
    if (cap === undefined || BigInt(cap - gave) >= room.amount) continue;
    room = { amount: BigInt(Math.max(0, cap - gave)), limit };
  }
  return room;
}
