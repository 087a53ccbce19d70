/** What a program owes its members, in units and, where a reward prices the unit, in money. */
import type { UnitPrice } from '#app/domain/programs/unit-price.ts';
import { valueOf } from '#app/domain/programs/unit-price.ts';

/** A number of units, and its money in minor units of the shop's currency, rounded up; null where no reward prices the unit. */
export type Figure = { amount: number; valueMinor: number | null };

/** One month of the shop's calendar. All amounts are 0 or more but `outstanding`, which is net of what is owed. */
export type LiabilityMonth = {
  /** As 2026-11. */
  month: string;
  /** Earned and granted, before what was taken back. */
  earned: number;
  /** Taken back: refunds, and adjustments downwards. */
  takenBack: number;
  spent: number;
  /** Spending given back. */
  givenBack: number;
  /** Breakage, net of what gave way to a refund. */
  expired: number;
  writtenOff: number;
  /** What members held at its end. */
  outstanding: number;
};

/** What was booked in a month: a month without its end. */
export type BookedFigures = Omit<LiabilityMonth, 'outstanding'>;

/** The figure of an amount. */
export function figureOf(amount: number, price: UnitPrice | null): Figure {
  return { amount, valueMinor: valueOf(amount, price ?? undefined) };
}

/**
 * Every month named, oldest first, with what members held at its end: reckoned back from what they hold now. `heldNow`
 * counts in the last month as it is; members erased since (`erased`) still held theirs in the months before.
 */
export function monthSeries(
  months: readonly string[],
  booked: ReadonlyMap<string, BookedFigures>,
  { heldNow, erased }: { heldNow: number; erased: number },
): LiabilityMonth[] {
  const series: LiabilityMonth[] = [];
  let held = heldNow + erased;
  for (const month of months.toReversed()) {
    const figures = booked.get(month) ?? { ...nothingBooked, month };
    series.push({ ...figures, outstanding: series.length === 0 ? heldNow : held });
    held -= netOf(figures);
  }
  return series.toReversed();
}

const nothingBooked = { earned: 0, takenBack: 0, spent: 0, givenBack: 0, expired: 0, writtenOff: 0 };

function netOf({ earned, takenBack, spent, givenBack, expired, writtenOff }: BookedFigures): number {
  return earned - takenBack - spent + givenBack - expired + writtenOff;
}
