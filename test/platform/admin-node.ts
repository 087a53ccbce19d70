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

export type PageArguments = { first?: number | null | undefined; after?: string | null | undefined };

/** A list that is answered page by page, as it was asked for. */
export function paged(nodes: Node[]): (page: PageArguments) => Node {
  return ({ first, after }) => {
    const start = typeof after === 'string' ? Number(after) + 1 : 0;
    const end = typeof first === 'number' ? start + first : nodes.length;
    const edges = nodes.slice(start, end).map((node, index) => ({ cursor: String(start + index), node }));
    const cursors = { startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null };
    const pageInfo = { hasNextPage: end < nodes.length, hasPreviousPage: start > 0, ...cursors };
    return { nodes: edges.map((edge) => edge.node), edges, pageInfo };
  };
}

/** A global id. */
export function gid(kind: string, id: number | string): string {
  return `gid://shopify/${kind}/${id}`;
}

/** The number at the end of a global id. */
export function numberOf(id: unknown): number {
  return Number(String(id).split('/').at(-1));
}
