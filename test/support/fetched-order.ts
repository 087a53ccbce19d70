/** Orders as `fetchOrder` answers them, without a call: the stand-in's own account of an order, all pages put together. */
import { orderNode } from '#test/platform/admin-orders.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import type { Payment } from '#test/platform/shopify-shops.ts';

type Node = Record<string, unknown>;
type Page = (page: object) => { nodes: Node[] };

/** What Shopify's Admin API tells of an order that was paid so. */
export function fetchedOrder(order: OrderBody, payments: Payment[]): Node {
  const { lineItems, transactions, refunds, ...head } = orderNode(order, payments);
  return {
    ...head,
    lines: (lineItems as Page)({}).nodes,
    transactions: (transactions as (page: object) => Node[])({}),
    refunds: (refunds as (page: object) => Node[])({}).map(({ refundLineItems, ...refund }) => ({
      ...refund,
      lines: (refundLineItems as Page)({}).nodes,
    })),
  };
}
