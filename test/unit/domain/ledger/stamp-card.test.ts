import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  cardProgress,
  type CollectedStamps,
  collectionsCompleted,
  milestonesEarned,
} from '#app/domain/ledger/stamp-card.ts';
import type { Collection } from '#app/domain/programs/rewards.ts';

const stamps = (text: string): CollectedStamps[] => text.split('').map((unit) => ({ unit, amount: 1 }));
const named = { id: 'set', name: 'Set' };
const all: Collection = { kind: 'all', ...named, units: ['a', 'b', 'c'] };
const anyTwo: Collection = { kind: 'any', ...named, units: ['a', 'b', 'c'], needed: 2 };
const sequence: Collection = { kind: 'sequence', ...named, units: ['a', 'b', 'c'] };

test.each([
  [0, 0, 0],
  [9, 0, 9],
  [10, 1, 0],
  [23, 2, 3],
  [-3, 0, -3],
  [-15, 0, -15],
])('%i stamps of 10 are %i cards and %i on the card', (collected, cards, onCard) => {
  expect(cardProgress({ collected, needed: 10 })).toEqual({ cards, onCard });
});

test('collected and on the card always agree', () => {
  const anyInteger = fc.integer({ min: -1_000, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(anyInteger, fc.integer({ min: 2, max: 30 }), (collected, needed) => {
      const { cards, onCard } = cardProgress({ collected, needed });
      expect(BigInt(cards) * BigInt(needed) + BigInt(onCard)).toBe(BigInt(collected));
      expect(onCard).toBeLessThan(needed);
    }),
  );
});

test.each([
  [4, 0],
  [5, 1],
  [14, 1],
  [15, 2],
  [29, 3],
  [-5, 0],
])('with %i stamps the reward at the fifth of ten was reached %i times', (collected, times) => {
  expect(milestonesEarned({ collected, needed: 10, atStamp: 5 })).toBe(times);
});

describe('a collection of all', () => {
  test.each([
    ['ab', 0],
    ['cab', 1],
    ['aabbc', 1],
    ['aabbcc', 2],
    ['xabc', 1],
  ])('by %s is completed %i times', (text, times) => expect(collectionsCompleted(all, stamps(text))).toBe(times));
});

describe('a collection of any two', () => {
  test.each([
    ['aaaa', 0],
    ['aab', 1],
    ['aabc', 2],
    ['aabbcc', 3],
    ['axb', 1],
  ])('by %s is completed %i times', (text, times) => expect(collectionsCompleted(anyTwo, stamps(text))).toBe(times));

  test('is completed as often as sets can be put together, never more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }), (counts) => {
        const completed = collectionsCompleted(
          anyTwo,
          counts.map((amount, index) => ({ unit: 'abc'[index] ?? '', amount })),
        );
        // Taking from the two fullest piles first is never wrong.
        let sets = 0;
        let piles = counts;
        for (;;) {
          const [first = 0, second = 0, third = 0] = piles.toSorted((one, two) => two - one);
          if (second === 0) break;
          piles = [first - 1, second - 1, third];
          sets += 1;
        }
        expect(completed).toBe(sets);
      }),
    );
  });

  test('counts stamps beyond number without trying them one by one', () => {
    const many = 9_000_000_000;
    expect(
      collectionsCompleted(anyTwo, [
        { unit: 'a', amount: many },
        { unit: 'b', amount: many },
      ]),
    ).toBe(many);
  });
});

describe('a sequence', () => {
  test.each([
    ['abc', 1],
    ['acb', 0],
    ['acbc', 1],
    ['aabbcc', 1],
    ['abcabc', 2],
    ['bca', 0],
    ['axbxc', 1],
  ])('by %s is completed %i times', (text, times) => expect(collectionsCompleted(sequence, stamps(text))).toBe(times));

  test('takes several stamps of one sale one after the other, as far as they are in turn', () => {
    const twice: Collection = { kind: 'sequence', ...named, units: ['a', 'a', 'b'] };
    const sale = (unit: string, amount: number) => ({ unit, amount });
    expect(collectionsCompleted(twice, [sale('a', 5), sale('b', 1)])).toBe(1);
    expect(collectionsCompleted({ ...twice, units: ['a', 'a'] }, [sale('a', 9_000_000_001), sale('a', 1)])).toBe(
      4_500_000_001,
    );
  });

  test('a sale whose stamps were all taken back counts for nothing', () => {
    expect(collectionsCompleted(sequence, [{ unit: 'a', amount: 0 }, ...stamps('bc')])).toBe(0);
  });
});
