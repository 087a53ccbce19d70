/** Why a target is what it is, in words: one line for each rule and order line, saying what counted and what changed it. */
import type { ExplanationPart } from '#app/domain/earning/earning.ts';
import type { AppliedMultiplier, Limit } from '#app/domain/earning/modifiers.ts';
import { formatMinor } from '#app/domain/money.ts';
import { writeMultiplier } from '#app/domain/programs/condition-sentences.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';

/** `label` is the rule's name; `eligible` the money that counted, where money did; `notes` what changed the amount. */
export type ExplainedPart = {
  label: string;
  lineId: string | null;
  eligible: string | null;
  notes: string[];
  amount: number;
};

const limitWords: Record<Limit, string> = {
  'per-order': 'limited to the most for one order',
  'per-day': 'limited to the most for one day',
  'per-member': 'limited to the most for one member',
  'cool-down': 'too soon after the last time',
  'largest-amount': 'limited to the largest amount there is',
};

/** A part in words, by the document it was settled with. `currency` is the order's own. */
export function explainPart(part: ExplanationPart, document: ProgramDocument, currency: string): ExplainedPart {
  const rule = document.earnRules.find((candidate) => candidate.id === part.ruleId);
  return {
    label: rule === undefined ? part.ruleId : ruleTitle(rule, document),
    lineId: part.lineId,
    eligible:
      part.eligibleMinor === null
        ? null
        : formatMinor({ minor: part.eligibleMinor, currency: part.currency ?? currency, locale: 'en' }),
    notes: [
      ...(part.multipliers ?? []).map((multiplier) => describeMultiplier(multiplier, document)),
      ...(part.limitedBy === undefined ? [] : [limitWords[part.limitedBy]]),
    ],
    amount: part.amount,
  };
}

function describeMultiplier({ by, id, times, over }: AppliedMultiplier, document: ProgramDocument): string {
  const named = by === 'campaign' ? document.campaigns : (document.tiers?.levels ?? []);
  const name = named.find((candidate) => candidate.id === id)?.name ?? id;
  return `× ${writeMultiplier({ times, over })} by “${name}”`;
}
