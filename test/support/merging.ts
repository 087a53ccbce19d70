/** Shopify makes two customers one: what it says of that, and everything in whatever order it may be said. */

/** The body of `customers/merge`: the one customer is gone, the other is kept. */
export function mergeBody(gone: string, kept: string): Record<string, unknown> {
  return {
    admin_graphql_api_customer_kept_id: `gid://shopify/Customer/${kept}`,
    admin_graphql_api_customer_deleted_id: `gid://shopify/Customer/${gone}`,
    admin_graphql_api_job_id: null,
    status: 'completed',
    errors: [],
  };
}

/** Every order in which these can come. */
export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
