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

function ruleIssues(draft: Draft): DocumentIssue[] {
  const names = {
    unitIds: new Set(draft.units.map((unit) => unit.id)),
    tierIds: new Set(draft.tiers?.levels.map((level) => level.id)),
  };
  const ruleIds = new Set(draft.earnRules.map((rule) => rule.id));
  const ofRules = draft.earnRules.flatMap((rule, index) =>
    oneRuleIssues(rule, names).map((message) => ({ path: ['earnRules', index], message })),
  );
  const ofCampaigns = draft.campaigns.flatMap((campaign, index) =>
    (campaign.ruleIds ?? [])
      .filter((ruleId) => !ruleIds.has(ruleId))
      .map((ruleId) => ({ path: ['campaigns', index], message: `names the rule "${ruleId}", which is not there` })),
  );
  return [...ofRules, ...ofCampaigns];
}

function oneRuleIssues(rule: EarnRule, { unitIds, tierIds }: { unitIds: Set<string>; tierIds: Set<string> }): string[] {
  const messages: string[] = [];
  if (!unitIds.has(rule.unit)) messages.push(`earns "${rule.unit}", which is not a unit of this program`);
  for (const tierId of rule.conditions.tierIds ?? [])
    if (!tierIds.has(tierId)) messages.push(`names the tier "${tierId}", which this program does not have`);
  if (rule.kind === 'event' && (rule.event === 'custom') !== (rule.eventName !== undefined))
    messages.push('a custom event needs an eventName, and only a custom event has one');
  if (rule.kind === 'spend' && new Set(rule.rates.map((rate) => rate.currency)).size < rule.rates.length)
    messages.push('has two rates for one currency');
  return messages;
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

function rewardIssues(draft: Draft): DocumentIssue[] {
  return draft.rewards.flatMap((reward, index) =>
    [...rewardPrice(reward, draft), ...rewardGates(reward, draft)].map((message) => ({
      path: ['rewards', index],
      message,
    })),
  );
}

function rewardPrice(reward: Reward, { units, collections }: Draft): string[] {
  const messages: string[] = [];
  const unit = units.find((candidate) => candidate.id === reward.unit);
  const isReached = reward.atStamp !== undefined || reward.collectionId !== undefined;
  if (unit === undefined) messages.push(`costs "${reward.unit}", which is not a unit of this program`);
  if (isReached !== (reward.cost === 0))
    messages.push('costs nothing exactly when it is a mid-card reward or the reward of a collection');
  if (reward.atStamp !== undefined && reward.collectionId !== undefined)
    messages.push('is a mid-card reward or the reward of a collection, not both');
  if (reward.atStamp !== undefined && reward.atStamp >= (unit?.stampsNeeded ?? 0))
    messages.push('must come before the card is full; a full card is a reward that costs its stamps');
  if (reward.collectionId !== undefined && !collections.some(({ id }) => id === reward.collectionId))
    messages.push(`names the collection "${reward.collectionId}", which is not there`);
  return messages;
}

function rewardGates({ tierIds, validFrom, validTo }: Reward, { tiers }: Draft): string[] {
  const known = new Set(tiers?.levels.map((level) => level.id));
  const messages = (tierIds ?? [])
    .filter((tierId) => !known.has(tierId))
    .map((tierId) => `names the tier "${tierId}", which this program does not have`);
  if (validFrom !== undefined && validTo !== undefined && validFrom >= validTo)
    messages.push('must end after it begins');
  return messages;
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
