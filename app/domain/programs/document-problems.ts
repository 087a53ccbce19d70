/**
 * What a person has to mend in a program before it can be saved: one sentence for each field, saying what would be right.
 * The same check in the browser and on the server; it refuses whatever the program's schema refuses.
 */
import { documentIssues } from '#app/domain/programs/document-issues.ts';
import { claimMultiplier, type Claims, collectClaims, type Problems } from '#app/domain/programs/problem-claims.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument, ProgramSettings, Tiers, Unit } from '#app/domain/programs/program.ts';
import { claimCollection, claimReward } from '#app/domain/programs/reward-problems.ts';
import { claimCampaign, claimRule } from '#app/domain/programs/rule-problems.ts';

const unitsMax = 1_000_000_000;

/** Advice by the path of the field. Empty when the document can be saved. */
export function documentProblems(document: ProgramDocument): Problems {
  const claims = collectClaims();
  const { earnRules, campaigns, tiers, rewards, collections, referral, units, settings } = document;
  claims.words('name', document.name, 40);
  claimCounts(claims, document);
  units.forEach((unit, index) => claimUnit(claims, `units.${index}`, unit));
  earnRules.forEach((rule, index) => claimRule(claims, `earnRules.${index}`, rule));
  campaigns.forEach((campaign, index) => claimCampaign(claims, `campaigns.${index}`, campaign));
  if (tiers) claimTiers(claims, tiers);
  rewards.forEach((reward, index) => claimReward(claims, `rewards.${index}`, reward, document));
  collections.forEach((collection, index) => claimCollection(claims, `collections.${index}`, collection));
  if (referral) claimReferral(claims, referral);
  claimSettings(claims, settings);
  claimIssues(claims, document);
  return claims.problems;
}

function claimCounts({ claim }: Claims, document: ProgramDocument): void {
  const { units, earnRules, campaigns, rewards, collections } = document;
  claim('units', units.length === 0, 'Add points or a stamp card: a program counts at least one thing.');
  claim('units', units.length > limits.unitsMax, `A program counts at most ${limits.unitsMax} things.`);
  claim('earnRules', earnRules.length === 0, 'Add a rule: without one nobody earns anything.');
  claim('earnRules', earnRules.length > limits.earnRulesMax, `A program has at most ${limits.earnRulesMax} rules.`);
  claim('campaigns', campaigns.length > limits.campaignsMax, `A program has at most ${limits.campaignsMax} campaigns.`);
  claim('rewards', rewards.length > limits.rewardsMax, `A program has at most ${limits.rewardsMax} rewards.`);
  claim(
    'collections',
    collections.length > limits.collectionsMax,
    `A program has at most ${limits.collectionsMax} collections.`,
  );
}

function claimUnit({ words, whole }: Claims, path: string, unit: Unit): void {
  words(`${path}.label`, unit.label, 24);
  if (unit.kind === 'stamp') whole(`${path}.stampsNeeded`, unit.stampsNeeded, { min: 2, max: limits.stampsNeededMax });
}

function claimTiers(claims: Claims, { qualifiesBy, window, graceDays, levels }: Tiers): void {
  const { claim, whole, money, words } = claims;
  if (window.kind === 'rolling') whole('tiers.window.months', window.months, { min: 1, max: 36 });
  whole('tiers.graceDays', graceDays, { min: 0, max: 366 });
  claim('tiers.levels', levels.length === 0, 'Add a tier, or switch tiers off.');
  claim('tiers.levels', levels.length > limits.tiersMax, `A program has at most ${limits.tiersMax} tiers.`);
  levels.forEach((level, index) => {
    const at = `tiers.levels.${index}`;
    words(`${at}.name`, level.name, 60);
    if (qualifiesBy.kind === 'spend') money(`${at}.threshold`, level.threshold);
    else whole(`${at}.threshold`, level.threshold, { min: 1, max: unitsMax });
    const before = levels[index - 1]?.threshold ?? 0;
    claim(`${at}.threshold`, level.threshold <= before, 'Ask for more than the tier before does.');
    claimMultiplier(claims, `${at}.multiplier`, level.multiplier);
  });
}

function claimReferral({ claim, whole }: Claims, referral: NonNullable<ProgramDocument['referral']>): void {
  const { friend, referrer, pendingDays, minimumMinor, friendsMax } = referral;
  whole('referral.friend.amount', friend?.amount, { min: 1, max: unitsMax });
  whole('referral.referrer.amount', referrer?.amount, { min: 1, max: unitsMax });
  whole('referral.pendingDays', pendingDays, { min: 0, max: 90 });
  const isMinimumSound = Number.isSafeInteger(minimumMinor) && minimumMinor >= 0 && minimumMinor <= unitsMax;
  claim('referral.minimumMinor', !isMinimumSound, 'Enter an amount of money; 0 for any order.');
  whole('referral.friendsMax', friendsMax, { min: 1, max: 10_000 });
}

function claimSettings({ whole }: Claims, settings: ProgramSettings): void {
  const { expiry, pending, returnGraceDays, expiryNoticeDays } = settings;
  whole('settings.returnGraceDays', returnGraceDays, { min: 0, max: 366 });
  whole('settings.expiryNoticeDays', expiryNoticeDays, { min: 1, max: 90 });
  if (pending.until === 'days') whole('settings.pending.days', pending.days, { min: 1, max: 120 });
  if (expiry.mode === 'calendar') whole('settings.expiry.graceDays', expiry.graceDays, { min: 0, max: 366 });
  if (expiry.mode === 'rolling' || expiry.mode === 'sliding')
    whole('settings.expiry.months', expiry.months, { min: 1, max: 120 });
}

/** What the parts say of each other; shown only where nothing more exact was said of the same part. */
function claimIssues({ claim, problems }: Claims & { problems: Problems }, document: ProgramDocument): void {
  for (const { path, message } of documentIssues(document)) {
    const at = path.join('.');
    const isTold = Object.keys(problems).some((told) => told === at || told.startsWith(`${at}.`));
    if (!isTold) claim(at, true, `This ${message}.`);
  }
}
