/** One thing to know about a program before it goes live. */
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';

/** `refused` must not be published; a `warning` may be what the merchant wants. */
export type ProgramFinding = {
  severity: 'refused' | 'warning';
  code:
    | 'never-matches'
    | 'hardly-matches'
    | 'condition-ignored'
    | 'no-rate'
    | 'campaign-over'
    | 'campaign-without-effect'
    | 'overlap'
    | 'loop'
    | 'pays-more-than-value'
    | 'unit-not-earned'
    | 'unit-not-spent'
    | 'tier-out-of-reach'
    | 'reward-beyond-card'
    | 'reward-over';
  /** A sentence in the merchant's words. */
  message: string;
  /** Where in the document. */
  path: (string | number)[];
};

/** What a merchant calls a rule. */
export function ruleName(rule: EarnRule): string {
  return `“${rule.name ?? rule.id}”`;
}
