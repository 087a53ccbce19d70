/** Comparing our order states with Shopify's list: how far that has come, and what it finds. */
import type { Tx } from '#app/data/tenancy.ts';

/** A comparison under way: the orders Shopify changed in `[from, until)`, page by page. */
export type ReconciliationRun = { from: Date; until: Date; pageCursor: string | null };

type RunRow = { compared_through: Date; run_from: Date | null; run_until: Date | null; page_cursor: string | null };

/**
 * The run that is under way, or a new one up to `until`. A new run begins a little before where the last one ended:
 * Shopify's list may lag behind. Other callers of the shop wait.
 */
export async function resumeRun(
  tx: Tx,
  asked: { first: Date; until: Date; overlapMs: number },
): Promise<ReconciliationRun> {
  await tx.query('insert into reconciliation (shop_id, compared_through) values ($1, $2) on conflict do nothing', [
    tx.shopId,
    asked.first,
  ]);
  const [row] = await tx.query<RunRow>(
    'select compared_through, run_from, run_until, page_cursor from reconciliation where shop_id = $1 for update',
    [tx.shopId],
  );
  if (row?.run_from && row.run_until) return { from: row.run_from, until: row.run_until, pageCursor: row.page_cursor };
  const from = new Date((row?.compared_through ?? asked.first).getTime() - asked.overlapMs);
  await tx.query(
    `update reconciliation set run_from = $2, run_until = $3, page_cursor = null, compared = 0, asked_again = 0, linked = 0
     where shop_id = $1`,
    [tx.shopId, from, asked.until],
  );
  return { from, until: asked.until, pageCursor: null };
}

/** What a page came to; `next` is where the following one begins, null when the run is over. Safe to repeat. */
export async function noteProgress(
  tx: Tx,
  page: { compared: number; askedAgain: number; linked: number; next: string | null; at: Date },
): Promise<void> {
  await tx.query(
    `update reconciliation set compared = compared + $2, asked_again = asked_again + $3, linked = linked + $4, page_cursor = $5,
       compared_through = case when $5::text is null then coalesce(run_until, compared_through) else compared_through end,
       run_from = case when $5::text is null then null else run_from end,
       run_until = case when $5::text is null then null else run_until end,
       finished_at = case when $5::text is null then $6 else finished_at end
     where shop_id = $1`,
    [tx.shopId, page.compared, page.askedAgain, page.linked, page.next, page.at],
  );
}

/** Of these orders, those we have never heard of or know only in an older state, in the order given. */
export async function findOutdatedOrders(tx: Tx, orders: { orderId: string; updatedAt: Date }[]): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select told.order_id from unnest($2::text[], $3::timestamptz[]) with ordinality told (order_id, updated_at, place)
     left join order_state o on o.shop_id = $1 and o.order_id = told.order_id
     where o.order_id is null or o.needs_fetch or o.state->>'latest' is null
       or (o.state->'latest'->>'updatedAt')::timestamptz < told.updated_at
     order by told.place`,
    [tx.shopId, orders.map((order) => order.orderId), orders.map((order) => order.updatedAt)],
  );
  return rows.map((row) => row.order_id);
}

/** Orders without a member although their customer is one by now; the oldest first. */
export async function findUnlinkedOrders(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select o.order_id from order_state o
     left join merged_customer g on g.shop_id = $1 and g.gone_id = o.customer_id
     join member m on m.shop_id = $1 and m.shopify_customer_id = coalesce(g.kept_id, o.customer_id) and m.state <> 'erased'
     where o.shop_id = $1 and o.member_id is null and o.customer_id is not null
     order by o.processed_at, o.order_id limit $2`,
    [tx.shopId, limit],
  );
  return rows.map((row) => row.order_id);
}
