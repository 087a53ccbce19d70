/**
 * Stamp cards and collections, counted from what a member collected. Rewards of one kind are interchangeable: whoever
 * asks for what is left takes off what was used.
 */
import type { Collection } from '#app/domain/programs/rewards.ts';

/**
 * Full cards and what is on the card begun. Surplus goes onto the next card. Below 0, which a refund of stamps already
 * used can bring about, no card is full and the card begun starts below 0.
 */
export function cardProgress({ collected, needed }: { collected: number; needed: number }): {
  cards: number;
  onCard: number;
} {
  if (collected < 0) return { cards: 0, onCard: collected };
  const onCard = collected % needed;
  return { cards: (collected - onCard) / needed, onCard };
}

/** How often a mid-card reward has been reached: once per card that came to `atStamp`. */
export function milestonesEarned(card: { collected: number; needed: number; atStamp: number }): number {
  const { cards, onCard } = cardProgress(card);
  return onCard >= card.atStamp ? cards + 1 : cards;
}

/** Stamps of one sale and type, as they stand now. */
export type CollectedStamps = { unit: string; amount: number };

/**
 * How often a collection has been completed by these stamps, in the order of their sales. `all` and `any` keep what is
 * over for the next time; `any` is completed as often as different types can be put together at all. In a `sequence` a
 * stamp out of turn does not count, and after the last the first is in turn again.
 */
export function collectionsCompleted(collection: Collection, stampsInOrder: readonly CollectedStamps[]): number {
  if (collection.kind === 'sequence') return sequencesCompleted(collection.units, stampsInOrder);
  const counts = new Map(collection.units.map((unit) => [unit, 0]));
  for (const { unit, amount } of stampsInOrder) {
    const count = counts.get(unit);
    if (count !== undefined) counts.set(unit, count + amount);
  }
  const collected = [...counts.values()].map((count) => Math.max(0, count));
  return groupsOf(collected, collection.kind === 'all' ? collected.length : collection.needed);
}

/** The most groups of `size` different types: as many as no type is needed more often than it is there. */
function groupsOf(counts: readonly number[], size: number): number {
  const isPossible = (groups: bigint) =>
    counts.reduce((sum, count) => sum + (BigInt(count) < groups ? BigInt(count) : groups), 0n) >= groups * BigInt(size);
  let possible = 0n;
  let impossible = counts.reduce((sum, count) => sum + BigInt(count), 1n);
  while (impossible - possible > 1n) {
    const middle = (possible + impossible) / 2n;
    if (isPossible(middle)) possible = middle;
    else impossible = middle;
  }
  return Number(possible);
}

function sequencesCompleted(units: readonly string[], stampsInOrder: readonly CollectedStamps[]): number {
  let completed = 0;
  let turn = 0;
  const isUniform = new Set(units).size === 1;
  for (const { unit, amount } of stampsInOrder) {
    let left = Math.max(0, amount);
    if (isUniform && unit === units[0]) {
      // Every stamp is in turn, however many there are.
      const over = (turn + left) % units.length;
      completed += (turn + left - over) / units.length;
      turn = over;
      left = 0;
    }
    while (left > 0 && units[turn] === unit) {
      left -= 1;
      turn = (turn + 1) % units.length;
      if (turn === 0) completed += 1;
    }
  }
  return completed;
}
