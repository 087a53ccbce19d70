import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { bucketOf, isInRange, isInRollout, nextStep, rolloutSteps } from '#app/domain/cards/rollout.ts';

const passes = Array.from({ length: 20_000 }, () => randomUUID());

describe('the buckets of a rollout', () => {
  it('hold one card in a hundred each, and a card stays in its own', () => {
    const counts = new Map<number, number>();
    for (const pass of passes) {
      const bucket = bucketOf(pass, 7);
      expect(bucketOf(pass, 7)).toBe(bucket);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, bucket) => bucket));
    // Six standard deviations around 200.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(85);
  });

  it('are dealt anew for the next design, so that the same cards are not always the first', () => {
    const first = passes.filter((pass) => isInRollout(pass, { designNumber: 7, percent: 10 }));
    const again = first.filter((pass) => isInRollout(pass, { designNumber: 8, percent: 10 }));
    expect(again.length / first.length).toBeGreaterThan(0.05);
    expect(again.length / first.length).toBeLessThan(0.15);
  });

  it('are even for ids that differ in their last digits only', () => {
    const near = Array.from(
      { length: 5_000 },
      (_, index) => `018f0000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    );
    const share = near.filter((pass) => isInRollout(pass, { designNumber: 1, percent: 10 })).length / near.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });

  it('change step by step: each card in exactly one, and all at the end', () => {
    const bounds = [0, ...rolloutSteps];
    for (const pass of passes.slice(0, 2_000)) {
      const steps = rolloutSteps.filter((to, index) =>
        isInRange(pass, { designNumber: 3, from: bounds[index] ?? 0, to }),
      );
      expect(steps).toHaveLength(1);
      expect(isInRollout(pass, { designNumber: 3, percent: steps[0] ?? 0 })).toBe(true);
    }
  });
});

describe('the next step', () => {
  it('is the next greater share, and none after all', () => {
    expect([0, 10, 30, 50, 99, 100].map(nextStep)).toEqual([10, 50, 50, 100, 100, null]);
  });
});
