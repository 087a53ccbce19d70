/** All orders of members, and the lock that decides whose an order is. */
import { readMerged } from '#app/data/members/merged-customers.ts';
import { orderColumns, type OrderRow, type StoredOrder, toStoredOrder } from '#app/data/orders/orders.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ChangedName } from '#app/domain/members/merges.ts';
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

/** The orders that are somebody's and of which the newest news names one of these customers, of each those made since. */
export async function findOwnedOrdersNaming(tx: Tx, names: ChangedName[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await tx.query<{ order_id: string }>(
    `select order_id from order_state o join unnest($2::text[], $3::timestamptz[]) n(customer_id, since)
       on o.customer_id = n.customer_id and (n.since is null or o.processed_at >= n.since)
     where o.shop_id = $1 and o.member_id is not null order by 1`,
    [tx.shopId, names.map(({ customerId }) => customerId), names.map(({ since }) => since)],
  );
  return rows.map((row) => row.order_id);
}

/** SQL for the lock on a customer of `$1`, the shop. */
const customerKey = `hashtextextended('customer/' || $1::text || '/' || id, 0)`;

/**
 * Settling an order of these customers and making them members exclude each other: without it neither would see the other,
 * and the order would be nobody's. Any number of settlers may. Must come before orders are locked. Who was merged into whom
 * stays as it is, too.
 */
export async function keepEnrollmentsOut(tx: Tx, customerIds: string[]): Promise<void> {
  const locked = new Set<string>();
  let wanted = customerIds;
  // Whoever joins now does so as whom a customer was merged into. They may have been merged on while we waited.
  while (wanted.length > 0) {
    await tx.query(
      `select count(pg_advisory_xact_lock_shared(key)) as locked from (
         select distinct ${customerKey} as key from unnest($2::text[]) id order by key) keys`,
      [tx.shopId, wanted],
    );
    for (const id of wanted) locked.add(id);
    const merged = await readMerged(tx, customerIds);
    wanted = [...merged.values()].filter((id) => !locked.has(id));
  }
}

/**
 * Waits for settlements of these customers' orders and keeps new ones out until the transaction ends. Answers who the last
 * of them is by now: themselves, or whom they were merged into.
 */
export async function waitForSettlers(tx: Tx, ...customerIds: [string, ...string[]]): Promise<string> {
  await tx.query(
    `select count(pg_advisory_xact_lock(key)) as locked from (
       select distinct ${customerKey} as key from unnest($2::text[]) id order by key) keys`,
    [tx.shopId, customerIds],
  );
  const last = customerIds.at(-1) ?? customerIds[0];
  const keptId = (await readMerged(tx, [last])).get(last);
  return keptId === undefined ? last : waitForSettlers(tx, keptId);
}
