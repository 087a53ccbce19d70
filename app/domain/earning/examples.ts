/**
 * What a draft means, said with an example: "An order of €59.90 gives 59 points." Every number is the engine's own; only
 * the orders are made up. Parts that have to be mended first must be left out before (`soundParts`).
 */
import { settle, settleEvent } from '#app/domain/earning/earning.ts';
import type { Limit } from '#app/domain/earning/modifiers.ts';
import { type MemberStanding, newcomer, plainFacts } from '#app/domain/earning/facts.ts';
import { sampleAmount, sampleInstant, sampleOrder, sampleTime } from '#app/domain/earning/sample-order.ts';
import { milestonesEarned } from '#app/domain/ledger/stamp-card.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { Campaign, EarnRule, EventRule, OrderRule } from '#app/domain/programs/earn-rules.ts';
import type { Problems } from '#app/domain/programs/problem-claims.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

/** Where and when the examples take place: the shop's currency, and its day of today (2026-11-21). */
export type ExampleScene = { currency: string; today: string };

const sampleItems = 3;

/** The document without rules, campaigns, tiers and rewards that have to be mended first. */
export function soundParts(document: ProgramDocument, problems: Problems): ProgramDocument {
  const wrong = Object.keys(problems);
  const isSound = (path: string) => !wrong.some((told) => told === path || told.startsWith(`${path}.`));
  return {
    ...document,
    earnRules: document.earnRules.filter((_, index) => isSound(`earnRules.${index}`)),
    campaigns: document.campaigns.filter((_, index) => isSound(`campaigns.${index}`)),
    tiers: isSound('tiers') ? document.tiers : null,
    rewards: document.rewards.filter((_, index) => isSound(`rewards.${index}`)),
  };
}

type Try = { amountMinor?: number; items?: number; standing?: Partial<MemberStanding>; wallTime?: string };

/** One rule alone, tried on orders that meet its conditions. */
function tryRule(rule: OrderRule, document: ProgramDocument, scene: ExampleScene) {
  const trial = openTrial(rule, document, scene);
  return { ...trial, earned: (...order: Parameters<typeof trial.target>) => trial.target(...order).amount };
}

function openTrial(rule: OrderRule, document: ProgramDocument, scene: ExampleScene) {
  const currency = currencyOf(rule, scene.currency);
  const perMinor = rule.kind === 'spend' ? (rule.rates.find((rate) => rate.currency === currency)?.perMinor ?? 0) : 0;
  const atLeastMinor = Math.max(2 * perMinor, rule.conditions.minimumMinor ?? 0);
  const sum = sampleAmount(currency, Math.min(atLeastMinor, 1_000_000_000));
  return {
    sum,
    money: (minor: number) => formatMinor({ minor, currency, locale: 'en' }),
    target: (order: Try, changed: Partial<ProgramDocument> = {}) => {
      const tried: ProgramDocument = { ...document, campaigns: [], tiers: null, earnRules: [rule], ...changed };
      const sample = sampleOrder({
        currency,
        amountMinor: order.amountMinor ?? sum,
        items: order.items ?? sampleItems,
        conditions: rule.conditions,
        wallTime: order.wallTime ?? sampleTime(rule.conditions, scene.today),
        ...(order.standing === undefined ? {} : { standing: order.standing }),
      });
      const { targets } = settle({ ...sample, document: tried });
      return targets.find((target) => target.unit === rule.unit) ?? { amount: 0, explanation: [] };
    },
  };
}

type Trial = ReturnType<typeof tryRule>;

function currencyOf(rule: OrderRule, currency: string): string {
  const wanted = rule.conditions.currencies?.[0] ?? currency;
  if (rule.kind !== 'spend') return wanted;
  return rule.rates.some((rate) => rate.currency === wanted) ? wanted : (rule.rates[0]?.currency ?? wanted);
}

