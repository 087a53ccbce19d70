/** Rules and campaigns that never apply, apply to less than they seem to, or say the same thing twice. */
import { instantOf } from '#app/domain/calendar.ts';
import { areApart, hasMoment, selfContradictions } from '#app/domain/programs/condition-clashes.ts';
import type { Campaign, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type ProgramFinding, ruleName } from '#app/domain/programs/program-finding.ts';

/** The moment of the review, and the shop it is for. */
export type Reviewing = { at: Date; timeZone: string; currency: string };

// More of the same would not be read.
const overlapsMax = 20;

/** What is wrong or odd about each rule by itself. */
export function ruleFindings({ earnRules }: ProgramDocument, { currency }: Reviewing): ProgramFinding[] {
  return earnRules.flatMap((rule, index) => {
    const path = ['earnRules', index];
    return [
      ...contradictions(rule, path),
      ...(rule.kind === 'event' ? ignoredConditions(rule.conditions, path, ruleName(rule)) : placeFindings(rule, path)),
      ...(rule.kind === 'spend' ? rateFindings(rule, { path, currency }) : []),
    ];
  });
}

function contradictions(rule: EarnRule, path: (string | number)[]): ProgramFinding[] {
  return selfContradictions(rule.conditions).map(({ key, subject }) => ({
    severity: 'refused',
    code: 'never-matches',
    message: `${ruleName(rule)} can never earn: every ${subject} it asks for is also left out.`,
    path: [...path, 'conditions', key],
  }));
}

function placeFindings(rule: EarnRule, path: (string | number)[]): ProgramFinding[] {
  const { channels, locationIds, firstOrder, tierIds } = rule.conditions;
  const findings: ProgramFinding[] = [];
  const hardly = (message: string, key: keyof Conditions) =>
    findings.push({ severity: 'warning', code: 'hardly-matches', message, path: [...path, 'conditions', key] });
  if (locationIds !== undefined && channels !== undefined && !channels.includes('pos'))
    hardly(`${ruleName(rule)} asks for a location, which orders away from the till rarely have.`, 'locationIds');
  if (firstOrder !== undefined && tierIds !== undefined)
    hardly(`${ruleName(rule)} asks for a first order of somebody who has a tier already, which is rare.`, 'firstOrder');
  return findings;
}

const onlyOfOrders = {
  productIds: 'products', excludedProductIds: 'products', variantIds: 'variants', excludedVariantIds: 'variants',
  collectionIds: 'collections', excludedCollectionIds: 'collections', productTags: 'product tags',
  excludedProductTags: 'product tags', vendors: 'vendors', excludedVendors: 'vendors', productTypes: 'product types',
  excludedProductTypes: 'product types', channels: 'where it was bought', locationIds: 'locations', marketIds: 'markets',
  currencies: 'currencies', firstOrder: 'the first order', minimumMinor: 'a minimum',
} as const; // prettier-ignore

function ignoredConditions(conditions: Conditions, path: (string | number)[], name: string): ProgramFinding[] {
  const keys = Object.keys(conditions) as (keyof Conditions)[];
  return keys.flatMap((key): ProgramFinding[] => {
    if (!(key in onlyOfOrders) || conditions[key] === undefined) return [];
    const subject = onlyOfOrders[key as keyof typeof onlyOfOrders];
    const message = `${name} is for an occasion without an order, so what it says about ${subject} is not looked at.`;
    return [{ severity: 'warning', code: 'condition-ignored', message, path: [...path, 'conditions', key] }];
  });
}

function rateFindings(
  rule: EarnRule & { kind: 'spend' },
  { path, currency }: { path: (string | number)[]; currency: string },
): ProgramFinding[] {
  const rates = new Set(rule.rates.map((rate) => rate.currency));
  if (rates.has(currency)) return [];
  const { currencies } = rule.conditions;
  if (currencies !== undefined && !currencies.some((code) => rates.has(code))) {
    const message = `${ruleName(rule)} can never earn: it is for ${currencies.join(', ')}, but has no rate for it, nor for ${currency}.`;
    return [{ severity: 'refused', code: 'never-matches', message, path: [...path, 'rates'] }];
  }
  if (currencies !== undefined) return [];
  const message = `${ruleName(rule)} has no rate for ${currency}, your shop’s currency: orders paid in it earn nothing.`;
  return [{ severity: 'warning', code: 'no-rate', message, path: [...path, 'rates'] }];
}

/** Campaigns that are over, and those in whose time no rule of theirs can apply. */
export function campaignFindings(document: ProgramDocument, { at, timeZone }: Reviewing): ProgramFinding[] {
  return document.campaigns.flatMap((campaign, index): ProgramFinding[] => {
    const path = ['campaigns', index];
    if (instantOf(campaign.to, timeZone) <= at) {
      const message = `“${campaign.name}” is over already and will multiply nothing.`;
      return [{ severity: 'warning', code: 'campaign-over', message, path: [...path, 'to'] }];
    }
    if (rulesOf(campaign, document).some((rule) => hasMoment(campaign, rule.conditions))) return [];
    const message = `“${campaign.name}” multiplies nothing: in its time none of its rules applies on any day or hour.`;
    return [{ severity: 'warning', code: 'campaign-without-effect', message, path }];
  });
}

/** The rules that a campaign multiplies. */
export function rulesOf({ ruleIds }: Campaign, { earnRules }: ProgramDocument): EarnRule[] {
  return ruleIds === undefined ? earnRules : earnRules.filter((rule) => ruleIds.includes(rule.id));
}

/** Rules that give the same unit, in the same way, for the same goods. */
export function overlapFindings({ earnRules, units }: ProgramDocument): ProgramFinding[] {
  const findings: ProgramFinding[] = [];
  for (const [index, rule] of earnRules.entries())
    for (const other of earnRules.slice(0, index)) {
      if (findings.length === overlapsMax) return findings;
      if (other.unit !== rule.unit || !countsAlike(rule, other) || areApart(rule.conditions, other.conditions))
        continue;
      const label = units.find((unit) => unit.id === rule.unit)?.label ?? rule.unit;
      const message = `${ruleName(other)} and ${ruleName(rule)} can both give ${label} for the same purchase: it then earns by each of them.`;
      findings.push({ severity: 'warning', code: 'overlap', message, path: ['earnRules', index] });
    }
  return findings;
}

/** A visit and the items bought in it are the same purchase counted twice; money and items are told apart on purpose. */
function countsAlike(one: EarnRule, two: EarnRule): boolean {
  if (one.kind === 'event' || two.kind === 'event')
    return one.kind === 'event' && two.kind === 'event' && one.event === two.event && one.eventName === two.eventName;
  return (one.kind === 'spend') === (two.kind === 'spend');
}
