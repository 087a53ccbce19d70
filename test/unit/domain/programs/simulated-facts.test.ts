import { describe, expect, it } from 'vitest';

import { plainFacts } from '#app/domain/earning/facts.ts';
import { slugSchema } from '#app/domain/programs/program-terms.ts';
import { simulatedFacts, type SimulatedFacts } from '#app/domain/programs/simulated-facts.ts';

const nothing = { products: false, memberTags: false, segmentIds: [], market: false };
const inCollection = (id: string) => ({ collectionIds: [id], tags: [], productType: null });
const pinned = {
  ...plainFacts('UTC'),
  products: { '1': inCollection('old') },
  memberTags: ['then'],
  segmentIds: ['s'],
  marketId: 'm',
};

const factsOf = (about: Partial<SimulatedFacts>) =>
  simulatedFacts({
    pinned,
    pinnedNeeds: nothing,
    needs: nothing,
    productIds: ['1'],
    products: new Map(),
    memberTags: null,
    isCustomer: true,
    ...about,
  });

describe('the facts a draft judges a past order by', () => {
  it('are the pinned ones where nothing more is asked', () => {
    expect(factsOf({})).toEqual(pinned);
  });

  it('are pinned ones before newer ones, product by product', () => {
    const products = new Map([
      ['1', inCollection('new')],
      ['2', inCollection('other')],
    ]);
    const facts = factsOf({ needs: { ...nothing, products: true }, productIds: ['1', '2'], products });
    expect(facts?.products).toEqual({ '1': inCollection('old'), '2': inCollection('other') });
  });

  it('are missing where a product is not known', () => {
    expect(factsOf({ needs: { ...nothing, products: true }, productIds: ['1', '2'] })).toBeNull();
  });

  it.each([
    ['were looked up then', { pinnedNeeds: { ...nothing, memberTags: true } }, ['then']],
    ['are known today', { memberTags: ['now'] }, ['now']],
    ['are those of nobody', { isCustomer: false, memberTags: null }, []],
    ['are not known', {}, null],
  ])('name the member’s tags as they %s', (_name, about, tags) => {
    expect(factsOf({ needs: { ...nothing, memberTags: true }, ...about })?.memberTags ?? null).toEqual(tags);
  });

  it('name segments and markets only where just those were looked up', () => {
    const segments = { ...nothing, segmentIds: ['s'] };
    const market = { ...nothing, market: true };
    expect(factsOf({ needs: segments, pinnedNeeds: segments })?.segmentIds).toEqual(['s']);
    expect(factsOf({ needs: { ...nothing, segmentIds: ['s', 't'] }, pinnedNeeds: segments })).toBeNull();
    expect(factsOf({ needs: segments, isCustomer: false })).not.toBeNull();
    expect(factsOf({ needs: market, pinnedNeeds: market })?.marketId).toBe('m');
    expect(factsOf({ needs: market })).toBeNull();
  });
});

it('ids that every object has already are no ids of a program', () => {
  expect(slugSchema.safeParse('constructor').success).toBe(false);
  expect(slugSchema.safeParse('constructors').success).toBe(true);
});