/** What one rule gives: an order first, then each limit at work. The rule and what it names must be sound. */
export function ruleExamples(rule: EarnRule, document: ProgramDocument, scene: ExampleScene): string[] {
  const unit = document.units.find((candidate) => candidate.id === rule.unit);
  const say = (amount: number) => (amount === 0 ? 'nothing' : countedUnit(amount, unit));
  if (rule.kind === 'event') return [`The occasion gives ${say(eventAmount(rule, document, scene))}.`];
  const trial = tryRule(rule, document, scene);
  const order = rule.kind === 'item' ? `An order of ${sampleItems} items` : `An order of ${trial.money(trial.sum)}`;
  const meets = Object.keys(rule.conditions).length === 0 ? '' : ' that meets this';
  return [
    `${order}${meets} gives ${say(trial.earned({}))}.`,
    ...minimumExample(rule, trial, say),
    ...capExamples(rule, trial, say),
    ...pauseExample(rule, trial, { say, today: scene.today }),
  ];
}

function eventAmount(rule: EventRule, document: ProgramDocument, scene: ExampleScene): number {
  const { conditions } = rule;
  const occurredAt = sampleInstant(sampleTime(conditions, scene.today));
  const { targets } = settleEvent({
    event: { eventId: 'sample', kind: rule.event, name: rule.eventName ?? null, occurredAt, isRevoked: false },
    document: { ...document, campaigns: [], tiers: null, earnRules: [rule] },
    facts: {
      ...plainFacts('UTC'),
      memberTags: conditions.memberTags?.slice(0, 1) ?? [],
      segmentIds: conditions.segmentIds?.slice(0, 1) ?? [],
    },
    standing: { ...newcomer, tierId: conditions.tierIds?.[0] ?? null },
  });
  return targets.find((target) => target.unit === rule.unit)?.amount ?? 0;
}

type Say = (amount: number) => string;

function minimumExample({ conditions }: OrderRule, trial: Trial, say: Say): string[] {
  if (conditions.minimumMinor === undefined || conditions.minimumMinor < 2) return [];
  const amountMinor = conditions.minimumMinor - 1;
  return [`One of ${trial.money(amountMinor)} gives ${say(trial.earned({ amountMinor, items: 1 }))}.`];
}

const growthMax = 8;

const mostWords: Record<Limit, string> = {
  'per-order': 'the most for an order',
  'per-day': 'the most for a day',
  'per-member': 'the most for a member',
  'cool-down': 'too soon after the last one',
  'largest-amount': 'the largest amount there is',
};

function capExamples(rule: OrderRule, trial: Trial, say: Say): string[] {
  const { perOrder, perDay, perMember } = rule.caps ?? {};
  const used = (today: number, ever: number) => ({ used: { [rule.id]: { today, ever, lastAt: null } } });
  const examples: string[] = [];
  if (perOrder !== undefined && rule.kind !== 'visit') {
    const large = largeOrder(rule, trial, perOrder);
    if (large !== null) {
      const what = rule.kind === 'item' ? `${large.items} items` : trial.money(large.amountMinor);
      const { amount, explanation } = trial.target(large);
      const limit = explanation.find((part) => part.limitedBy !== undefined)?.limitedBy;
      examples.push(`One of ${what} gives ${say(amount)}, ${limit === undefined ? '' : mostWords[limit]}.`);
    }
  }
  if (perDay !== undefined)
    examples.push(
      `After ${say(perDay)} on one day, the next order that day gives ${say(trial.earned({ standing: used(perDay, perDay) }))}.`,
    );
  if (perMember !== undefined)
    examples.push(`After ${say(perMember)} in all, it gives ${say(trial.earned({ standing: used(0, perMember) }))}.`);
  return examples;
}

/** An order so large that the cap of an order counts; null when none is large enough to be an example. */
function largeOrder(rule: OrderRule, trial: Trial, perOrder: number): { amountMinor: number; items: number } | null {
  const uncapped: OrderRule = { ...rule, caps: {} };
  let order = { amountMinor: trial.sum, items: sampleItems };
  for (let grown = 0; grown < growthMax; grown += 1) {
    if (trial.earned(order, { earnRules: [uncapped] }) > perOrder) return order;
    order = { amountMinor: order.amountMinor * 10, items: order.items * 10 };
  }
  return null;
}

