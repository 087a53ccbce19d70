/**
 * Which tier a member has, asked of the whole life again each time.
 *
 * Up at once; down only when what was reached is reviewed. In a calendar, each period is remembered for itself: until its
 * end plus grace by the most its sum ever was, and from then on, to the end of the next period plus grace, by what that
 * sum is at the review. With a rolling window, a tier is reviewed so many months after the day on which it was reached or
 * last reviewed, plus grace. For a lifetime, the most it ever was counts.
 */
import type { ProgramDocument, Tiers } from '#app/domain/programs/program.ts';
import { eligibleIn, sumOf } from '#test/support/oracle/bases.ts';
import type { Occasion } from '#test/support/oracle/life.ts';
import { isStanding, isThere } from '#test/support/oracle/money-left.ts';
import { addDays, addMonths, dayText, endOfDay, lastDayOfPeriod, periodOf } from '#test/support/oracle/wall-clock.ts';

/** What an occasion earned in a unit, as it stood at a time. */
export type EarnedIn = (occasion: Occasion, unit: string, at: number) => number;

type Asked = {
  /** What happened before, the earliest first. */
  earlier: Occasion[];
  at: number;
  document: ProgramDocument;
  timeZone: string;
  earnedIn: EarnedIn;
};

export function tierOf(asked: Asked): { id: string } | null {
  const ladder = ladderOf(asked);
  if (ladder === null) return null;
  const level = levelIn(ladder);
  return level < 0 ? null : (ladder.tiers.levels[level] ?? null);
}

/** What qualifies in the window in which this time lies. */
export function progressOf(asked: Asked): number {
  const ladder = ladderOf(asked);
  if (ladder === null) return 0;
  const { at, timeZone, tiers } = ladder;
  const { window } = tiers;
  let sum = 0;
  for (const occasion of ladder.earlier) {
    const day = dayText(occasion.at, timeZone);
    if (window.kind === 'calendar' && periodOf(day, window.period) !== periodOf(dayText(at, timeZone), window.period))
      continue;
    if (window.kind === 'rolling' && at >= endOfDay(addMonths(day, window.months), timeZone)) continue;
    sum += ladder.worth(occasion, at);
  }
  return sum;
}

function ladderOf({ earlier, at, document, timeZone, earnedIn }: Asked): Ladder | null {
  const { tiers } = document;
  if (tiers === null) return null;
  return {
    tiers,
    timeZone,
    at,
    earlier: earlier.filter((occasion) => !('event' in occasion && occasion.event.isRevoked)),
    worth: (occasion, when) => worthOf(occasion, { tiers, when, earnedIn }),
  };
}

type Ladder = {
  tiers: Tiers;
  timeZone: string;
  at: number;
  earlier: Occasion[];
  /** What an occasion is worth for qualifying, as it stood at a time. */
  worth: (occasion: Occasion, when: number) => number;
};

function worthOf(
  occasion: Occasion,
  { tiers, when, earnedIn }: { tiers: Tiers; when: number; earnedIn: EarnedIn },
): number {
  if (tiers.qualifiesBy.kind === 'unit') return earnedIn(occasion, tiers.qualifiesBy.unit, when);
  if ('event' in occasion) return 0;
  const { order } = occasion;
  if (tiers.qualifiesBy.kind === 'orders') return isThere(order, when) ? 1 : 0;
  if (!isStanding(order, when)) return 0;
  const eligible = eligibleIn({ order, prices: order.shopPrices, conditions: {}, at: when });
  const money = sumOf(eligible.map((one) => one.money));
  return Number(money.over / money.under);
}

/** −1 below the first level. */
function levelFor(ladder: Ladder, sum: number): number {
  let reached = -1;
  for (const [index, { threshold }] of ladder.tiers.levels.entries()) if (sum >= threshold) reached = index;
  return reached;
}

function levelIn(ladder: Ladder): number {
  const { window } = ladder.tiers;
  if (window.kind === 'calendar') return bestPeriod(ladder, window.period);
  if (window.kind === 'rolling') return rollingLevel(ladder, window.months);
  return highest(ladder, ladder.earlier);
}

/** The highest level at which these occasions together ever were, each sale bringing them up. */
function highest(ladder: Ladder, occasions: Occasion[]): number {
  let best = -1;
  for (const [index, { at: when }] of occasions.entries()) {
    let sum = 0;
    for (const occasion of occasions.slice(0, index + 1)) sum += ladder.worth(occasion, when);
    const level = levelFor(ladder, sum);
    if (level > best) best = level;
  }
  return best;
}

function bestPeriod(ladder: Ladder, period: 'month' | 'quarter' | 'year'): number {
  const { earlier, timeZone, at, tiers } = ladder;
  const nameOf = (occasion: Occasion) => periodOf(dayText(occasion.at, timeZone), period);
  let best = -1;
  for (const name of new Set(earlier.map(nameOf))) {
    const within = earlier.filter((occasion) => nameOf(occasion) === name);
    const lastDay = lastDayOfPeriod(dayText(within[0]?.at ?? at, timeZone), period);
    const review = endOfDay(addDays(lastDay, tiers.graceDays), timeZone);
    const nextLastDay = lastDayOfPeriod(addDays(lastDay, 1), period);
    const lapse = endOfDay(addDays(nextLastDay, tiers.graceDays), timeZone);
    let level = -1;
    if (at < review) level = highest(ladder, within);
    else if (at < lapse) {
      let sum = 0;
      for (const occasion of within) sum += ladder.worth(occasion, review);
      level = levelFor(ladder, sum);
    }
    if (level > best) best = level;
  }
  return best;
}

function rollingLevel(ladder: Ladder, months: number): number {
  const { earlier, timeZone, at, tiers } = ladder;
  let level = -1;
  let heldSince = '';
  const counting = (occasions: Occasion[], when: number) => {
    let sum = 0;
    for (const occasion of occasions)
      if (when < endOfDay(addMonths(dayText(occasion.at, timeZone), months), timeZone))
        sum += ladder.worth(occasion, when);
    return levelFor(ladder, sum);
  };
  const reviewUntil = (until: number) => {
    while (level >= 0) {
      const lastDay = addDays(addMonths(heldSince, months), tiers.graceDays);
      const review = endOfDay(lastDay, timeZone);
      if (review > until) return;
      level = counting(
        earlier.filter((occasion) => occasion.at < review),
        review,
      );
      heldSince = lastDay;
    }
  };
  for (const [index, occasion] of earlier.entries()) {
    reviewUntil(occasion.at);
    const now = counting(earlier.slice(0, index + 1), occasion.at);
    if (now <= level) continue;
    level = now;
    heldSince = dayText(occasion.at, timeZone);
  }
  reviewUntil(at);
  return level;
}
