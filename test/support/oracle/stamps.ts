/** Stamp cards and collections, one stamp at a time onto paper. */
import type { Collection } from '#app/domain/programs/rewards.ts';

export type Paper = { full: number; onCard: number };

/** Stamps go onto the card begun; a full card is put away and the next one begun. Below 0, that many are missing first. */
export function stampCards(collected: number, needed: number): Paper {
  const paper = { full: 0, onCard: collected < 0 ? collected : 0 };
  for (let stamp = 0; stamp < collected; stamp += 1) {
    paper.onCard += 1;
    if (paper.onCard === needed) {
      paper.full += 1;
      paper.onCard = 0;
    }
  }
  return paper;
}

/** How many cards have come to this stamp. */
export function cardsAt(atStamp: number, collected: number, needed: number): number {
  let cards = 0;
  for (let stamp = 1; stamp <= collected; stamp += 1) if (((stamp - 1) % needed) + 1 === atStamp) cards += 1;
  return cards;
}

/** How often a collection has been completed by stamps in this order. */
export function completions(collection: Collection, stamps: readonly string[]): number {
  if (collection.kind === 'sequence') {
    let completed = 0;
    let next = 0;
    for (const stamp of stamps) {
      if (stamp !== collection.units[next]) continue;
      next += 1;
      if (next === collection.units.length) {
        completed += 1;
        next = 0;
      }
    }
    return completed;
  }
  const heaps = collection.units.map((unit) => stamps.filter((stamp) => stamp === unit).length);
  const size = collection.kind === 'all' ? heaps.length : collection.needed;
  for (let completed = 0; ; completed += 1) {
    // Taking from the highest heaps leaves the most different types for the next time.
    heaps.sort((one, two) => two - one);
    if ((heaps[size - 1] ?? 0) === 0) return completed;
    for (let heap = 0; heap < size; heap += 1) heaps[heap] = (heaps[heap] ?? 0) - 1;
  }
}
