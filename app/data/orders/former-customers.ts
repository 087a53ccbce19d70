/** Customers whom older news of an order named, where the newest names another or nobody. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** By order id, whom older news of it named. */
export type FormerCustomers = Map<string, string[]>;

/** Keeps them. Safe to repeat. */
export async function keepFormerCustomers(tx: Tx, former: FormerCustomers): Promise<void> {
  const pairs = [...former].flatMap(([orderId, ids]) => ids.map((customerId) => ({ orderId, customerId })));
  if (pairs.length === 0) return;
  await tx.query(
    `insert into former_customer (shop_id, order_id, customer_id)
     select distinct $1::uuid, * from unnest($2::text[], $3::text[]) on conflict do nothing`,
    [tx.shopId, pairs.map(({ orderId }) => orderId), pairs.map(({ customerId }) => customerId)],
  );
}

/** Whom older news of these orders named; orders that always named the same are left out. */
export async function readFormerCustomers(tx: Tx, orderIds: string[]): Promise<FormerCustomers> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.query<{ order_id: string; customer_ids: string[] }>(
    `select order_id, array_agg(customer_id order by customer_id) as customer_ids from former_customer
     where shop_id = $1 and order_id = any($2) group by order_id`,
    [tx.shopId, orderIds],
  );
  return new Map(rows.map((row) => [row.order_id, row.customer_ids]));
}

/** Orders of these members of which older news named one of these customers. */
export async function findOrdersOnceOf(
  tx: Tx,
  { customerIds, memberIds }: { customerIds: string[]; memberIds: MemberId[] },
): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `select distinct o.order_id from former_customer f
     join order_state o on o.shop_id = $1 and o.order_id = f.order_id and o.member_id = any($3)
     where f.shop_id = $1 and f.customer_id = any($2) order by 1`,
    [tx.shopId, customerIds, memberIds],
  );
  return rows.map((row) => row.order_id);
}

/** Forgets these customers, and whoever else these orders once named. Safe to repeat. */
export async function forgetFormerCustomers(
  tx: Tx,
  { customerIds, orderIds }: { customerIds: string[]; orderIds: string[] },
): Promise<void> {
  await tx.query('delete from former_customer where shop_id = $1 and (customer_id = any($2) or order_id = any($3))', [
    tx.shopId,
    customerIds,
    orderIds,
  ]);
}
