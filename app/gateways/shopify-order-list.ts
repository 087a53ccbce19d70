/** Which orders changed lately, from the Admin API: ids and times only. */
import { z } from 'zod';

import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';

const pageSize = 250;

const listQuery = `query ChangedOrders($query: String!, $after: String) {
  orders(first: ${pageSize}, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

const listSchema = z.object({
  orders: z.object({
    nodes: z.array(z.object({ id: z.string(), updatedAt: z.iso.datetime() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

export type ChangedOrder = { orderId: string; updatedAt: Date };

/**
 * A page of the orders that changed in `[from, until)`, the longest ago first, and where the next page begins; null after
 * the last. Throws like `callAdmin`.
 */
export async function listChangedOrders(
  caller: AdminCaller,
  asked: { from: Date; until: Date; after: string | null },
): Promise<{ orders: ChangedOrder[]; next: string | null }> {
  const query = `updated_at:>='${asked.from.toISOString()}' updated_at:<'${asked.until.toISOString()}'`;
  const { orders } = await callAdmin(caller, {
    operation: listQuery,
    variables: { query, after: asked.after },
    schema: listSchema,
  });
  return {
    orders: orders.nodes.map(({ id, updatedAt }) => ({
      orderId: id.split('/').at(-1) ?? '',
      updatedAt: new Date(updatedAt),
    })),
    next: orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null,
  };
}
