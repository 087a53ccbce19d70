/**
 * How a member's tier moves as they qualify, level by level.
 *
 * - *Up at once*: as soon as what qualifies in the window reaches a level. Refunds and time alone never take a tier away
 *   before a review.
 * - *Calendar*: what was reached in a period is held to the period's end plus grace. Then it is reviewed with the sum of
 *   that period as it stands by then, and what that sum gives is held to the next period's end plus grace; so a year's
 *   tier is enjoyed for the rest of that year and the whole of the next. Of several periods the best counts.
 * - *Rolling*: a sale counts through the day so many months after it. A tier is reviewed at the end of the day so many
 *   months after the day it was reached or last reviewed, plus grace, with what counts by then, and falls to what that
 *   gives.
 * - *Lifetime*: never falls.
 *
 * At one instant refunds come before a review, and a review before sales.
 */
import {
  addDays,
  addMonths,
  endOfDay,
  type LocalDate,
  localDateOf,
  type Period,
  periodOf,
} from '#app/domain/calendar.ts';
import type { Tiers } from '#app/domain/programs/program.ts';

/** One change of what qualifies. `source` is the sale or occasion it belongs to, the same object each time. */
export type QualifyingChange = {
  source: object;
  /** When it changed: the sale itself, or a refund or cancellation of it. */
  atMs: number;
  saleMs: number;
  isSale: boolean;
  amount: bigint;
};

/** A level is its index in the tiers' list; −1 is none. */
export type TierCourse = {
  /** Changes must be told in the order of their times. */
  take: (change: QualifyingChange) => void;
  standAt: (atMs: number) => { level: number; sinceMs: number | null };
  /** What qualifies in the window at the instant last asked about or told of, and until when the level is held if nothing more happens. */
  outlook: () => { progress: bigint; heldUntilMs: number | null };
};

type Window = {
  level: () => number;
  nextReviewMs: () => number;
  review: (atMs: number) => void;
  take: (change: QualifyingChange) => void;
  progress: (atMs: number) => bigint;
  heldUntilMs: () => number | null;
};

type LevelOf = (sum: bigint) => number;
type Rules<Kind extends Tiers['window']['kind']> = {
  window: Tiers['window'] & { kind: Kind };
  graceDays: number;
  timeZone: string;
  levelOf: LevelOf;
};

/** A course that starts with nobody. Throws RangeError, when something is told, for a time zone that does not exist. */
export function openTierCourse({ window, graceDays, levels }: Tiers, timeZone: string): TierCourse {
  const levelOf: LevelOf = (sum) => levels.findLastIndex((level) => sum >= BigInt(level.threshold));
  const held = openWindow(window, { graceDays, timeZone, levelOf });
  let level = -1;
  let sinceMs: number | null = null;
  let nowMs = Number.NEGATIVE_INFINITY;
  const note = (atMs: number) => {
    nowMs = atMs;
    if (held.level() === level) return;
    level = held.level();
    sinceMs = level < 0 ? null : atMs;
  };
  const reviewBefore = (endMs: number) => {
    for (let dueMs = held.nextReviewMs(); dueMs < endMs; dueMs = held.nextReviewMs()) {
      held.review(dueMs);
      note(dueMs);
    }
  };
  return {
    take: (change) => {
      reviewBefore(change.isSale ? change.atMs + 1 : change.atMs);
      held.take(change);
      note(change.atMs);
    },
    standAt: (atMs) => {
      reviewBefore(atMs + 1);
      nowMs = atMs;
      return { level, sinceMs };
    },
    outlook: () => ({ progress: held.progress(nowMs), heldUntilMs: level < 0 ? null : held.heldUntilMs() }),
  };
}

function openWindow(window: Tiers['window'], rules: Omit<Rules<'rolling'>, 'window'>): Window {
  if (window.kind === 'calendar') return openCalendar({ ...rules, window });
  return window.kind === 'rolling' ? openRolling({ ...rules, window }) : openLifetime(rules.levelOf);
}

function openLifetime(levelOf: LevelOf): Window {
  let sum = 0n;
  let level = -1;
  return {
    level: () => level,
    nextReviewMs: () => Number.POSITIVE_INFINITY,
    review: () => {},
    take: (change) => {
      sum += change.amount;
      level = Math.max(level, levelOf(sum));
    },
    progress: () => sum,
    heldUntilMs: () => null,
  };
}

/** A calendar period: when it is, when it is reviewed, and when what that gave is over. */
type Term = {
  startMs: number;
  endMs: number;
  reviewMs: number;
  lapseMs: number;
  sum: bigint;
  peak: number;
  settled: number | null;
};

