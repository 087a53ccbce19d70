/** Customers whom older news of an order named, where the newest names another or nobody. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Whom older news of an order named, and when it did last. */
export type FormerCustomer = { orderId: string; customerId: string; namedAt: Date };

/** Keeps them. Safe to repeat, in any order. */
export async function keepFormerCustomers(tx: Tx, former: FormerCustomer[]): Promise<void> {
  if (former.length === 0) return;
  await tx.query(
    `insert into former_customer as f (shop_id, order_id, customer_id, named_at)
     select $1::uuid, * from unnest($2::text[], $3::text[], $4::timestamptz[])
     on conflict (shop_id, order_id, customer_id) do update set named_at = greatest(f.named_at, excluded.named_at)`,
    [
      tx.shopId,
      former.map(({ orderId }) => orderId),
      former.map(({ customerId }) => customerId),
      former.map(({ namedAt }) => namedAt),
    ],
  );
}

/** Whom older news of these orders named, of each order who was named first, first. */
export async function readFormerCustomers(tx: Tx, orderIds: string[]): Promise<FormerCustomer[]> {
  if (orderIds.length === 0) return [];
  const rows = await tx.query<{ order_id: string; customer_id: string; named_at: Date }>(
    `select order_id, customer_id, named_at from former_customer
     where shop_id = $1 and order_id = any($2) order by order_id, named_at, customer_id`,
    [tx.shopId, orderIds],
  );
  return rows.map((row) => ({ orderId: row.order_id, customerId: row.customer_id, namedAt: row.named_at }));
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
