/** Exact division of non-negative whole numbers: the only places where earning rounds. */
import type { Rounding } from '#app/domain/programs/earn-rules.ts';

/** `numerator / denominator` as a whole number. Both are non-negative, the denominator is not 0. */
export function roundRatio(ratio: { numerator: bigint; denominator: bigint }, rounding: Rounding): bigint {
  const quotient = ratio.numerator / ratio.denominator;
  const remainder = ratio.numerator % ratio.denominator;
  if (remainder === 0n || rounding === 'floor') return quotient;
  if (rounding === 'ceil') return quotient + 1n;
  const twice = remainder * 2n;
  if (twice === ratio.denominator) return quotient + (quotient % 2n);
  return twice > ratio.denominator ? quotient + 1n : quotient;
}

/**
 * Spreads `total` over parts that are exactly `numerators[i] / denominator` each: every part gets its whole number, and
 * what is left goes to the largest remainders, ties to the earlier part. The answers always add up to `total`, which
 * must be the parts' sum rounded in any direction.
 */
export function spreadLargestRemainder(total: bigint, numerators: readonly bigint[], denominator: bigint): bigint[] {
  const parts = numerators.map((numerator) => numerator / denominator);
  let left = parts.reduce((rest, part) => rest - part, total);
  if (left === 0n) return parts;
  const byRemainder = numerators
    .map((numerator, index) => ({ index, remainder: numerator % denominator }))
    .toSorted((one, two) => {
      if (one.remainder === two.remainder) return one.index - two.index;
      return one.remainder > two.remainder ? -1 : 1;
    });
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}
