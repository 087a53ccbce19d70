/** Exact fractions of whole numbers, as at school. */

export type Fraction = { over: bigint; under: bigint };

export function fraction(over: number | bigint, under: number | bigint = 1): Fraction {
  return { over: BigInt(over), under: BigInt(under) };
}

export const none = fraction(0);

export function plus(one: Fraction, two: Fraction): Fraction {
  if (one.under === two.under) return { over: one.over + two.over, under: one.under };
  return { over: one.over * two.under + two.over * one.under, under: one.under * two.under };
}

export function times(one: Fraction, two: Fraction): Fraction {
  return { over: one.over * two.over, under: one.under * two.under };
}

export function isAbove(one: Fraction, two: Fraction): boolean {
  return one.over * two.under > two.over * one.under;
}

/** The whole number next to a fraction that is not negative. */
export function wholeOf(value: Fraction, rounding: 'floor' | 'nearest-even' | 'ceil'): number {
  const below = value.over / value.under;
  const rest = { over: value.over % value.under, under: value.under };
  const half = fraction(1, 2);
  if (rest.over === 0n || rounding === 'floor') return Number(below);
  if (rounding === 'ceil' || isAbove(rest, half)) return Number(below + 1n);
  if (isAbove(half, rest)) return Number(below);
  return Number(below % 2n === 0n ? below : below + 1n);
}
