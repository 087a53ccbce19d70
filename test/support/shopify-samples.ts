/** Recorded bodies of Shopify's webhooks, and what our contracts read of them. */
import { readFileSync } from 'node:fs';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import type { OrderNews, OrderSnapshot } from '#app/domain/orders/order.ts';

type Sample = Record<string, unknown>;

export const posOrder = 'derived_order_pos_cash_customer';

/** A recorded body by the name of its file, with some of its fields changed. */
export function sample(name: string, changes: Sample = {}): Sample {
  const url = new URL(`../contract/fixtures/shopify/${name}.json`, import.meta.url);
  const body: Sample = JSON.parse(readFileSync(url, 'utf8'));
  return { ...body, ...changes };
}

/** What an order's delivery tells; throws what is wrong with one that cannot be read. */
export function newsOf(body: unknown): OrderNews {
  const projected = projectOrder(body);
  if (!projected.ok) throw new Error(projected.problem);
  return projected.news;
}

export function snapshotOf(body: unknown): OrderSnapshot {
  const { snapshot } = newsOf(body);
  if (snapshot === null) throw new Error('an order has a snapshot');
  return snapshot;
}

/** The refund that a delivery of its own tells, which says nothing of the order itself. */
export function refundOf(body: unknown): OrderNews['refunds'][number] | undefined {
  const projected = projectRefund(body);
  if (!projected.ok) throw new Error(projected.problem);
  if (projected.news.snapshot !== null) throw new Error('a refund tells nothing of the order');
  return projected.news.refunds[0];
}
