/**
 * As whose sale an order counts, where its news named several customers who turned out to be one. A merge takes nothing away:
 * a sale stays the sale of the member it was made by, also after Shopify writes it down to whom they were merged into,
 * whichever of both is told first.
 */
import { findNamedMembers, followFolds } from '#app/data/ledger/order-owners.ts';
import { type FormerCustomers, keepFormerCustomers, readFormerCustomers } from '#app/data/orders/former-customers.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { findErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderNews, OrderSnapshot } from '#app/domain/orders/order.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Every customer whom what is known of each order names, and the news that is about to be merged in. */
export type NamesTold = Map<StoredOrder, Set<string>>;

/** The names as of now: call it before news is merged in. */
export function namesTold(
  orders: ReadonlyMap<string, StoredOrder>,
  changes: readonly { orderId: string; news: OrderNews | null }[],
): NamesTold {
  const told: NamesTold = new Map([...orders.values()].map((order) => [order, new Set()]));
  const add = (order: StoredOrder | undefined, snapshot: OrderSnapshot | null | undefined) => {
    if (order !== undefined && snapshot?.customerId != null) told.get(order)?.add(snapshot.customerId);
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
  const renamed = [...told].flatMap(([order, names]) => {
    const former = [...names].filter((name) => name !== order.state.latest?.customerId);
    return former.length === 0 ? [] : [{ order, former }];
  });
  if (renamed.length === 0) return [];
  const erased = await findErasedCustomers(tx, [...new Set(renamed.flatMap(({ former }) => former))]);
  const kept: FormerCustomers = new Map();
  for (const { order, former } of renamed)
    kept.set(order.state.orderId, former.filter((name) => !erased.has(name))); // prettier-ignore
  await keepFormerCustomers(tx, kept);
  return renamed.map(({ order }) => order);
}

/**
 * Finds the accounts of orders that may have been another's before: of the members who were named once and were folded into
 * whose each is now, the one who joined first. Call it after `followFolds`.
 */
export async function findAccounts(tx: Tx, orders: StoredOrder[]): Promise<void> {
  const owned = orders.filter(({ memberId }) => memberId !== null);
  const former = await readFormerCustomers(
    tx,
    owned.map(({ state }) => state.orderId),
  );
  if (former.size === 0) return;
  const named = await findNamedMembers(tx, [...new Set([...former.values()].flat())]);
  const tried = owned.flatMap((order) => {
    const names = former.get(order.state.orderId) ?? [];
    const members = named.flatMap(({ customerId, member }) => (names.includes(customerId) ? member.memberId : []));
    return members.map((memberId) => ({ order, asTheirs: { ...order, memberId, accountId: null } }));
  });
  await followFolds(
    tx,
    tried.map(({ asTheirs }) => asTheirs),
    [...new Set(tried.map(({ asTheirs }) => asTheirs.memberId))],
  );
  const accounts = new Map<StoredOrder, MemberId>();
  for (const { order, asTheirs } of tried) {
    const { memberId, accountId } = asTheirs as StoredOrder;
    if (memberId !== order.memberId || accountId === null) continue;
    // Ids rise with time.
    const other = accounts.get(order);
    accounts.set(order, other !== undefined && other < accountId ? other : accountId);
  }
  for (const [order, accountId] of accounts) order.accountId = accountId;
}
