/** What the stand-in Admin API knows of products, segments and markets. */
import { gid, type Node, numberOf, type PageArguments, paged } from '#test/platform/admin-node.ts';
import { bagOf } from '#test/platform/admin-orders.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';

/** A product as the Admin API tells it, or null. */
export function productNode(shop: Shop, id: unknown): Node | null {
  const product = shop.products.find((candidate) => candidate.productId === numberOf(id));
  if (product === undefined) return null;
  const money = bagOf(product.priceMinor, shop.currency)['shopMoney'];
  const collections = (product.collectionIds ?? []).map((collectionId) => ({ id: gid('Collection', collectionId) }));
  return {
    __typename: 'Product',
    id: gid('Product', product.productId),
    title: product.title,
    tags: product.tags ?? [],
    productType: product.productType ?? '',
    priceRangeV2: { minVariantPrice: money, maxVariantPrice: money },
    collections: (page: PageArguments) => paged(collections)(page),
  };
}

function anyNode(shop: Shop, id: string): Node | null {
  if (id.startsWith(gid('Product', ''))) return productNode(shop, id);
  const isSegment = id.startsWith(gid('Segment', '')) && shop.segments.has(numberOf(id));
  return isSegment ? { __typename: 'Segment', id } : null;
}

/** Answers about products, segments and markets. */
export function catalogueRoot(shop: Shop): Node {
  return {
    nodes: ({ ids }: { ids: string[] }) => ids.map((id) => anyNode(shop, id)),
    customerSegmentMembership: ({ customerId, segmentIds }: { customerId: string; segmentIds: string[] }) => ({
      memberships: segmentIds.map((segmentId) => {
        const members = shop.segments.get(numberOf(segmentId));
        if (members === undefined) throw new Error('Segment does not exist');
        return { segmentId, isMember: members.has(numberOf(customerId)) };
      }),
    }),
    marketByGeography: ({ countryCode }: { countryCode: string }) => {
      const marketId = shop.markets.get(countryCode);
      return marketId === undefined ? null : { id: gid('Market', marketId) };
    },
  };
}
