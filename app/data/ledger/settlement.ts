/**
 * Settlement of orders: bringing what is booked for them to what they should have earned by now.
 *
 * A batch is worked out in memory and written with a handful of statements. `delta = target − booked` is posted when it
 * is not 0, so any order of deliveries, any repetition and any number of settlers end the same.
 */
import { findReferralsAbout, settleReferrals } from '#app/data/ledger/referral-settlement.ts';
import { findOwners, formerOwnerOf, isRenamed } from '#app/data/ledger/order-owners.ts';
import { type Carried, commitCarried } from '#app/data/ledger/redemption.ts';
import { keepFormerNames, namesTold } from '#app/data/ledger/sale-accounts.ts';
import { returnSpending } from '#app/data/ledger/returns.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { settleTogether } from '#app/data/ledger/settle-together.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { keepEnrollmentsOut } from '#app/data/orders/member-orders.ts';
import { lockOrders, type StoredOrder } from '#app/data/orders/orders.ts';
import { forgetErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { mergeNews } from '#app/domain/orders/order-merge.ts';
import { refuseOtherCurrency } from '#app/domain/orders/order-checks.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Something that bears on an order: news of it, or a member it is now known to belong to. */
export type OrderChange = {
  orderId: string;
  news: OrderNews | null;
  memberId: MemberId | null;
  /** The member shows that the sale is theirs: it is, unless Shopify names somebody else, now or later. */
  isClaim?: true;
  /** Whom its newest news names has become known since: it is looked at anew whose it is. */
  isReopened?: true;
};

/**
 * Settles orders in this transaction: merges what is new, finds each order's member and rules, posts the differences and
 * marks the cards stale. Repeating it posts nothing. Answers the members whose balances changed. Throws `Rejected` when
 * news contradicts what an order can be.
 */
export async function settleOrders(tx: Tx, changes: OrderChange[], at: Date): Promise<MemberId[]> {
  if (changes.length === 0) return [];
  const rules = await lockHistory(tx);
  await keepEnrollmentsOut(
    tx,
    changes.flatMap(({ news }) => news?.snapshot?.customerId ?? []),
  );
  const orders = await lockOrders(
    tx,
    changes.map((change) => change.orderId),
  );
  const before = new Map<StoredOrder, string | null>(
    [...orders.values()].map((order) => [order, order.isKnown ? JSON.stringify(order) : null]),
  );
  const owned = new Map([...orders.values()].map((order) => [order, formerOwnerOf(order)]));
  const unowned = [...orders.values()].filter(({ isKnown, memberId }) => isKnown && memberId === null);
  const claims = new Map<StoredOrder, MemberId>();
  const names = namesTold(orders, changes);
  for (const change of changes) {
    const order = orders.get(change.orderId);
    if (order === undefined) continue;
    takeIn(order, change);
    if (change.memberId === null) continue;
    if (change.isClaim === true) claims.set(order, change.memberId);
    // Whom an integrator names is asked of nobody else.
    else owned.delete(order);
  }
  const touched = [...orders.values()];
  touched.forEach(nameOneCustomer);
  // Asked before names are forgotten: while a customer is being erased, all news of an order would seem to name nobody.
  const reopened = new Set(
    changes.flatMap(({ orderId, isReopened }) => (isReopened ? (orders.get(orderId) ?? []) : [])),
  );
  for (const [order, former] of owned) if (!isRenamed(order, former) && !reopened.has(order)) owned.delete(order);
  const renamed = await keepFormerNames(tx, names);
  await forgetErasedCustomers(tx, touched);
  const left = await findOwners(tx, touched, { before: owned, reopened, claims });
  const owners = new Set([...touched.flatMap(({ memberId }) => memberId ?? []), ...left.values()]);
  const about = rules.hasReferrals ? await findReferralsAbout(tx, [...owners]) : { referrals: [], memberIds: [] };
  const untold = changes.flatMap(({ orderId, news }) => (news === null ? (orders.get(orderId) ?? []) : []));
  const recounted = [...new Set([...renamed, ...left.keys(), ...unowned, ...untold])];
  const together = { rules, orders: touched, before, left, recounted, events: [], beside: about.memberIds, at };
  const changed = await settleTogether(tx, together);
  await commitCarried(tx, touched.flatMap(carriedBy), at);
  const orderIds = touched.flatMap((order) => (mayGiveBack(order) ? order.state.orderId : []));
  const formerIds = [...new Set(left.values())];
  await returnSpending(tx, { orderIds, formerIds }, at);
  await touchPasses(tx, changed);
  await settleReferrals(tx, about.referrals, { rules, at });
  return changed;
}

/** Merges news into an order; whom an integrator names with it, it belongs to unless it is somebody's already. */
function takeIn(order: StoredOrder, { news, memberId, isClaim }: OrderChange): void {
  if (news !== null) {
    refuseOtherCurrency(order.state, news);
    order.state = mergeNews(order.state, news);
  }
  if (isClaim === true || memberId === null) return;
  if (order.memberId === null && news !== null) order.state = { ...order.state, claimedBy: memberId };
  order.memberId ??= memberId;
}

/** Whom older news named is not kept beside whom the newest names: nobody would think of erasing it there. */
function nameOneCustomer({ state }: StoredOrder): void {
  const { latest, paidUp } = state;
  if (latest === null || paidUp === null) return;
  const { customerId, cardCode } = latest;
  if (paidUp.customerId !== customerId || paidUp.cardCode !== cardCode)
    state.paidUp = { ...paidUp, customerId, cardCode };
}

/** What an order carries of ours; a test carries nothing. */
function carriedBy({ state: { orderId, latest } }: StoredOrder): Carried[] {
  if (latest === null || latest.isTest) return [];
  const { discountCodes: codes, reservationIds = [] } = latest;
  const isCancelled = latest.cancelledAt !== null;
  return codes.length + reservationIds.length === 0 ? [] : [{ orderId, codes, reservationIds, isCancelled }];
}

/** Whether anything of an order can have gone back: not of one that is told for the first time, and whole. */
function mayGiveBack({ isKnown, state: { latest, refunds } }: StoredOrder): boolean {
  return isKnown || refunds.length > 0 || latest?.cancelledAt != null || latest?.financialStatus === 'refunded';
}
