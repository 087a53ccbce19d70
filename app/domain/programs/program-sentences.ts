/** A program in plain English sentences, as the admin shows it. What a merchant cannot read, they cannot trust. */
import { formatMinor } from '#app/domain/money.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { Expiry, ProgramDocument, Unit } from '#app/domain/programs/program.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';

export type ProgramSentences = { earning: string[]; rewards: string[]; aging: string };

const locale = 'en';

/** Every rule, every reward and the expiry of a document; the order is that of the document. */
export function describeProgram(document: ProgramDocument): ProgramSentences {
  const unitsById = new Map(document.units.map((unit) => [unit.id, unit]));
  const { expiry } = document.settings;
  return {
    earning: document.earnRules.map((rule) => describeRule(rule, unitsById.get(rule.unit))),
    rewards: document.rewards.map((reward) => describeReward(reward, unitsById.get(reward.unit))),
    aging:
      expiry.mode === 'none'
        ? 'What members collect never expires.'
        : describeExpiry(expiry),
  };
}

const periodNames = { month: 'month', quarter: 'quarter', year: 'year' } as const;

function describeExpiry(expiry: Exclude<Expiry, { mode: 'none' }>): string {
  if (expiry.mode === 'calendar') {
    const grace = expiry.graceDays > 0 ? `, ${counted(expiry.graceDays, 'day', 'days')} after its end` : '';
    return `What members collect expires with the ${periodNames[expiry.period]}${grace}.`;
  }
  const since = expiry.mode === 'rolling' ? 'they earned it' : 'they last earned or spent';
  return `What members collect expires ${counted(expiry.months, 'month', 'months')} after ${since}.`;
}

const eventNames = { 'sign-up': 'joining', birthday: 'a birthday', review: 'a review', custom: '' } as const;

function describeRule(rule: EarnRule, unit: Unit | undefined): string {
  if (rule.kind === 'visit')
    return `${countedUnit(rule.amount, unit)} for every paid order${describeConditions(rule.conditions)}.`;
  if (rule.kind === 'item') return `${countedUnit(rule.amount, unit)} for every ${describeItems(rule.conditions)}.`;
  if (rule.kind === 'event') {
    const occasion = rule.event === 'custom' ? `“${rule.eventName ?? ''}”` : eventNames[rule.event];
    return `${countedUnit(rule.amount, unit)} for ${occasion}${describeConditions(rule.conditions)}.`;
  }
  const rates = rule.rates.map(({ amount, perMinor, currency }) => {
    return `${countedUnit(amount, unit)} for every ${formatMinor({ minor: perMinor, currency, locale })} spent`;
  });
  return `${rates.join(', or ')}${describeConditions(rule.conditions)}.`;
}

function describeItems(conditions: Conditions): string {
  const { productIds, ...others } = conditions;
  const what = productIds
    ? `item of ${counted(productIds.length, 'chosen product', 'chosen products')}`
    : 'item bought';
  return `${what}${describeConditions(others)}`;
}

const channelNames = { online: 'online', pos: 'at the till', draft: 'by draft order', api: 'through the API' } as const;

function describeConditions(conditions: Conditions): string {
  const parts: string[] = [];
  const { productIds, excludedProductIds, channels, locationIds, minimumMinor } = conditions;
  if (productIds) parts.push(` with one of ${counted(productIds.length, 'chosen product', 'chosen products')}`);
  if (excludedProductIds) parts.push(` except ${counted(excludedProductIds.length, 'product', 'products')}`);
  if (channels) parts.push(`, only ${channels.map((channel) => channelNames[channel]).join(' or ')}`);
  if (locationIds) parts.push(`, at ${counted(locationIds.length, 'location', 'locations')}`);
  if (minimumMinor !== undefined) parts.push(', from a minimum order');
  return parts.join('');
}

function describeReward(reward: Reward, unit: Unit | undefined): string {
  return `${reward.name} for ${countedUnit(reward.cost, unit)}: ${describeBenefit(reward.benefit)}.`;
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

/** `1 stamp`, `10 points`. The unit's own label is kept when it is not the plain word. */
export function countedUnit(amount: number, unit: Pick<Unit, 'kind' | 'label'> | undefined): string {
  const number = new Intl.NumberFormat(locale).format(amount);
  if (!unit) return number;
  const plain = `${unit.kind}s`;
  if (unit.label.toLowerCase() !== plain) return `${number} ${unit.label}`;
  return `${number} ${amount === 1 ? unit.kind : plain}`;
}

function counted(amount: number, one: string, many: string): string {
  return `${new Intl.NumberFormat(locale).format(amount)} ${amount === 1 ? one : many}`;
}
