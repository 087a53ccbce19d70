/** Conditions and limits of a rule as things that a merchant adds and takes away one by one. */
import type { Caps, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import { roundSumMinor } from '#app/domain/programs/draft-edits.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type ConditionKey = keyof Conditions | keyof Caps | 'coolDownHours';

const aboutMember = [
  'memberTags',
  'excludedMemberTags',
  'segmentIds',
  'tierIds',
] as const satisfies readonly ConditionKey[];
const aboutTime = ['weekdays', 'hours'] as const satisfies readonly ConditionKey[];

/** In the order in which a form shows them. */
export const conditionKeys: readonly ConditionKey[] = [
  'productIds',
  'excludedProductIds',
  'variantIds',
  'excludedVariantIds',
  'collectionIds',
  'excludedCollectionIds',
  'productTags',
  'excludedProductTags',
  'vendors',
  'excludedVendors',
  'productTypes',
  'excludedProductTypes',
  'minimumMinor',
  'channels',
  'locationIds',
  'weekdays',
  'hours',
  'marketIds',
  'currencies',
  ...aboutMember,
  'firstOrder',
  'perOrder',
  'perDay',
  'perMember',
  'coolDownHours',
];

const capKeys = ['perOrder', 'perDay', 'perMember'] as const;

function isCap(key: ConditionKey): key is keyof Caps {
  return capKeys.some((cap) => cap === key);
}

/** What can be asked of a rule at all: an occasion has no products, place or sum, and tiers must be there to be named. */
export function possibleConditions(kind: EarnRule['kind'], document: ProgramDocument): ConditionKey[] {
  const forEvents = new Set<ConditionKey>([...aboutMember, ...aboutTime, 'perDay', 'perMember', 'coolDownHours']);
  return conditionKeys.filter(
    (key) => (kind !== 'event' || forEvents.has(key)) && (key !== 'tierIds' || document.tiers !== null),
  );
}

/** The conditions and limits that a rule has. */
export function presentConditions(rule: EarnRule): ConditionKey[] {
  return conditionKeys.filter((key) => {
    if (key === 'coolDownHours') return rule.coolDownHours !== undefined;
    return isCap(key) ? rule.caps?.[key] !== undefined : rule.conditions[key] !== undefined;
  });
}

/** The rule with one more condition or limit, which the merchant then fills in. */
export function addCondition(
  rule: EarnRule,
  key: ConditionKey,
  { document, currency }: { document: ProgramDocument; currency: string },
): EarnRule {
  if (key === 'coolDownHours') return { ...rule, coolDownHours: 24 };
  if (isCap(key)) return { ...rule, caps: { ...rule.caps, [key]: key === 'perMember' ? 1_000 : 100 } };
  const starters: Partial<Conditions> = {
    channels: ['online'],
    weekdays: [],
    hours: [{ from: '07:30', to: '10:00' }],
    tierIds: document.tiers?.levels.slice(0, 1).map((level) => level.id) ?? [],
    firstOrder: true,
    minimumMinor: 10 * roundSumMinor(currency),
  };
  return { ...rule, conditions: { ...rule.conditions, [key]: starters[key] ?? [] } };
}

/** The rule without a condition or limit. */
export function removeCondition(rule: EarnRule, key: ConditionKey): EarnRule {
  if (key === 'coolDownHours') {
    const { coolDownHours: _gone, ...rest } = rule;
    return rest;
  }
  if (!isCap(key)) {
    const { [key]: _gone, ...conditions } = rule.conditions;
    return { ...rule, conditions };
  }
  const { caps, ...rest } = rule;
  const { [key]: _gone, ...left } = caps ?? {};
  return Object.keys(left).length === 0 ? rest : { ...rest, caps: left };
}

/** Where problems of a condition or limit are told, below the rule's own path. */
export function conditionPath(key: ConditionKey): string {
  if (key === 'coolDownHours') return key;
  return isCap(key) ? `caps.${key}` : `conditions.${key}`;
}
