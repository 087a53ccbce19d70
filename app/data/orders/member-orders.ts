/** All orders of members, and the lock that decides whose an order is. */
import { orderColumns, type OrderRow, type StoredOrder, toStoredOrder } from '#app/data/orders/orders.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Every order of these members, by id, unlocked. */
export async function readOrdersOf(tx: Tx, memberIds: MemberId[]): Promise<StoredOrder[]> {
  const rows = await tx.query<OrderRow>(
    `select ${orderColumns} from order_state where shop_id = $1 and member_id = any($2) order by order_id`,
    [tx.shopId, memberIds],
  );
  return rows.map(toStoredOrder);
}

/** Every order of these members, by id, locked until the transaction ends. Hold the shop's history. */
export async function lockOrdersOf(tx: Tx, memberIds: MemberId[]): Promise<StoredOrder[]> {
  const rows = await tx.query<OrderRow>(
    `select ${orderColumns} from order_state where shop_id = $1 and member_id = any($2) order by order_id for update`,
    [tx.shopId, memberIds],
  );
  return rows.map(toStoredOrder);
}

/** SQL for the lock on a customer of `$1`, the shop. */
const customerKey = `hashtextextended('customer/' || $1::text || '/' || id, 0)`;

/**
 * Settling an order of these customers and making them members exclude each other: without it neither would see the other,
 * and the order would be nobody's. Any number of settlers may. Must come before orders are locked.
 */
export async function keepEnrollmentsOut(tx: Tx, customerIds: string[]): Promise<void> {
  if (customerIds.length === 0) return;
  await tx.query(
    `select count(pg_advisory_xact_lock_shared(key)) as locked from (
       select distinct ${customerKey} as key from unnest($2::text[]) id order by key) keys`,
    [tx.shopId, customerIds],
  );
}

/** Waits for settlements of this customer's orders and keeps new ones out until the transaction ends. */
export async function waitForSettlers(tx: Tx, customerId: string): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(${customerKey}) is null as locked from (select $2::text as id) customer`,
    [tx.shopId, customerId],
  );
}
