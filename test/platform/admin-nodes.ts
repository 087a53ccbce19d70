/** The small forms every answer of the Admin API is made of: connections, money bags, global ids. */
import { moneySet } from '#test/platform/order-body.ts';
import type { MoneySet } from '#test/platform/order-body.ts';

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

function named(part: MoneySet['shop_money']): Node {
  return { amount: part.amount, currencyCode: part.currency_code };
}

export type PageArguments = { first?: number | null; after?: string | null };

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

export function bag(money: MoneySet): Node {
  return { shopMoney: named(money.shop_money), presentmentMoney: named(money.presentment_money) };
}

export function bagOf(amountMinor: number, currency: string): Node {
  return bag(moneySet(amountMinor, currency));
}

export function gid(kind: string, id: number): string {
  return `gid://shopify/${kind}/${id}`;
}

/** The number at the end of a global id. */
export function numberOf(id: unknown): number {
  return Number(String(id).split('/').at(-1));
}
