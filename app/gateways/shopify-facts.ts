/** What Shopify knows of products, customers and markets that no order tells. */
import { z } from 'zod';

import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';
import { Rejected } from '#app/lib/errors.ts';

/** A product as rules look at it. */
export type FetchedProduct = { collectionIds: string[]; tags: string[]; productType: string | null };

/** Both together stay below Shopify's cost limit of one query. */
const productsPerCall = 8;
const firstCollections = 50;
const moreCollections = 250;
const collectionsMax = 10_000;
const segmentsPerCall = 10;

const idSchema = z.object({ id: z.string() });
const collectionsSchema = z.object({
  nodes: z.array(idSchema),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});
type Collections = z.infer<typeof collectionsSchema>;

const productsQuery = `query Products($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Product {
      id tags productType
      collections(first: ${firstCollections}) { nodes { id } pageInfo { hasNextPage endCursor } }
    }
  }
}`;
const productsSchema = z.object({
  nodes: z.array(
    z
      .object({ id: z.string(), tags: z.array(z.string()), productType: z.string(), collections: collectionsSchema })
      .nullable(),
  ),
});

const collectionsQuery = `query ProductCollections($id: ID!, $after: String) {
  product(id: $id) {
    collections(first: ${moreCollections}, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
  }
}`;
const moreCollectionsSchema = z.object({ product: z.object({ collections: collectionsSchema }).nullable() });

const gid = (kind: string, id: string): string => `gid://shopify/${kind}/${id}`;
const numberOf = (globalId: string): string => globalId.slice(globalId.lastIndexOf('/') + 1);

/**
 * What these products are now, by id. One that Shopify no longer has belongs to no collection and has neither tags nor
 * type. Throws like `callAdmin`.
 */
export async function fetchProducts(caller: AdminCaller, productIds: string[]): Promise<Map<string, FetchedProduct>> {
  const products = new Map<string, FetchedProduct>(
    productIds.map((productId) => [productId, { collectionIds: [], tags: [], productType: null }]),
  );
  for (let start = 0; start < productIds.length; start += productsPerCall) {
    const ids = productIds.slice(start, start + productsPerCall).map((productId) => gid('Product', productId));
    const { nodes } = await callAdmin(caller, { operation: productsQuery, variables: { ids }, schema: productsSchema });
    for (const node of nodes) {
      if (node === null) continue;
      products.set(numberOf(node.id), {
        collectionIds: await followCollections(caller, node.id, node.collections),
        tags: node.tags,
        productType: node.productType === '' ? null : node.productType,
      });
    }
  }
  return products;
}

async function followCollections(caller: AdminCaller, id: string, first: Collections): Promise<string[]> {
  const found = [...first.nodes];
  let page = first;
  while (page.pageInfo.hasNextPage && page.pageInfo.endCursor !== null) {
    const variables = { id, after: page.pageInfo.endCursor };
    const more = await callAdmin(caller, { operation: collectionsQuery, variables, schema: moreCollectionsSchema });
    if (more.product === null) break;
    page = more.product.collections;
    found.push(...page.nodes);
    if (found.length > collectionsMax)
      throw new Rejected('product-in-too-many-collections', `A product is in more than ${collectionsMax} collections`);
  }
  return found.map((collection) => numberOf(collection.id));
}

const customerQuery = `query CustomerFacts($id: ID!, $segmentIds: [ID!]!) {
  customer(id: $id) { tags }
  nodes(ids: $segmentIds) { id }
}`;
const customerSchema = z.object({
  customer: z.object({ tags: z.array(z.string()) }).nullable(),
  nodes: z.array(idSchema.nullable()),
});

const membershipQuery = `query SegmentMembership($customerId: ID!, $segmentIds: [ID!]!) {
  customerSegmentMembership(customerId: $customerId, segmentIds: $segmentIds) { memberships { segmentId isMember } }
}`;
const membershipSchema = z.object({
  customerSegmentMembership: z.object({
    memberships: z.array(z.object({ segmentId: z.string(), isMember: z.boolean() })),
  }),
});

/**
 * A customer's tags, and which of these segments they are in. A customer or segment that Shopify no longer has gives
 * none. Throws like `callAdmin`.
 */
export async function fetchCustomer(
  caller: AdminCaller,
  asked: { customerId: string; segmentIds: string[] },
): Promise<{ tags: string[]; segmentIds: string[] }> {
  const id = gid('Customer', asked.customerId);
  const wanted = asked.segmentIds.map((segmentId) => gid('Segment', segmentId));
  const { customer, nodes } = await callAdmin(caller, {
    operation: customerQuery,
    variables: { id, segmentIds: wanted },
    schema: customerSchema,
  });
  if (customer === null) return { tags: [], segmentIds: [] };
  const existing = nodes.flatMap((node) => node?.id ?? []);
  const segmentIds: string[] = [];
  for (let start = 0; start < existing.length; start += segmentsPerCall) {
    const { customerSegmentMembership } = await callAdmin(caller, {
      operation: membershipQuery,
      variables: { customerId: id, segmentIds: existing.slice(start, start + segmentsPerCall) },
      schema: membershipSchema,
    });
    for (const { segmentId, isMember } of customerSegmentMembership.memberships)
      if (isMember) segmentIds.push(numberOf(segmentId));
  }
  return { tags: customer.tags, segmentIds };
}

const addressSchema = z.object({ countryCodeV2: z.string().nullable() }).nullable();
const placeQuery = `query OrderPlace($id: ID!) {
  order(id: $id) {
    shippingAddress { countryCodeV2 } billingAddress { countryCodeV2 } retailLocation { address { countryCode } }
  }
}`;
const placeSchema = z.object({
  order: z
    .object({
      shippingAddress: addressSchema,
      billingAddress: addressSchema,
      retailLocation: z.object({ address: z.object({ countryCode: z.string().nullable() }) }).nullable(),
    })
    .nullable(),
});

const marketQuery = `query Market($countryCode: CountryCode!) { marketByGeography(countryCode: $countryCode) { id } }`;
const marketSchema = z.object({ marketByGeography: idSchema.nullable() });

/**
 * The market an order was made in: that of the country it goes to, is billed to, or was sold in; null when Shopify knows no
 * such country or market. Needs the scope `read_markets`. Throws like `callAdmin`.
 */
export async function fetchMarket(caller: AdminCaller, orderId: string): Promise<string | null> {
  const { order } = await callAdmin(caller, {
    operation: placeQuery,
    variables: { id: gid('Order', orderId) },
    schema: placeSchema,
  });
  const countryCode =
    order?.shippingAddress?.countryCodeV2 ??
    order?.billingAddress?.countryCodeV2 ??
    order?.retailLocation?.address.countryCode ??
    null;
  if (countryCode === null) return null;
  const { marketByGeography } = await callAdmin(caller, {
    operation: marketQuery,
    variables: { countryCode },
    schema: marketSchema,
  });
  return marketByGeography === null ? null : numberOf(marketByGeography.id);
}
