/** What a merchant should hear about a program before it goes live, in their words. Nothing here is forbidden. */
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** Sentences about units nobody can earn or spend, and rewards that nobody will reach soon. Empty: nothing to say. */
export function programWarnings(document: ProgramDocument): string[] {
  const warnings: string[] = [];
  for (const unit of document.units) {
    if (!document.earnRules.some((rule) => rule.unit === unit.id))
      warnings.push(`Nothing earns ${unit.label} yet: add a rule, or remove them from the program.`);
    if (!document.rewards.some((reward) => reward.unit === unit.id))
      warnings.push(`${unit.label} cannot be spent on anything yet: add a reward.`);
  }
  for (const reward of document.rewards) {
    const unit = document.units.find((candidate) => candidate.id === reward.unit);
    if (unit?.kind === 'stamp' && reward.cost > unit.stampsNeeded)
      warnings.push(`“${reward.name}” costs more ${unit.label} than one card holds.`);
  }
  return warnings;
}
