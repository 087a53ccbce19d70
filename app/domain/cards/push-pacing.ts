/**
 * When to push. A quiet card is pushed almost at once; one that changes again and again at most every second and a half, since
 * phones stop listening to those who call too often. What changes in bulk is pushed no faster than phones can be served:
 * every push is answered by a fetch.
 */

/** After a change is announced: long enough for the changes that come with it, too short to be noticed. */
const quietPauseMs = 150;
const busyPauseMs = 1_500;

/** How long to wait before pushing a change that one shopper waits for. */
export function pushDelayMs(card: { lastPushedAt: Date | null; at: Date }): number {
  if (card.lastPushedAt === null) return quietPauseMs;
  const sinceMs = card.at.getTime() - card.lastPushedAt.getTime();
  return Math.min(busyPauseMs, Math.max(quietPauseMs, busyPauseMs - sinceMs));
}

/** In bulk a card is pushed at most once in this time, whatever else changes about its program meanwhile. */
export const bulkPauseMs = 60_000;

/** How much slower bulk pushes are after fetches went badly, and since when. */
export type LoweredPace = { perSecond: number; loweredAt: Date };

const perSecondMin = 5;
const slowerBy = 0.5;
/** The full pace is back after a minute without trouble. */
const recoveryMs = 60_000;

/** Bulk pushes a second, now: what fetches can stand, or the lowered pace and what it has recovered since. */
export function paceAt(lowered: LoweredPace | null, now: { perSecondMax: number; at: Date }): number {
  const { perSecondMax, at } = now;
  if (lowered === null) return perSecondMax;
  const sinceMs = Math.max(0, at.getTime() - lowered.loweredAt.getTime());
  const recovered = lowered.perSecond + (perSecondMax * sinceMs) / recoveryMs;
  return Math.min(perSecondMax, Math.max(perSecondMin, recovered));
}

/** The pace to go on with when fetches go badly at this one. */
export function slowerThan(perSecond: number): number {
  return Math.max(perSecondMin, perSecond * slowerBy);
}

/** Fetches of about a second. */
export type FetchFigures = { count: number; failed: number; slow: number };

/** A fetch that takes longer counts as slow. */
export const slowFetchMs = 400;
const slowShareMax = 0.1;

/** Whether fetches go so badly that fewer phones should be woken. */
export function isOverloaded({ count, failed, slow }: FetchFigures): boolean {
  return failed > 0 || (count >= 5 && slow / count > slowShareMax);
}

const hourMs = 60 * 60 * 1000;

/** How long after the push before it a device that did not fetch is reminded: 1, 6 and 24 hours after the first push. */
export const reminderWaitsMs: readonly number[] = [hourMs, 5 * hourMs, 18 * hourMs];
