/** Whether two things take the same time, on a machine that does other things too. */
import { randomBytes } from 'node:crypto';

/** Beyond this the two are different with a probability of one in a hundred thousand to be wrong. */
export const tMax = 4.5;

/** What takes longer than the faster half was interrupted by something else. */
const keptShare = 0.5;

/** The mean of the faster half, and the square of its error as Yuen has it: what was cut counts as if it were the slowest kept. */
function figuresOf(times: number[]): { mean: number; error: number } {
  const sorted = times.toSorted((one, two) => one - two);
  const kept = sorted.slice(0, Math.floor(sorted.length * keptShare));
  const slowest = kept.at(-1) ?? 0;
  const drawn = sorted.map((time) => Math.min(time, slowest));
  const meanOf = (list: number[]) => list.reduce((sum, time) => sum + time, 0) / list.length;
  const middle = meanOf(drawn);
  const spread = drawn.reduce((sum, time) => sum + (time - middle) ** 2, 0);
  return { mean: meanOf(kept), error: spread / (kept.length * (kept.length - 1)) };
}

/** How far apart two lists of times are, as Welch's t of their faster halves. */
export function difference([first, second]: readonly [number[], number[]]): number {
  const [one, two] = [figuresOf(first), figuresOf(second)];
  return Math.abs(one.mean - two.mean) / Math.sqrt(one.error + two.error);
}

type Way = () => Promise<unknown>;

/** How long something took, in the first of three times that was below the bound: what truly is slow is slow each time. */
export async function leastMs(boundMs: number, time: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 3 && least >= boundMs; round += 1) least = Math.min(least, await time());
  return least;
}

/** Adds how long two things take, done so many times in turns of no order. */
export async function measure(times: [number[], number[]], samples: number, [first, second]: readonly [Way, Way]) {
  for (const turn of randomBytes(samples)) {
    const isSecond = turn % 2 === 1;
    const startedAt = performance.now();
    await (isSecond ? second : first)();
    times[isSecond ? 1 : 0].push(performance.now() - startedAt);
  }
}

/** The least difference of three measurements: something that truly leaks shows in each, a disturbed moment in one. */
export async function leastDifference(samples: number, ways: readonly [Way, Way]): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 3 && least >= tMax; round += 1) {
    const times: [number[], number[]] = [[], []];
    await measure(times, samples, ways);
    least = Math.min(least, difference(times));
  }
  return least;
}
