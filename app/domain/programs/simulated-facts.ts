/** What a draft would have known of a past order. */
import type { OrderFacts, ProductFacts } from '#app/domain/earning/facts.ts';
import type { FactsNeeded } from '#app/domain/orders/facts-needed.ts';

export type SimulatedFacts = {
  /** What was looked up for it, and what its own version asked for; only that was looked up. */
  pinned: OrderFacts;
  pinnedNeeds: Needs;
  /** What the draft asks for. */
  needs: Needs;
  productIds: readonly string[];
  /** What is known by now: products and the member's tags as they are today. */
  products: ReadonlyMap<string, ProductFacts>;
  memberTags: string[] | null;
  isCustomer: boolean;
};

type Needs = Pick<FactsNeeded, 'products' | 'memberTags' | 'segmentIds' | 'market'>;

/**
 * The facts a draft judges a past order by: pinned ones where its own rules asked for them, else what is known today. Null
 * when only Shopify could tell.
 */
export function simulatedFacts(about: SimulatedFacts): OrderFacts | null {
  const { pinned, pinnedNeeds, needs } = about;
  const products = needs.products ? productsOf(about) : pinned.products;
  const memberTags = needs.memberTags && !pinnedNeeds.memberTags ? tagsOf(about) : pinned.memberTags;
  const isAsked = needs.segmentIds.every((segmentId) => pinnedNeeds.segmentIds.includes(segmentId));
  const isMarketKnown = !needs.market || pinnedNeeds.market;
  const isSegmentKnown = isAsked || !about.isCustomer;
  if (products === null || memberTags === null || !isMarketKnown || !isSegmentKnown) return null;
  return { ...pinned, products, memberTags };
}

function productsOf({ pinned, productIds, products }: SimulatedFacts): Record<string, ProductFacts> | null {
  const known = new Map(Object.entries(pinned.products));
  for (const productId of productIds) {
    const facts = known.get(productId) ?? products.get(productId);
    if (facts === undefined) return null;
    known.set(productId, facts);
  }
  return Object.fromEntries(known);
}

function tagsOf({ isCustomer, memberTags }: SimulatedFacts): string[] | null {
  return isCustomer ? memberTags : [];
}
