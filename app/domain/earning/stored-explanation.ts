/** Explanations as they are kept: of huge orders the first parts one by one, the rest as one part for each rule. */
import type { ExplanationPart } from '#app/domain/earning/earning.ts';

/** More parts than this are not kept one by one. */
export const explanationPartsMax = 100;

/** At most so many parts, and one for each rule that has more; they add up to the same. Short ones stay as they are. */
export function storedExplanation(parts: readonly ExplanationPart[]): ExplanationPart[] {
  if (parts.length <= explanationPartsMax) return [...parts];
  const rest = new Map<string, ExplanationPart>();
  for (const part of parts.slice(explanationPartsMax)) {
    const sum = rest.get(part.ruleId);
    rest.set(part.ruleId, sum === undefined ? { ...part, lineId: null } : addUp(sum, part));
  }
  return [...parts.slice(0, explanationPartsMax), ...rest.values()];
}

function addUp(sum: ExplanationPart, part: ExplanationPart): ExplanationPart {
  const isMoney = sum.eligibleMinor !== null && part.eligibleMinor !== null;
  return {
    ...sum,
    eligibleMinor: isMoney ? (sum.eligibleMinor ?? 0) + (part.eligibleMinor ?? 0) : null,
    amount: sum.amount + part.amount,
  };
}
