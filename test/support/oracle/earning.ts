/**
 * What a member should have earned, by the rules as people read them and sharing no code with the product. It goes through
 * the member's whole life for every question again, on exact fractions.
 */
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { basesOf, type Part, sumOf } from '#test/support/oracle/bases.ts';
import { isInCampaign, type Stood } from '#test/support/oracle/conditions.ts';
import { type Fraction, fraction, isAbove, times, wholeOf } from '#test/support/oracle/fraction.ts';
import type { Life, Occasion } from '#test/support/oracle/life.ts';
import { isThere } from '#test/support/oracle/money-left.ts';
import { type EarnedIn, tierOf } from '#test/support/oracle/tiers.ts';
import { dayText, hourMs } from '#test/support/oracle/wall-clock.ts';

export type Explained = { lineId: string | null; amount: number };

/** What one rule may still give, and whether it is at rest. */
type Room = { today: number; ever: number; isCoolingDown: boolean };

/** Answers questions about one life. */
export type Witness = {
  /** What an occasion has earned in a unit by all rules of its program, as it stood at a time. */
  earnedIn: EarnedIn;
  /** What each line has of what a rule gave; lines that have nothing are left out. */
  explained: (occasion: Occasion, rule: EarnRule, at: number) => Explained[];
  /** All there was, the earlier first. */
  occasions: Occasion[];
};

/** `never` is a time after everything. */
export const never = Number.MAX_SAFE_INTEGER;

export function witnessOf(life: Life): Witness {
  const occasions = inOrder(life);
  const stood = new Map<string, Stood>();
  const room = new Map<string, Room>();

  const before = (occasion: Occasion): Occasion[] => occasions.slice(0, occasions.indexOf(occasion));

  function stoodBefore(occasion: Occasion): Stood {
    const known = stood.get(occasion.id);
    if (known !== undefined) return known;
    const earlier = before(occasion);
    let isFirstOrder = true;
    for (const other of earlier) if ('order' in other && isThere(other.order, occasion.at)) isFirstOrder = false;
    const { timeZone } = factsOf(occasion);
    const document = documentOf(occasion);
    const tierId = tierOf({ earlier, at: occasion.at, document, timeZone, earnedIn })?.id ?? null;
    const answer = { tierId, isFirstOrder };
    stood.set(occasion.id, answer);
    return answer;
  }

  function roomFor(occasion: Occasion, rule: EarnRule): Room {
    const key = `${occasion.id} ${rule.id}`;
    const known = room.get(key);
    if (known !== undefined) return known;
    const answer = measureRoom(occasion, rule);
    room.set(key, answer);
    return answer;
  }

  function measureRoom(occasion: Occasion, rule: EarnRule): Room {
    const { timeZone } = factsOf(occasion);
    let today = 0;
    let ever = 0;
    let isCoolingDown = false;
    for (const other of before(occasion)) {
      const sameRule = documentOf(other).earnRules.find((candidate) => candidate.id === rule.id);
      if (sameRule === undefined) continue;
      const amount = earnedBy(other, sameRule, occasion.at);
      ever += amount;
      if (dayText(other.at, timeZone) === dayText(occasion.at, timeZone)) today += amount;
      if (rule.coolDownHours && amount > 0 && occasion.at < other.at + rule.coolDownHours * hourMs)
        isCoolingDown = true;
    }
    return { today, ever, isCoolingDown };
  }

  function earnedBy(occasion: Occasion, rule: EarnRule, at: number): number {
    let amount = 0;
    for (const part of explained(occasion, rule, at)) amount += part.amount;
    return amount;
  }

  function explained(occasion: Occasion, rule: EarnRule, at: number): Explained[] {
    const bases = basesOf(occasion, rule, at, stoodBefore(occasion));
    if (bases.length === 0) return [];
    const left = roomFor(occasion, rule);
    if (left.isCoolingDown) return [];
    const multiplier = multiplierOf(occasion, rule, stoodBefore(occasion));
    const parts = bases.map(({ lineId, value }) => ({ lineId, value: times(value, multiplier) }));
    const whole = sumOf(parts.map(({ value }) => value));
    const cap = capOf(rule, left);
    if (!isAbove(whole, cap)) return handOut(parts, wholeOf(whole, rule.kind === 'spend' ? rule.rounding : 'floor'));
    // What a cap takes away, it takes from each line in proportion.
    const cut = { over: cap.over * whole.under, under: cap.under * whole.over };
    return handOut(
      parts.map(({ lineId, value }) => ({ lineId, value: times(value, cut) })),
      wholeOf(cap, 'floor'),
    );
  }

  function earnedIn(occasion: Occasion, unit: string, at: number): number {
    let amount = 0;
    for (const rule of documentOf(occasion).earnRules) if (rule.unit === unit) amount += earnedBy(occasion, rule, at);
    return amount;
  }

  return { earnedIn, explained, occasions };
}

