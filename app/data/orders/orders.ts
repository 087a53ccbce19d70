/** Order states: what we know of each order, which rules it counts by, and what is booked for it. */
import { gateKey } from '#app/data/privacy/erasure-gate.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import { emptyOrder } from '#app/domain/orders/order-merge.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type StoredOrder = {
  state: OrderState;
  memberId: MemberId | null;
  ruleVersionId: RuleVersionId | null;
  booked: Record<string, number>;
  settlements: number;
  /** False for an order nobody has heard of before. */
  isKnown: boolean;
};

/** As kept: the paid-up snapshot of almost every order is its latest one, and is then not kept twice. */
type KeptState = Partial<Omit<OrderState, 'paidUp'>> & { paidUp?: OrderSnapshot | 'latest' | null };

function unpackState(orderId: string, kept: KeptState): OrderState {
  const paidUp = kept.paidUp === 'latest' ? (kept.latest ?? null) : (kept.paidUp ?? null);
  return { ...emptyOrder(orderId), ...kept, paidUp };
}

function packState(state: OrderState): KeptState {
  return state.paidUp !== null && state.paidUp === state.latest ? { ...state, paidUp: 'latest' } : state;
}

/**
 * Locks these orders until the transaction ends, and keeps erasures out as long. Those never heard of come empty, and are
 * not stored before `writeOrders`: the lock is on the id, as there may be no row to lock.
 */
export async function lockOrders(tx: Tx, orderIds: string[]): Promise<Map<string, StoredOrder>> {
  const wanted = [...new Set(orderIds)];
  await tx.query(
    // In one order for everybody. A statement of its own: the next one must see what others committed meanwhile.
    `select pg_advisory_xact_lock_shared(${gateKey}) is null as kept_out, count(pg_advisory_xact_lock(key)) as locked from (
       select distinct hashtextextended('order/' || $1::text || '/' || id, 0) as key from unnest($2::text[]) id order by key) keys`,
    [tx.shopId, wanted],
  );
  const rows = await tx.query<{
    order_id: string;
    state: KeptState;
    member_id: MemberId | null;
    rule_version_id: RuleVersionId | null;
    booked: Record<string, number>;
    settlements: number;
  }>(
    `select order_id, state, member_id, rule_version_id, booked, settlements from order_state
     where shop_id = $1 and order_id = any($2) order by order_id for update`,
    [tx.shopId, wanted],
  );
  const orders = new Map<string, StoredOrder>(
    wanted.map((orderId) => [
      orderId,
      { state: emptyOrder(orderId), memberId: null, ruleVersionId: null, booked: {}, settlements: 0, isKnown: false },
    ]),
  );
  for (const row of rows)
    orders.set(row.order_id, {
      state: unpackState(row.order_id, row.state),
      memberId: row.member_id,
      ruleVersionId: row.rule_version_id,
      booked: row.booked,
      settlements: row.settlements,
      isKnown: true,
    });
  return orders;
}

/** Stores orders that `lockOrders` handed out in the same transaction. */
export async function writeOrders(tx: Tx, orders: StoredOrder[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.query(
    `insert into order_state (shop_id, order_id, state, member_id, customer_id, rule_version_id, booked, settlements, processed_at)
     select $1, * from unnest($2::text[], $3::jsonb[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[], $8::int[], $9::timestamptz[])
     on conflict (shop_id, order_id) do update set state = excluded.state, member_id = excluded.member_id,
       customer_id = excluded.customer_id, rule_version_id = excluded.rule_version_id, booked = excluded.booked,
       settlements = excluded.settlements, processed_at = excluded.processed_at, needs_fetch = false, updated_at = now()`,
    [
      tx.shopId,
      orders.map((order) => order.state.orderId),
      orders.map((order) => JSON.stringify(packState(order.state))),
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
export async function findOrder(
  tx: Tx,
  orderId: string,
): Promise<{ state: OrderState; memberId: MemberId | null } | null> {
  const [row] = await tx.query<{ state: KeptState; member_id: MemberId | null }>(
    'select state, member_id from order_state where shop_id = $1 and order_id = $2',
    [tx.shopId, orderId],
  );
  return row === undefined ? null : { state: unpackState(orderId, row.state), memberId: row.member_id };
}

/**
 * Cuts orders loose from people: the customer id is blanked in the state too, so nothing personal is left while the
 * arithmetic stays explainable. `everybody` is for a shop that is erased. Safe to repeat.
 */
export async function anonymizeOrders(
  tx: Tx,
  who: { customerIds: string[]; memberIds: MemberId[] } | 'everybody',
): Promise<number> {
  const isEverybody = who === 'everybody';
  const rows = await tx.query(
    // Only keys that exist are replaced: an order without a snapshot stays without one.
    `update order_state set customer_id = null,
       state = jsonb_set(jsonb_set(jsonb_set(jsonb_set(state,
         '{latest,customerId}', 'null', false), '{latest,cardCode}', 'null', false),
         '{paidUp,customerId}', 'null', false), '{paidUp,cardCode}', 'null', false)
     where shop_id = $1 and (customer_id = any($2) or member_id = any($3) or ($4 and customer_id is not null))
     returning 1 as one`,
    [tx.shopId, isEverybody ? [] : who.customerIds, isEverybody ? [] : who.memberIds, isEverybody],
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
