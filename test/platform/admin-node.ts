/** The shapes that Shopify's answers share. */

export type Node = Record<string, unknown>;

/** A list as Shopify's connections give it, always on one page. */
export function connection(nodes: Node[]): Node {
  const edges = nodes.map((node, index) => ({ cursor: String(index), node }));
  const pageInfo = {
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { nodes, edges, pageInfo };
}
