/**
 * As whose sale an order counts, where its news named several customers who turned out to be one. A merge takes nothing away:
 * a sale stays the sale of the member it was made by, also after Shopify writes it down to whom they were merged into,
 * whichever of both is told first.
 */
import { findNamedMembers, followFolds } from '#app/data/ledger/order-owners.ts';
import { keepFormerCustomers, readFormerCustomers } from '#app/data/orders/former-customers.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { findErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderNews, OrderSnapshot } from '#app/domain/orders/order.ts';

/** By order, every customer whom what is known of it and the news at hand name, and when the newest of that is from. */
export type NamesTold = Map<StoredOrder, Map<string, Date>>;

/** The names as of now: call it before news is merged in. */
export function namesTold(
  orders: ReadonlyMap<string, StoredOrder>,
  changes: readonly { orderId: string; news: OrderNews | null }[],
): NamesTold {
  const told: NamesTold = new Map([...orders.values()].map((order) => [order, new Map()]));
  const add = (order: StoredOrder | undefined, snapshot: OrderSnapshot | null | undefined) => {
    const names = order === undefined ? undefined : told.get(order);
    if (names === undefined || snapshot?.customerId == null) return;
    const [before, at] = [names.get(snapshot.customerId), new Date(snapshot.updatedAt)];
    if (before === undefined || before < at) names.set(snapshot.customerId, at);
  };
  for (const order of told.keys()) add(order, order.state.latest);
  for (const { orderId, news } of changes) add(orders.get(orderId), news?.snapshot);
  return told;
}

/**
 * Keeps whom older news named and the newest does not. Answers the orders of which somebody was. Erased customers are not
 * kept; the caller keeps erasures out.
 */
export async function keepFormerNames(tx: Tx, told: NamesTold): Promise<StoredOrder[]> {
  const former = [...told].flatMap(([order, names]) =>
    [...names].flatMap(([customerId, namedAt]) =>
      customerId === order.state.latest?.customerId ? [] : { order, customerId, namedAt },
    ),
  );
  if (former.length === 0) return [];
  const erased = await findErasedCustomers(tx, [...new Set(former.map(({ customerId }) => customerId))]);
  const kept = former.filter(({ customerId }) => !erased.has(customerId));
  await keepFormerCustomers(tx, kept.map(({ order, ...name }) => ({ orderId: order.state.orderId, ...name }))); // prettier-ignore
  return [...new Set(former.map(({ order }) => order))];
}

/**
 * Finds the accounts of orders that may have been another's before: of the members who were named once and were folded into
 * whose each is now, the one who was named first. Call it after `followFolds`.
 */
export async function findAccounts(tx: Tx, orders: StoredOrder[]): Promise<void> {
  const owned = new Map(orders.flatMap((order) => (order.memberId === null ? [] : [[order.state.orderId, order]])));
  const former = await readFormerCustomers(tx, [...owned.keys()]);
  if (former.length === 0) return;
  const named = await findNamedMembers(tx, [...new Set(former.map(({ customerId }) => customerId))]);
  const tried = former.flatMap(({ orderId, customerId }) => {
    const order = owned.get(orderId);
    // Whether the newest name is among the older ones depends on what was told first.
    if (order === undefined || order.state.latest?.customerId === customerId) return [];
    const members = named.flatMap((one) => (one.customerId === customerId ? one.member.memberId : []));
    return members.map((memberId) => ({ order, asTheirs: { ...order, memberId, accountId: null } as StoredOrder }));
  });
  await followFolds(
    tx,
    tried.map(({ asTheirs }) => asTheirs),
    [...new Set(tried.flatMap(({ asTheirs }) => asTheirs.memberId ?? []))],
  );
  const found = new Set<StoredOrder>();
  for (const { order, asTheirs } of tried) {
    if (found.has(order) || asTheirs.memberId !== order.memberId || asTheirs.accountId === null) continue;
    found.add(order);
    order.accountId = asTheirs.accountId;
  }
}