export function documentOf(occasion: Occasion): ProgramDocument {
  return 'order' in occasion ? occasion.order.document : occasion.event.document;
}

export function factsOf(occasion: Occasion) {
  return 'order' in occasion ? occasion.order.facts : occasion.event.facts;
}

/** By time of sale; at one time the smaller number first, and occasions before sales. */
function inOrder(life: Life): Occasion[] {
  const all: Occasion[] = [
    ...life.events.map((event) => ({ at: event.at, id: `event ${event.id}`, event })),
    ...life.orders.map((order) => ({ at: order.soldAt, id: `order ${order.id}`, order })),
  ];
  return all.toSorted((one, two) => {
    if (one.at !== two.at) return one.at - two.at;
    return one.id < two.id ? -1 : 1;
  });
}

/** Everybody has their whole number; what is left of the total goes to the largest rests, the earlier line first. */
function handOut(parts: Part[], total: number): Explained[] {
  const hands = parts.map(({ lineId, value }) => ({
    lineId,
    amount: wholeOf(value, 'floor'),
    rest: { over: value.over % value.under, under: value.under },
  }));
  let left = total - hands.reduce((sum, { amount }) => sum + amount, 0);
  while (left > 0) {
    let lucky = hands[0];
    for (const hand of hands) if (lucky === undefined || isAbove(hand.rest, lucky.rest)) lucky = hand;
    if (lucky === undefined) break;
    lucky.amount += 1;
    lucky.rest = fraction(-1);
    left -= 1;
  }
  return hands.filter(({ amount }) => amount > 0).map(({ lineId, amount }) => ({ lineId, amount }));
}

/** Campaigns multiply each other and the tier. */
function multiplierOf(occasion: Occasion, rule: EarnRule, stood: Stood): Fraction {
  const document = documentOf(occasion);
  const sale = { at: occasion.at, timeZone: factsOf(occasion).timeZone };
  let multiplier = fraction(1);
  for (const campaign of document.campaigns)
    if (isInCampaign(campaign, rule, sale))
      multiplier = times(multiplier, fraction(campaign.multiplier.times, campaign.multiplier.over));
  for (const level of document.tiers?.levels ?? [])
    if (level.id === stood.tierId && level.multiplier)
      multiplier = times(multiplier, fraction(level.multiplier.times, level.multiplier.over));
  return multiplier;
}

function capOf(rule: EarnRule, left: Room): Fraction {
  let cap = Number.MAX_SAFE_INTEGER;
  if (rule.caps?.perOrder !== undefined) cap = lesser(cap, rule.caps.perOrder);
  if (rule.caps?.perDay !== undefined) cap = lesser(cap, rule.caps.perDay - left.today);
  if (rule.caps?.perMember !== undefined) cap = lesser(cap, rule.caps.perMember - left.ever);
  return fraction(cap < 0 ? 0 : cap);
}

function lesser(one: number, two: number): number {
  return one < two ? one : two;
}
