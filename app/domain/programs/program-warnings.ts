/** What a merchant must or should hear about a program before it goes live, in their words. */
import { instantOf } from '#app/domain/calendar.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { ProgramFinding } from '#app/domain/programs/program-finding.ts';
import { campaignFindings, overlapFindings, type Reviewing, ruleFindings } from '#app/domain/programs/rule-findings.ts';
import { withRuleTitles } from '#app/domain/programs/rule-title.ts';
import { valueFindings } from '#app/domain/programs/value-findings.ts';

/**
 * Everything to know about a program, what must not be published first. `currency` and `timeZone` are the shop's. Throws
 * RangeError for a time zone that does not exist.
 */
export function reviewProgram(reviewed: ProgramDocument, reviewing: Reviewing): ProgramFinding[] {
  const document = withRuleTitles(reviewed);
  const findings = [
    ...ruleFindings(document, reviewing),
    ...valueFindings(document),
    ...campaignFindings(document, reviewing),
    ...overlapFindings(document),
    ...unitFindings(document),
    ...rewardsOver(document, reviewing),
  ];
  return findings.toSorted((one, two) => Number(two.severity === 'refused') - Number(one.severity === 'refused'));
}

/** Sentences about units nobody can earn or spend, and rewards that nobody will reach soon. Empty: nothing to say. */
export function programWarnings(document: ProgramDocument): string[] {
  return unitFindings(document).map(({ message }) => message);
}

function unitFindings(document: ProgramDocument): ProgramFinding[] {
  const findings: ProgramFinding[] = [];
  for (const [index, { id, label }] of document.units.entries()) {
    const warn = (code: ProgramFinding['code'], message: string) =>
      findings.push({ severity: 'warning', code, message, path: ['units', index] });
    if (!isEarned(document, id))
      warn('unit-not-earned', `Nothing earns ${label} yet: add a rule, or remove them from the program.`);
    if (!isSpent(document, id)) warn('unit-not-spent', `${label} cannot be spent on anything yet: add a reward.`);
  }
  return [...findings, ...rewardsBeyondCard(document), ...tiersOutOfReach(document)];
}

function rewardsBeyondCard({ rewards, units }: ProgramDocument): ProgramFinding[] {
  return rewards.flatMap(({ name, cost, unit: unitId }, index): ProgramFinding[] => {
    const unit = units.find((candidate) => candidate.id === unitId);
    if (unit?.kind !== 'stamp' || cost <= unit.stampsNeeded) return [];
    const message = `“${name}” costs more ${unit.label} than one card holds.`;
    return [{ severity: 'warning', code: 'reward-beyond-card', message, path: ['rewards', index, 'cost'] }];
  });
}

function tiersOutOfReach({ tiers, units, earnRules }: ProgramDocument): ProgramFinding[] {
  if (tiers === null || tiers.qualifiesBy.kind !== 'unit') return [];
  const { unit: unitId } = tiers.qualifiesBy;
  if (earnRules.some((rule) => rule.unit === unitId)) return [];
  const label = units.find((unit) => unit.id === unitId)?.label ?? unitId;
  const message = `Nobody can reach a tier: they count ${label}, which no rule gives.`;
  return [{ severity: 'warning', code: 'tier-out-of-reach', message, path: ['tiers', 'qualifiesBy'] }];
}

function isEarned({ earnRules, referral }: ProgramDocument, unitId: string): boolean {
  return [...earnRules, referral?.friend, referral?.referrer].some((giver) => giver?.unit === unitId);
}

function isSpent({ rewards, collections }: ProgramDocument, unitId: string): boolean {
  return rewards.some(({ unit, collectionId }) => {
    if (collectionId === undefined) return unit === unitId;
    return collections.some(({ id, units }) => id === collectionId && units.includes(unitId));
  });
}

function rewardsOver({ rewards }: ProgramDocument, { at, timeZone }: Reviewing): ProgramFinding[] {
  return rewards.flatMap(({ name, validTo }, index): ProgramFinding[] => {
    if (validTo === undefined || instantOf(validTo, timeZone) > at) return [];
    const message = `“${name}” is over already: nobody can have it any more.`;
    return [{ severity: 'warning', code: 'reward-over', message, path: ['rewards', index, 'validTo'] }];
  });
}
