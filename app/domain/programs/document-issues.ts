/** What a program document says of itself that cannot be so: names used twice, and names of things that are not there. */
import type { Campaign, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { Collection, Reward } from '#app/domain/programs/rewards.ts';

type Draft = {
  units: { kind: 'point' | 'stamp'; id: string; stampsNeeded?: number }[];
  earnRules: EarnRule[];
  campaigns: Campaign[];
  tiers: {
    qualifiesBy: { kind: string; unit?: string };
    levels: { id: string; threshold: number }[];
  } | null;
  rewards: Reward[];
  collections: Collection[];
  referral: { friend: { unit: string } | null; referrer: { unit: string } | null } | null;
};

export type DocumentIssue = { path: (string | number)[]; message: string };

/** Every contradiction within the document, each at its place; an empty list when it holds together. */
export function documentIssues(draft: Draft): DocumentIssue[] {
  return [
    ...repeatedIds('units', draft.units),
    ...repeatedIds('earnRules', draft.earnRules),
    ...repeatedIds('campaigns', draft.campaigns),
    ...repeatedIds('rewards', draft.rewards),
    ...repeatedIds('collections', draft.collections),
    ...repeatedIds('tiers', draft.tiers?.levels ?? []),
    ...ruleIssues(draft),
    ...tierIssues(draft),
    ...rewardIssues(draft),
    ...collectionIssues(draft),
    ...referralIssues(draft),
  ];
}

function repeatedIds(path: string, items: { id: string }[]): DocumentIssue[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }, index) => {
    const isRepeated = seen.has(id);
    seen.add(id);
    return isRepeated ? [{ path: [path, index], message: `the id "${id}" is used twice` }] : [];
  });
}

function ruleIssues({ units, earnRules, campaigns, tiers }: Draft): DocumentIssue[] {
  const unitIds = new Set(units.map((unit) => unit.id));
  const ruleIds = new Set(earnRules.map((rule) => rule.id));
  const tierIds = new Set(tiers?.levels.map((level) => level.id));
  const issues: DocumentIssue[] = [];
  for (const [index, rule] of earnRules.entries()) {
    const path = ['earnRules', index];
    if (!unitIds.has(rule.unit))
      issues.push({ path, message: `earns "${rule.unit}", which is not a unit of this program` });
    for (const tierId of rule.conditions.tierIds ?? [])
      if (!tierIds.has(tierId))
        issues.push({ path, message: `names the tier "${tierId}", which this program does not have` });
    if (rule.kind === 'event' && (rule.event === 'custom') !== (rule.eventName !== undefined))
      issues.push({ path, message: 'a custom event needs an eventName, and only a custom event has one' });
    if (rule.kind === 'spend' && new Set(rule.rates.map((rate) => rate.currency)).size < rule.rates.length)
      issues.push({ path, message: 'has two rates for one currency' });
  }
  for (const [index, campaign] of campaigns.entries())
    for (const ruleId of campaign.ruleIds ?? [])
      if (!ruleIds.has(ruleId))
        issues.push({ path: ['campaigns', index], message: `names the rule "${ruleId}", which is not there` });
  return issues;
}

function tierIssues({ units, tiers }: Draft): DocumentIssue[] {
  if (tiers === null) return [];
  const issues: DocumentIssue[] = [];
  const { unit } = tiers.qualifiesBy;
  if (unit !== undefined && !units.some((candidate) => candidate.id === unit))
    issues.push({ path: ['tiers', 'qualifiesBy'], message: `counts "${unit}", which is not a unit of this program` });
  const isRising = tiers.levels.every((level, index) => level.threshold > (tiers.levels[index - 1]?.threshold ?? 0));
  if (!isRising)
    issues.push({ path: ['tiers', 'levels'], message: 'each threshold must be higher than the one before' });
  return issues;
}

function rewardIssues({ units, rewards, tiers, collections }: Draft): DocumentIssue[] {
  const tierIds = new Set(tiers?.levels.map((level) => level.id));
  const issues: DocumentIssue[] = [];
  for (const [index, reward] of rewards.entries()) {
    const claim = (message: string) => issues.push({ path: ['rewards', index], message });
    const unit = units.find((candidate) => candidate.id === reward.unit);
    const isReached = reward.atStamp !== undefined || reward.collectionId !== undefined;
    if (unit === undefined) claim(`costs "${reward.unit}", which is not a unit of this program`);
    if (isReached !== (reward.cost === 0))
      claim('costs nothing exactly when it is a mid-card reward or the reward of a collection');
    if (reward.atStamp !== undefined && reward.collectionId !== undefined)
      claim('is a mid-card reward or the reward of a collection, not both');
    if (reward.atStamp !== undefined && reward.atStamp >= (unit?.stampsNeeded ?? 0))
      claim('must come before the card is full; a full card is a reward that costs its stamps');
    if (reward.collectionId !== undefined && !collections.some(({ id }) => id === reward.collectionId))
      claim(`names the collection "${reward.collectionId}", which is not there`);
    for (const tierId of reward.tierIds ?? [])
      if (!tierIds.has(tierId)) claim(`names the tier "${tierId}", which this program does not have`);
    const { validFrom, validTo } = reward;
    if (validFrom !== undefined && validTo !== undefined && validFrom >= validTo) claim('must end after it begins');
  }
  return issues;
}

function collectionIssues({ units, collections }: Draft): DocumentIssue[] {
  const stampIds = new Set(units.filter((unit) => unit.kind === 'stamp').map((unit) => unit.id));
  const issues: DocumentIssue[] = [];
  for (const [index, collection] of collections.entries()) {
    const path = ['collections', index];
    for (const unit of collection.units)
      if (!stampIds.has(unit))
        issues.push({ path, message: `collects "${unit}", which is not a stamp of this program` });
    const different = new Set(collection.units).size;
    if (collection.kind !== 'sequence' && different < collection.units.length)
      issues.push({ path, message: 'names a stamp twice' });
    if (collection.kind === 'any' && collection.needed > different)
      issues.push({ path, message: 'needs more different stamps than it names' });
  }
  return issues;
}

function referralIssues({ units, referral }: Draft): DocumentIssue[] {
  const unitIds = new Set(units.map((unit) => unit.id));
  return ([referral?.friend, referral?.referrer] as const).flatMap((side) =>
    side && !unitIds.has(side.unit)
      ? [{ path: ['referral'], message: `pays "${side.unit}", which is not a unit of this program` }]
      : [],
  );
}
