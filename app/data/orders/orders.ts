/** Order states: what we know of each order, which rules it counts by, and what is booked for it. */
import { booleans, integers, jsonbs, jsons, moments, texts, uuids } from '#app/data/binary-arrays.ts';
import { gateKey } from '#app/data/privacy/erasure-gate.ts';
import { forgetFormerCustomers } from '#app/data/orders/former-customers.ts';
import { allIdsOf } from '#app/data/members/merged-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderFacts as PinnedFacts } from '#app/domain/earning/facts.ts';
import type { OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import { emptyOrder } from '#app/domain/orders/order-merge.ts';
import {
  packRefund,
  packSnapshot,
  type RefundOnWire,
  type SnapshotOnWire,
  unpackRefund,
  unpackSnapshot,
} from '#app/domain/orders/order-wire.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type StoredOrder = {
  state: OrderState;
  memberId: MemberId | null;
  /** Whose sale it was, where that member was folded into another since; null: the member's own. */
  accountId: MemberId | null;
  ruleVersionId: RuleVersionId | null;
  booked: Record<string, number>;
  settlements: number;
  /** What was looked up for it at its first settlement; null when nothing had to be. */
  facts: PinnedFacts | null;
  /** It waits for something that only Shopify can tell. */
  needsFetch: boolean;
  /** False for an order nobody has heard of before. */
  isKnown: boolean;
};

function unknownOrder(orderId: string): StoredOrder {
  return {
    state: emptyOrder(orderId),
    memberId: null,
    accountId: null,
    ruleVersionId: null,
    booked: {},
    settlements: 0,
    facts: null,
    needsFetch: false,
    isKnown: false,
  };
}

/** As kept: the paid-up snapshot of almost every order is its latest one, and is then not kept twice. */
export type KeptState = Partial<Omit<OrderState, 'latest' | 'paidUp' | 'refunds'>> & {
  latest?: SnapshotOnWire | null;
  paidUp?: SnapshotOnWire | 'latest' | null;
  refunds?: RefundOnWire[];
};

/** A state as it was before `packState`; also one that was stored before some of its fields existed. */
export function unpackState(orderId: string, kept: KeptState): OrderState {
  const unpack = (snapshot: SnapshotOnWire | null | undefined) => (snapshot ? unpackSnapshot(snapshot) : null);
  const latest = unpack(kept.latest);
  return {
    ...emptyOrder(orderId),
    ...kept,
    latest,
    paidUp: kept.paidUp === 'latest' ? latest : unpack(kept.paidUp),
    refunds: (kept.refunds ?? []).map(unpackRefund),
  };
}

/** A state as it is to be written. */
export function packState({ latest, paidUp, ...state }: OrderState): KeptState {
  const pack = (snapshot: OrderSnapshot | null) => (snapshot === null ? null : packSnapshot(snapshot));
  return {
    ...state,
    latest: pack(latest),
    paidUp: paidUp !== null && paidUp === latest ? 'latest' : pack(paidUp),
    refunds: state.refunds.map(packRefund),
  };
}

export type OrderRow = {
  order_id: string;
  state: KeptState;
  member_id: MemberId | null;
  account_id: MemberId | null;
  rule_version_id: RuleVersionId | null;
  booked: Record<string, number>;
  settlements: number;
  facts: PinnedFacts | null;
  needs_fetch: boolean;
};

/** The columns of an `OrderRow`. */
export const orderColumns =
  'order_id, state, member_id, account_id, rule_version_id, booked, settlements, facts, needs_fetch';

/** An order as the rest of the product knows it. */
export function toStoredOrder(row: OrderRow): StoredOrder {
  return {
    state: unpackState(row.order_id, row.state),
    memberId: row.member_id,
    accountId: row.account_id,
    ruleVersionId: row.rule_version_id,
    booked: row.booked,
    settlements: row.settlements,
    facts: row.facts,
    needsFetch: row.needs_fetch,
    isKnown: true,
  };
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
  const rows = await tx.query<OrderRow>(
    `select ${orderColumns} from order_state where shop_id = $1 and order_id = any($2) order by order_id for update`,
    [tx.shopId, wanted],
  );
  const orders = new Map<string, StoredOrder>(wanted.map((orderId) => [orderId, unknownOrder(orderId)]));
  for (const row of rows) orders.set(row.order_id, toStoredOrder(row));
  return orders;
}

const writtenColumns =
  'order_id, state, member_id, customer_id, rule_version_id, booked, settlements, processed_at, facts, needs_fetch, account_id';
const writtenValues =
  'unnest($2::text[], $3::json[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[], $8::int[], $9::timestamptz[], $10::jsonb[], $11::boolean[], $12::uuid[])';
