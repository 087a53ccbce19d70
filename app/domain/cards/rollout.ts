/**
 * A new design reaches the cards in stages, so that what is wrong with it is seen by few. Which cards come first depends on
 * the pass and on the design: the same card is not the first to try every design.
 */

/** How many of a hundred cards carry the new design, step by step. */
export const rolloutSteps = [10, 50, 100] as const;

/** How long a step is watched before the next one begins by itself. */
export const rolloutStepMs = 30 * 60_000;

/** Which cards change when a rollout takes a step or is taken back: those of the buckets `from` ≤ bucket < `to`. */
export type BucketRange = { designNumber: number; from: number; to: number };

export type RolloutState = 'running' | 'paused' | 'done' | 'stopped' | 'rolled-back';

const buckets = 100;
const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** The bucket, 0 … 99, of a pass in the rollout of a design: FNV-1a over both, mixed once more so that every bit counts. */
export function bucketOf(passId: string, designNumber: number): number {
  let hash = fnvOffset;
  for (const character of `${designNumber}:${passId}`) hash = Math.imul(hash ^ character.charCodeAt(0), fnvPrime);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) % buckets;
}

/** Whether a pass is one of those that carry the new design already. */
export function isInRollout(passId: string, rollout: { designNumber: number; percent: number }): boolean {
  return bucketOf(passId, rollout.designNumber) < rollout.percent;
}

/** Whether a pass changes with this step. */
export function isInRange(passId: string, { designNumber, from, to }: BucketRange): boolean {
  const bucket = bucketOf(passId, designNumber);
  return bucket >= from && bucket < to;
}

/** The step after this share of cards; null after the last. */
export function nextStep(percent: number): number | null {
  return rolloutSteps.find((step) => step > percent) ?? null;
}
