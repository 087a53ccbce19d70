/**
 * What an order, or another occasion, should have earned by now. One pure function answers for award, estimate, preview
 * and simulation; nothing else computes points or stamps. The same input always gives the same answer.
 *
 * Order of application, fixed: eligibility, base, multipliers, cap, one rounding at the end per order and rule. Arithmetic
 * is exact until that rounding. A minimum is judged on what still stands; caps, cool-downs, first order and tier on how
 * the member stood when the sale was made, which `standing` says.
 */
import { matchesOccasion, matchesOrder, type Occasion } from '#app/domain/earning/conditions.ts';
import { type Basket, basketOf, type Eligible, eligibleMoney, lacksTenders } from '#app/domain/earning/eligible.ts';
import type { MemberEvent, MemberStanding, OrderFacts } from '#app/domain/earning/facts.ts';
import {
  type AppliedMultiplier,
  type Base,
  type Given,
  type Limit,
  type Modifiers,
  modifiersOn,
  modify,
} from '#app/domain/earning/modifiers.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import { type NotStanding, whyNotStanding } from '#app/domain/orders/standing.ts';
import type { EarnRule, EventRule, OrderRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** Why a target is what it is. Parts of one rule add up to what the rule gave. */
export type ExplanationPart = {
  ruleId: string;
  /** Null for what belongs to the order as a whole: a visit, or shipping. */
  lineId: string | null;
  /** Money that counted, rounded down; null where money was not what counted. */
  eligibleMinor: number | null;
  amount: number;
  /** What `eligibleMinor` is in, when that is not the shop's currency. */
  currency?: string;
  /** What multiplied the rule here; absent when nothing did. `amount` has it in already. */
  multipliers?: AppliedMultiplier[];
  /** What kept the rule from giving more; absent when nothing did. */
  limitedBy?: Limit;
};

export type Target = { unit: string; amount: number; explanation: ExplanationPart[] };

/** `awaiting-facts`: money paid with a gift card does not earn here, and how much that was is not known yet. */
export type SettlementCause = 'earned' | 'nothing-eligible' | 'awaiting-facts' | 'revoked' | NotStanding;

/** `targets` names every unit of the program once, in the program's order, 0 included. */
export type Settlement = { targets: Target[]; because: SettlementCause };

/**
 * The target per unit for the order as it is known now, under this version of the program. Amounts are whole and never
 * negative. Post the target minus what is booked for the order already, unless it awaits facts. Throws RangeError for a
 * time zone that does not exist, if a rule asks for the time.
 */
export function settle({
  order,
  document,
  facts,
  standing,
}: {
  order: OrderState;
  document: ProgramDocument;
  facts: OrderFacts;
  standing: MemberStanding;
}): Settlement {
  const blocked = whyNotStanding(order);
  const basis = order.paidUp;
  if (blocked !== null || basis === null) return nothing(document, blocked ?? 'not-paid');
  if (lacksTenders(order, document.settings)) return nothing(document, 'awaiting-facts');
  const { processedAt } = order.latest ?? basis;
  let at: Date | undefined;
  const occasion: Occasion = { at: () => (at ??= new Date(processedAt)), facts, standing };
  const modifiers = modifiersOn(occasion, document);
  const basket = basketOf(order, basis, { settings: document.settings, facts });
  return gather(document, (rule) =>
    rule.kind !== 'event' && matchesOrder(rule.conditions, basis, occasion) ? applyRule(rule, basket, modifiers) : [],
  );
}

/**
 * The target per unit for something that happened to a member apart from orders. Of a rule's conditions only those about
 * the member and the time apply. Throws RangeError for a time zone that does not exist, if a rule asks for the time.
 */
export function settleEvent({
  event,
  document,
  facts,
  standing,
}: {
  event: MemberEvent;
  document: ProgramDocument;
  facts: OrderFacts;
  standing: MemberStanding;
}): Settlement {
  if (event.isRevoked) return nothing(document, 'revoked');
  const occasion: Occasion = { at: () => event.occurredAt, facts, standing };
  const modifiers = modifiersOn(occasion, document);
  return gather(document, (rule) => {
    if (rule.kind !== 'event' || !isFor(rule, event) || !matchesOccasion(rule.conditions, occasion)) return [];
    const base: Base = { numerators: [BigInt(rule.amount)], denominator: 1n, rounding: 'floor' };
    return explain(rule, [{ lineId: null, eligibleMinor: null }], modify(rule, base, modifiers));
  });
}

function isFor(rule: EventRule, event: MemberEvent): boolean {
  return rule.event === event.kind && (rule.event !== 'custom' || rule.eventName === event.name);
}

function nothing(document: ProgramDocument, because: SettlementCause): Settlement {
  return { targets: document.units.map((unit) => ({ unit: unit.id, amount: 0, explanation: [] })), because };
}

function gather(document: ProgramDocument, apply: (rule: EarnRule) => ExplanationPart[]): Settlement {
  const settlement = nothing(document, 'nothing-eligible');
  const targets = new Map(settlement.targets.map((target) => [target.unit, target]));
  for (const rule of document.earnRules) {
    const target = targets.get(rule.unit);
    if (target === undefined) continue;
    for (const part of apply(rule)) {
      target.explanation.push(part);
      target.amount += part.amount;
      if (part.amount > 0) settlement.because = 'earned';
    }
  }
  return settlement;
}

/** What a part says before its amount is known. */
type Subject = Pick<ExplanationPart, 'lineId' | 'eligibleMinor' | 'currency'>;

function applyRule(rule: OrderRule, basket: Basket, modifiers: Modifiers): ExplanationPart[] {
  const currencies = rule.kind === 'spend' ? rule.rates.map((rate) => rate.currency) : [];
  const eligible = eligibleMoney(rule.conditions, basket, currencies);
  if (!reachesMinimum(rule, eligible)) return [];
  const counted = rule.kind === 'spend' ? countMoney(rule, eligible, basket) : countItems(rule, eligible);
  if (counted === null || counted.subjects.length === 0) return [];
  return explain(rule, counted.subjects, modify(rule, counted.base, modifiers));
}

type Counted = { base: Base; subjects: Subject[] };

function countMoney(rule: OrderRule & { kind: 'spend' }, eligible: Eligible, basket: Basket): Counted | null {
  const rate = rule.rates.find((candidate) => candidate.currency === eligible.currency);
  if (rate === undefined) return null;
  const isForeign = eligible.currency !== basket.currency;
  return {
    base: {
      numerators: eligible.shares.map((share) => share.numerator * BigInt(rate.amount)),
      denominator: eligible.denominator * BigInt(rate.perMinor),
      rounding: rule.rounding,
    },
    subjects: eligible.shares.map(({ lineId, numerator }) => {
      const subject: Subject = { lineId, eligibleMinor: Number(numerator / eligible.denominator) };
      if (isForeign) subject.currency = eligible.currency;
      return subject;
    }),
  };
}

function countItems(rule: OrderRule & { kind: 'item' | 'visit' }, eligible: Eligible): Counted {
  const shares = eligible.shares.filter((share) => share.items > 0);
  const counts = rule.kind === 'item' ? shares.map((share) => share.items) : shares.slice(0, 1).map(() => 1);
  const amount = BigInt(rule.amount);
  return {
    base: { numerators: counts.map((count) => BigInt(count) * amount), denominator: 1n, rounding: 'floor' },
    subjects: counts.map((_, index) => ({
      lineId: rule.kind === 'item' ? (shares[index]?.lineId ?? null) : null,
      eligibleMinor: null,
    })),
  };
}

function explain(rule: EarnRule, subjects: Subject[], { amounts, multipliers, limitedBy }: Given): ExplanationPart[] {
  return subjects.map(({ lineId, eligibleMinor, currency }, index) => {
    const part: ExplanationPart = { ruleId: rule.id, lineId, eligibleMinor, amount: amounts[index] ?? 0 };
    if (currency !== undefined) part.currency = currency;
    if (multipliers.length > 0) part.multipliers = multipliers;
    if (limitedBy !== null) part.limitedBy = limitedBy;
    return part;
  });
}

function reachesMinimum({ conditions }: OrderRule, eligible: Eligible): boolean {
  if (conditions.minimumMinor === undefined) return true;
  const reached = eligible.shares.reduce((total, share) => total + share.numerator, 0n);
  return reached >= BigInt(conditions.minimumMinor) * eligible.denominator;
}
