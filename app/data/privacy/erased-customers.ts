/** Keeping out what was erased: news that arrives late must not bring a customer id back. */
import { findTombstones, readErasures, tombstoneOf } from '#app/data/privacy/tombstones.ts';
import { findMembersByCustomers } from '#app/data/members/members.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';

/** Takes the customer ids of erased people out of these orders. The caller keeps erasures out. */
export async function forgetErasedCustomers(tx: Tx, orders: StoredOrder[]): Promise<void> {
  const customerIds = [...new Set(orders.flatMap((order) => order.state.latest?.customerId ?? []))];
  if (customerIds.length === 0) return;
  const gone = await findErasedCustomers(tx, customerIds);
  for (const { state } of orders) {
    if (state.latest?.customerId != null && gone.has(state.latest.customerId))
      state.latest = { ...state.latest, customerId: null, cardCode: null };
    if (state.paidUp?.customerId != null && gone.has(state.paidUp.customerId))
      state.paidUp = { ...state.paidUp, customerId: null, cardCode: null };
  }
}

/** Which of these customers were erased and have not joined again since, with when that was; null: with the whole shop. */
export async function findErasedCustomers(tx: Tx, customerIds: string[]): Promise<Map<string, Date | null>> {
  const { isShopErased, isAnybodyErased } = await readErasures(tx);
  if (isShopErased) return new Map(customerIds.map((id) => [id, null]));
  const keys = isAnybodyErased ? await findShopKeys(tx) : null;
  if (keys === null) return new Map();
  const prints = new Map(customerIds.map((id) => [tombstoneOf(keys, `customer/${id}`).toString('hex'), id]));
  const erased = await findTombstones(
    tx,
    [...prints.keys()].map((hex) => Buffer.from(hex, 'hex')),
  );
  const gone = new Map([...erased].map(([hex, erasedAt]) => [prints.get(hex) ?? '', erasedAt]));
  if (gone.size > 0)
    for (const back of await findMembersByCustomers(tx, [...gone.keys()])) gone.delete(back.shopifyCustomerId ?? '');
  return gone;
}