// The lock on its id keeps everybody else from storing a new order meanwhile, so there is no conflict to look for.
const insertOrders = `insert into order_state (shop_id, ${writtenColumns}) select $1, * from ${writtenValues}`;
const updateOrders = `
  update order_state o set state = v.state, member_id = v.member_id, customer_id = v.customer_id,
    rule_version_id = v.rule_version_id, booked = v.booked, settlements = v.settlements, processed_at = v.processed_at,
    facts = v.facts, needs_fetch = v.needs_fetch, account_id = v.account_id, updated_at = now()
  from ${writtenValues} as v(${writtenColumns}) where o.shop_id = $1 and o.order_id = v.order_id`;

/** Stores orders that `lockOrders` handed out in the same transaction. */
export async function writeOrders(tx: Tx, orders: StoredOrder[]): Promise<void> {
  await writeWith(
    tx,
    insertOrders,
    orders.filter((order) => !order.isKnown),
  );
  await writeWith(
    tx,
    updateOrders,
    orders.filter((order) => order.isKnown),
  );
}

async function writeWith(tx: Tx, statement: string, orders: StoredOrder[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.query(statement, [
    tx.shopId,
    texts(orders.map((order) => order.state.orderId)),
    jsons(orders.map((order) => JSON.stringify(packState(order.state)))),
    uuids(orders.map((order) => order.memberId)),
    texts(orders.map((order) => order.state.latest?.customerId ?? null)),
    uuids(orders.map((order) => order.ruleVersionId)),
    jsonbs(orders.map((order) => JSON.stringify(order.booked))),
    integers(orders.map((order) => order.settlements)),
    moments(orders.map(({ state: { latest } }) => (latest === null ? null : new Date(latest.processedAt)))),
    jsonbs(orders.map((order) => (order.facts === null ? null : JSON.stringify(order.facts)))),
    booleans(orders.map((order) => order.needsFetch)),
    uuids(orders.map((order) => order.accountId)),
  ]);
}

/** Orders of a customer, under every id they had, that no member has been given yet; newest first. */
export async function findUnclaimedOrders(tx: Tx, customerId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select order_id from order_state where shop_id = $1 and customer_id = any($2) and member_id is null
     order by processed_at desc, order_id limit $3`,
    [tx.shopId, await allIdsOf(tx, [customerId]), limit],
  );
  return rows.map((row) => row.order_id);
}

/** Lets one caller at a time decide whose an order is, known or not. Take it before any row is locked. */
export async function lockClaim(tx: Tx, orderId: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`claim/${tx.shopId}/${orderId}`]);
}

/** One order as stored, or null. */
export async function findOrder(tx: Tx, orderId: string): Promise<StoredOrder | null> {
  const [row] = await tx.query<OrderRow>(
    `select ${orderColumns} from order_state where shop_id = $1 and order_id = $2`,
    [tx.shopId, orderId],
  );
  return row === undefined ? null : toStoredOrder(row);
}

/** These orders as stored, by id; unknown ones are left out. */
export async function findOrders(tx: Tx, orderIds: string[]): Promise<Map<string, StoredOrder>> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.query<OrderRow>(
    `select ${orderColumns} from order_state where shop_id = $1 and order_id = any($2)`,
    [tx.shopId, orderIds],
  );
  return new Map(rows.map((row) => [row.order_id, toStoredOrder(row)]));
}

/** Whose orders, or which. */
export type OrdersOf = { customerIds: string[]; memberIds: MemberId[] } | { orderIds: string[] };

/**
 * Cuts orders loose from people: the customer id is blanked in the state too, so nothing personal is left while the
 * arithmetic stays explainable. Safe to repeat.
 */
export async function anonymizeOrders(tx: Tx, who: OrdersOf): Promise<number> {
  const { customerIds, memberIds, orderIds } = { customerIds: [], memberIds: [], orderIds: [], ...who };
  const rows = await tx.query<{ order_id: string }>(
    // Only keys that exist are replaced: an order without a snapshot stays without one.
    `update order_state set customer_id = null,
       facts = jsonb_set(jsonb_set(facts, '{memberTags}', '[]', false), '{segmentIds}', '[]', false),
       state = jsonb_set(jsonb_set(jsonb_set(jsonb_set(state::jsonb,
         '{latest,customerId}', 'null', false), '{latest,cardCode}', 'null', false),
         '{paidUp,customerId}', 'null', false), '{paidUp,cardCode}', 'null', false)::json
     where shop_id = $1 and (customer_id = any($2) or member_id = any($3) or order_id = any($4))
     returning order_id`,
    [tx.shopId, customerIds, memberIds, orderIds],
  );
  await forgetFormerCustomers(tx, { customerIds, orderIds: rows.map((row) => row.order_id) });
  return rows.length;
}

/** The ids of the shop's orders after one, in order; at most `limit`. */
export async function listOrderIds(tx: Tx, after: string | null, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select order_id from order_state where shop_id = $1 and order_id > coalesce($2::text, '') order by order_id limit $3`,
    [tx.shopId, after, limit],
  );
  return rows.map((row) => row.order_id);
}
