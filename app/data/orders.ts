/** Order states: what we know of each order, which rules it counts by, and what is booked for it. */
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderState } from '#app/domain/order.ts';
import { emptyOrder } from '#app/domain/order-merge.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type StoredOrder = {
  state: OrderState;
  memberId: MemberId | null;
  ruleVersionId: RuleVersionId | null;
  booked: Record<string, number>;
  settlements: number;
};

/** Locks these orders in id order, adding empty ones for those never heard of. */
export async function lockOrders(tx: Tx, orderIds: string[]): Promise<Map<string, StoredOrder>> {
  const sorted = [...new Set(orderIds)].toSorted();
  await tx.query(
    `insert into order_state (shop_id, order_id, state) select $1, o, jsonb_build_object('orderId', o)
     from unnest($2::text[]) o order by o on conflict (shop_id, order_id) do nothing`,
    [tx.shopId, sorted],
  );
  const rows = await tx.query<{
    order_id: string;
    state: Partial<OrderState>;
    member_id: MemberId | null;
    rule_version_id: RuleVersionId | null;
    booked: Record<string, number>;
    settlements: number;
  }>(
    `select order_id, state, member_id, rule_version_id, booked, settlements from order_state
     where shop_id = $1 and order_id = any($2) order by order_id for update`,
    [tx.shopId, sorted],
  );
  return new Map(
    rows.map((row) => [
      row.order_id,
      {
        state: { ...emptyOrder(row.order_id), ...row.state },
        memberId: row.member_id,
        ruleVersionId: row.rule_version_id,
        booked: row.booked,
        settlements: row.settlements,
      },
    ]),
  );
}

/** Writes back orders that `lockOrders` handed out in the same transaction. */
export async function writeOrders(tx: Tx, orders: StoredOrder[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.query(
    `update order_state o set state = n.state, member_id = n.member_id, customer_id = n.customer_id,
       rule_version_id = n.rule_version_id, booked = n.booked, settlements = n.settlements,
       processed_at = n.processed_at, needs_fetch = false, updated_at = now()
     from unnest($2::text[], $3::jsonb[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[], $8::int[], $9::timestamptz[])
       as n(order_id, state, member_id, customer_id, rule_version_id, booked, settlements, processed_at)
     where o.shop_id = $1 and o.order_id = n.order_id`,
    [
      tx.shopId,
      orders.map((order) => order.state.orderId),
      orders.map((order) => JSON.stringify(order.state)),
      orders.map((order) => order.memberId),
      orders.map((order) => order.state.latest?.customerId ?? null),
      orders.map((order) => order.ruleVersionId),
      orders.map((order) => JSON.stringify(order.booked)),
      orders.map((order) => order.settlements),
      orders.map((order) => order.state.latest?.processedAt ?? null),
    ],
  );
}

/** Orders of a customer that no member has been given yet, newest first. */
export async function findUnclaimedOrders(tx: Tx, customerId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select order_id from order_state where shop_id = $1 and customer_id = $2 and member_id is null
     order by processed_at desc, order_id limit $3`,
    [tx.shopId, customerId, limit],
  );
  return rows.map((row) => row.order_id);
}

/** Lets one caller at a time decide whose an order is, known or not. Take it before any row is locked. */
export async function lockClaim(tx: Tx, orderId: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`claim/${tx.shopId}/${orderId}`]);
}

/** One order as stored, or null. */
export async function findOrder(tx: Tx, orderId: string): Promise<{ state: OrderState; memberId: MemberId | null } | null> {
  const [row] = await tx.query<{ state: Partial<OrderState>; member_id: MemberId | null }>(
    'select state, member_id from order_state where shop_id = $1 and order_id = $2',
    [tx.shopId, orderId],
  );
  return row === undefined ? null : { state: { ...emptyOrder(orderId), ...row.state }, memberId: row.member_id };
}

/**
 * Cuts orders loose from people: the customer id is blanked in the state too, so nothing personal is left while the
 * arithmetic stays explainable. Safe to repeat.
 */
export async function anonymizeOrders(tx: Tx, who: { customerId: string | null; memberIds: MemberId[] }): Promise<number> {
  const rows = await tx.query(
    // Only keys that exist are replaced: an order without a snapshot stays without one.
    `update order_state set customer_id = null,
       state = jsonb_set(jsonb_set(jsonb_set(jsonb_set(state,
         '{latest,customerId}', 'null', false), '{latest,cardCode}', 'null', false),
         '{paidUp,customerId}', 'null', false), '{paidUp,cardCode}', 'null', false)
     where shop_id = $1 and (customer_id = $2 or member_id = any($3)) returning 1 as one`,
    [tx.shopId, who.customerId, who.memberIds],
  );
  return rows.length;
}

export type OrderFacts = { orderNumber: number | null; currency: string };

/** What pages show of these orders. */
export async function readOrderFacts(tx: Tx, orderIds: string[]): Promise<Map<string, OrderFacts>> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.query<{ order_id: string; number: string | null; currency: string | null }>(
    `select order_id, state->'latest'->>'orderNumber' as number, state->'latest'->>'currency' as currency
     from order_state where shop_id = $1 and order_id = any($2)`,
    [tx.shopId, orderIds],
  );
  return new Map(
    rows.flatMap((row) =>
      row.currency === null
        ? []
        : [[row.order_id, { orderNumber: row.number === null ? null : Number(row.number), currency: row.currency }]],
    ),
  );
}