function openCalendar({ window, graceDays, timeZone, levelOf }: Rules<'calendar'>): Window {
  let terms: Term[] = [];
  const termAt = (atMs: number) => terms.find((term) => term.startMs <= atMs && atMs < term.endMs);
  const levelOfTerm = (term: Term) => term.settled ?? term.peak;
  const level = () => terms.reduce((best, term) => Math.max(best, levelOfTerm(term)), -1);
  const begin = (saleMs: number): Term => {
    const term = termOf(saleMs, { period: window.period, graceDays, timeZone });
    terms.push(term);
    return term;
  };
  return {
    level,
    nextReviewMs: () =>
      terms.reduce(
        (next, term) => Math.min(next, term.settled === null ? term.reviewMs : term.lapseMs),
        Number.POSITIVE_INFINITY,
      ),
    review: (atMs) => {
      for (const term of terms) if (term.settled === null && term.reviewMs <= atMs) term.settled = levelOf(term.sum);
      terms = terms.filter((term) => term.lapseMs > atMs);
    },
    take: (change) => {
      // A refund of a sale whose period is over for good changes nothing any more.
      const term = termAt(change.saleMs) ?? (change.isSale ? begin(change.saleMs) : undefined);
      if (term === undefined) return;
      term.sum += change.amount;
      term.peak = Math.max(term.peak, levelOf(term.sum));
    },
    progress: (atMs) => termAt(atMs)?.sum ?? 0n,
    heldUntilMs: () => {
      const best = level();
      const ends = terms.map((term) => {
        if ((term.settled ?? levelOf(term.sum)) >= best) return term.lapseMs;
        return levelOfTerm(term) >= best ? term.reviewMs : 0;
      });
      return Math.max(...ends);
    },
  };
}

function termOf(
  saleMs: number,
  { period, graceDays, timeZone }: { period: Period; graceDays: number; timeZone: string },
): Term {
  const { first, last } = periodOf(localDateOf(new Date(saleMs), timeZone), period);
  const next = periodOf(addDays(last, 1), period);
  const endMs = (date: LocalDate) => endOfDay(date, timeZone).getTime();
  return {
    startMs: endMs(addDays(first, -1)),
    endMs: endMs(last),
    reviewMs: endMs(addDays(last, graceDays)),
    lapseMs: endMs(addDays(next.last, graceDays)),
    sum: 0n,
    peak: -1,
    settled: null,
  };
}

type Counted = { endMs: number; amount: bigint; isOver: boolean };

function openRolling({ window: { months }, graceDays, timeZone, levelOf }: Rules<'rolling'>): Window {
  const counted: Counted[] = [];
  const bySource = new Map<object, Counted>();
  let first = 0;
  let sum = 0n;
  let level = -1;
  let heldFrom: LocalDate | null = null;
  const monthsAfter = (date: LocalDate) => endOfDay(addMonths(date, months), timeZone).getTime();
  const reviewOf = (date: LocalDate) => endOfDay(addDays(addMonths(date, months), graceDays), timeZone).getTime();
  const nextReviewMs = () => (heldFrom === null ? Number.POSITIVE_INFINITY : reviewOf(heldFrom));
  /** The day that has just ended at a review. */
  const dayBefore = (atMs: number) => addDays(localDateOf(new Date(atMs), timeZone), -1);
  const sumAt = (atMs: number) => {
    for (let sale = counted[first]; sale !== undefined && sale.endMs <= atMs; sale = counted[first]) {
      sale.isOver = true;
      sum -= sale.amount;
      first += 1;
    }
    return sum;
  };
  const change = (source: object, amount: bigint) => {
    const sale = bySource.get(source);
    if (sale === undefined) return;
    sale.amount += amount;
    if (!sale.isOver) sum += amount;
  };
  return {
    level: () => level,
    nextReviewMs,
    review: (atMs) => {
      level = levelOf(sumAt(atMs));
      heldFrom = level < 0 ? null : dayBefore(atMs);
    },
    take: ({ source, atMs, saleMs, isSale, amount }) => {
      sumAt(atMs);
      if (isSale && !bySource.has(source)) {
        const sale = { endMs: monthsAfter(localDateOf(new Date(saleMs), timeZone)), amount: 0n, isOver: false };
        counted.push(sale);
        bySource.set(source, sale);
      }
      change(source, amount);
      if (levelOf(sum) <= level) return;
      level = levelOf(sum);
      heldFrom = localDateOf(new Date(atMs), timeZone);
    },
    progress: sumAt,
    heldUntilMs: () => {
      let untilMs = nextReviewMs();
      const levelLeft = (atMs: number) =>
        levelOf(counted.slice(first).reduce((left, sale) => (sale.endMs > atMs ? left + sale.amount : left), 0n));
      while (levelLeft(untilMs) >= level) untilMs = reviewOf(dayBefore(untilMs));
      return untilMs;
    },
  };
}
