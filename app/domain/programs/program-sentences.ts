/** A program in plain English sentences, as the admin shows it. What a merchant cannot read, they cannot trust. */
import { formatMinor } from '#app/domain/money.ts';
import { describeAging } from '#app/domain/programs/aging-sentences.ts';
import {
  counted,
  describeCircumstances,
  describeLimits,
  describeSubject,
  describeWallTime,
  type Wording,
  writeMultiplier,
} from '#app/domain/programs/condition-sentences.ts';
import type { Campaign, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument, Tiers, Unit } from '#app/domain/programs/program.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';
import { describeCollection, describeReferral, describeRewardLimits } from '#app/domain/programs/reward-sentences.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

/** One part of a program. `id` names what the sentence is about and stays the same from version to version. */
export type ProgramSection = { title: string; sentences: { id: string; text: string }[] };

const locale = 'en';

/** Every part of a document that says something, in the order of the admin. `currency` is the shop's. */
export function describeProgram(document: ProgramDocument, currency: string): ProgramSection[] {
  const units = new Map(document.units.map((unit) => [unit.id, unit]));
  const levels = document.tiers?.levels ?? [];
  const wording: Wording = { currency, tierNames: new Map(levels.map(({ id, name }) => [id, name])) };
  const { earnRules, campaigns, tiers, collections, rewards, referral } = document;
  const sections: ProgramSection[] = [
    section('Earning', earnRules, (rule) => describeRule(rule, units.get(rule.unit), wording)),
    section('Campaigns', campaigns, describeCampaign),
    section('Tiers', levels, (level) => (tiers ? describeLevel(level, tiers, { units, currency }) : '')),
    section('Cards', document.units, describeUnit),
    section('Collections', collections, (collection) => describeCollection(collection, units)),
    section('Rewards', rewards, (reward) => describeReward(reward, document, wording)),
    section('Friends', referral ? [{ ...referral, id: 'referral' }] : [], (each) =>
      describeReferral(each, units, currency),
    ),
    { title: 'Expiry and refunds', sentences: describeAging(document.settings) },
  ];
  return sections.filter(({ sentences }) => sentences.length > 0);
}

function section<Item extends { id: string }>(
  title: string,
  items: readonly Item[],
  describe: (item: Item) => string,
): ProgramSection {
  return { title, sentences: items.map((item) => ({ id: item.id, text: describe(item) })) };
}

const eventNames = { 'sign-up': 'joining', birthday: 'a birthday', review: 'a review', custom: '' } as const;
const roundings = { floor: '', 'nearest-even': ', rounded to the nearest', ceil: ', rounded up' } as const;

/** One rule: `1 point for every €1.00 spent, only online, at most 50 an order.` */
export function describeRule(rule: EarnRule, unit: Unit | undefined, wording: Wording): string {
  const ends = `${describeCircumstances(rule.conditions, wording)}${describeLimits(rule)}.`;
  const subject = describeSubject(rule.conditions);
  if (rule.kind === 'event') {
    const occasion = rule.event === 'custom' ? `“${rule.eventName ?? ''}”` : eventNames[rule.event];
    return `${countedUnit(rule.amount, unit)} for ${occasion}${ends}`;
  }
  if (rule.kind === 'item')
    return `${countedUnit(rule.amount, unit)} for every item${subject === null ? ' bought' : ` of ${subject}`}${ends}`;
  if (rule.kind === 'visit')
    return `${countedUnit(rule.amount, unit)} for every paid order${subject === null ? '' : ` with ${subject}`}${ends}`;
  const rates = rule.rates.map(({ amount, perMinor, currency }) => {
    return `${countedUnit(amount, unit)} for every ${formatMinor({ minor: perMinor, currency, locale })} spent`;
  });
  const what = subject === null ? '' : ` on ${subject}`;
  return `${rates.join(', or ')}${what}${roundings[rule.rounding]}${ends}`;
}

function describeCampaign({ name, from, to, multiplier, ruleIds }: Campaign): string {
  const which = ruleIds === undefined ? 'every rule' : counted(ruleIds.length, 'rule', 'rules');
  const window = `from ${describeWallTime(from)} until ${describeWallTime(to)}`;
  return `“${name}”: ${writeMultiplier(multiplier)} times as many by ${which}, ${window}.`;
}

type Level = Tiers['levels'][number];

function describeLevel(
  level: Level,
  { qualifiesBy, window, graceDays }: Tiers,
  { units, currency }: { units: ReadonlyMap<string, Unit>; currency: string },
): string {
  const thresholds = {
    unit: () =>
      `${countedUnit(level.threshold, units.get(qualifiesBy.kind === 'unit' ? qualifiesBy.unit : ''))} earned`,
    spend: () => `${formatMinor({ minor: level.threshold, currency, locale })} spent`,
    orders: () => counted(level.threshold, 'order', 'orders'),
  };
  const windows = {
    rolling: () => `within ${counted(window.kind === 'rolling' ? window.months : 0, 'month', 'months')}`,
    calendar: () => `within a calendar ${window.kind === 'calendar' ? window.period : ''}`,
    lifetime: () => 'ever',
  };
  const grace =
    graceDays === 0 || window.kind === 'lifetime' ? '' : `, kept ${counted(graceDays, 'day', 'days')} longer`;
  const gives = level.multiplier ? `; gives ${writeMultiplier(level.multiplier)} times as many` : '';
  return `${level.name} from ${thresholds[qualifiesBy.kind]()} ${windows[window.kind]()}${grace}${gives}.`;
}

function describeUnit(unit: Unit): string {
  return unit.kind === 'point'
    ? `${unit.label} are collected and spent one by one.`
    : `${countedUnit(unit.stampsNeeded, unit)} ${unit.stampsNeeded === 1 ? 'fills' : 'fill'} a card; what is over goes onto the next.`;
}

function describeReward(reward: Reward, document: ProgramDocument, wording: Wording): string {
  const unit = document.units.find((candidate) => candidate.id === reward.unit);
  const collection = document.collections.find((candidate) => candidate.id === reward.collectionId);
  const price =
    reward.atStamp === undefined
      ? `for ${collection ? `completing “${collection.name}”` : countedUnit(reward.cost, unit)}`
      : `at stamp ${reward.atStamp} of each card of ${unit?.label ?? reward.unit}`;
  return `${reward.name} ${price}: ${describeBenefit(reward.benefit)}${describeRewardLimits(reward, wording)}.`;
}

/** What a member gets, as the end of a sentence without its full stop. */
export function describeBenefit(benefit: Benefit): string {
  if (benefit.kind === 'amount-off')
    return `${formatMinor({ minor: benefit.amountMinor, currency: benefit.currency, locale })} off an order`;
  if (benefit.kind === 'percent-off') return `${benefit.percent} % off an order`;
  if (benefit.kind === 'free-product') return 'a free product';
  if (benefit.kind === 'free-shipping') return 'free shipping';
  if (benefit.kind === 'custom') return benefit.instructions.replace(/\.$/, '');
  const worth = formatMinor({ minor: benefit.amountMinor, currency: benefit.currency, locale });
  return benefit.kind === 'store-credit' ? `${worth} of store credit` : `a gift card of ${worth}`;
}
