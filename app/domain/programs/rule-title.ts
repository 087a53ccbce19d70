/** What a rule is called. */
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

const eventTitles = { 'sign-up': 'joining', birthday: 'a birthday', review: 'a review', custom: 'an event' } as const;

/** What a rule is called where its merchant gave it no name: `Points for what is spent`. */
export function ruleTitle(rule: EarnRule, document: ProgramDocument): string {
  if (rule.name !== undefined && rule.name.trim() !== '') return rule.name;
  const label = document.units.find((unit) => unit.id === rule.unit)?.label ?? 'Something';
  if (rule.kind === 'event') return `${label} for ${eventTitles[rule.event]}`;
  return `${label} for ${{ spend: 'what is spent', item: 'each item', visit: 'each order' }[rule.kind]}`;
}

/** The document with a name for every rule, for words that know nothing but the rule. */
export function withRuleTitles(document: ProgramDocument): ProgramDocument {
  return { ...document, earnRules: document.earnRules.map((rule) => ({ ...rule, name: ruleTitle(rule, document) })) };
}