const hourMs = 3_600_000;

function pauseExample(rule: OrderRule, trial: Trial, { say, today }: { say: Say; today: string }): string[] {
  const { coolDownHours } = rule;
  if (coolDownHours === undefined) return [];
  const at = sampleInstant(sampleTime(rule.conditions, today)).getTime();
  const after = (hours: number) => {
    const lastAt = new Date(at - hours * hourMs);
    return say(trial.earned({ standing: { used: { [rule.id]: { today: 0, ever: 1, lastAt } } } }));
  };
  const early = coolDownHours / 2;
  return [
    `Bought again after ${early} hours it gives ${after(early)}, after ${coolDownHours} hours ${after(coolDownHours)}.`,
  ];
}

/** What a campaign changes, by the first of its rules that looks at orders; null when it has none yet. */
export function campaignExample(campaign: Campaign, document: ProgramDocument, scene: ExampleScene): string | null {
  const isMeant = (rule: EarnRule): rule is OrderRule =>
    rule.kind !== 'event' && (campaign.ruleIds?.includes(rule.id) ?? true);
  const rule = document.earnRules.find(isMeant);
  if (rule === undefined) return null;
  const unit = document.units.find((candidate) => candidate.id === rule.unit);
  const day = campaign.from.slice(0, 10);
  const trial = tryRule(rule, document, { ...scene, today: day });
  const within = trial.earned({ wallTime: campaign.from }, { campaigns: [campaign] });
  const before = trial.earned({ wallTime: campaign.from });
  const order = rule.kind === 'item' ? `An order of ${sampleItems} items` : `An order of ${trial.money(trial.sum)}`;
  return `${order} during it gives ${countedUnit(within, unit)} instead of ${countedUnit(before, unit)}.`;
}

/** What each tier earns for the same order; null while no rule looks at orders. */
export function tierExample(document: ProgramDocument, scene: ExampleScene): string | null {
  const rule = document.earnRules.find((candidate): candidate is OrderRule => candidate.kind !== 'event');
  const { tiers } = document;
  if (rule === undefined || tiers === null) return null;
  const unit = document.units.find((candidate) => candidate.id === rule.unit);
  const trial = tryRule(rule, document, scene);
  const earned = (tierId: string | null) => countedUnit(trial.earned({ standing: { tierId } }, { tiers }), unit);
  const levels = tiers.levels.map(({ id, name }) => `${earned(id)} with ${name}`);
  const order = rule.kind === 'item' ? `An order of ${sampleItems} items` : `An order of ${trial.money(trial.sum)}`;
  return `${order} gives ${earned(null)} without a tier, ${levels.join(', ')}.`;
}

/** How far a reward is, by the first rule for orders that gives its unit; null when there is none. */
export function rewardExample(reward: Reward, document: ProgramDocument, scene: ExampleScene): string | null {
  const unit = document.units.find((candidate) => candidate.id === reward.unit);
  if (reward.collectionId !== undefined) return 'It comes each time the collection is complete.';
  if (reward.atStamp !== undefined && unit?.kind === 'stamp') {
    const collected = unit.stampsNeeded + reward.atStamp;
    const times = milestonesEarned({ collected, needed: unit.stampsNeeded, atStamp: reward.atStamp });
    return `Whoever has collected ${countedUnit(collected, unit)} got it ${times === 2 ? 'twice' : `${times} times`}: once on each card.`;
  }
  const rule = document.earnRules.find(
    (candidate): candidate is OrderRule => candidate.kind !== 'event' && candidate.unit === reward.unit,
  );
  if (rule === undefined) return null;
  const trial = tryRule(rule, document, scene);
  const earned = trial.earned({});
  if (earned === 0) return null;
  const orders = Math.ceil(reward.cost / earned);
  const what = rule.kind === 'item' ? `${sampleItems} items` : trial.money(trial.sum);
  return orders === 1
    ? `One order of ${what} earns it.`
    : `${new Intl.NumberFormat('en').format(orders)} orders of ${what} earn it.`;
}
