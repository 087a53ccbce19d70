/**
 * Bringing deliveries about one order together. Merging is commutative, associative and idempotent: whatever arrives,
 * in whatever order and however often, the same set of deliveries ends in the same state, byte for byte.
 */
import type {
  FinancialStatus,
  OrderNews,
  OrderReceived,
  OrderRefund,
  OrderSnapshot,
  OrderState,
  OrderTenders,
} from '#app/domain/orders/order.ts';
import { invariant } from '#app/lib/errors.ts';

/** Later in an order's life ranks higher; only asked when two snapshots carry the same `updatedAt`. */
const statusRank: Readonly<Record<FinancialStatus, number>> = {
  pending: 0,
  authorized: 1,
  expired: 2,
  partially_paid: 3,
  paid: 4,
  voided: 5,
  partially_refunded: 6,
  refunded: 7,
};

/** The state of an order nothing has been heard of yet. */
export function emptyOrder(orderId: string): OrderState {
  return { orderId, latest: null, paidUp: null, mostPaidMinor: 0, paidValues: [], refunds: [], tenders: null };
}

/** The state with one delivery's news taken in; neither argument is changed. Taking in the same news again changes nothing. */
export function mergeNews(state: OrderState, news: OrderNews): OrderState {
  invariant(state.orderId === news.orderId, 'news of one order reached the state of another');
  const { snapshot } = news;
  const received = surerReceived(state.received, news.received);
  const isPaidUp = snapshot !== null && isFullyPaid(snapshot.financialStatus);
  return {
    orderId: state.orderId,
    latest: snapshot === null ? state.latest : newerSnapshot(state.latest, snapshot),
    paidUp: isPaidUp ? newerSnapshot(state.paidUp, snapshot) : state.paidUp,
    mostPaidMinor: isPaidUp ? Math.max(state.mostPaidMinor, snapshotValueMinor(snapshot)) : state.mostPaidMinor,
    paidValues: isPaidUp ? withPaidValue(state.paidValues, snapshot) : state.paidValues,
    refunds: news.refunds.length === 0 ? state.refunds : mergeRefunds(state.refunds, news.refunds),
    tenders: news.tenders === undefined ? state.tenders : newerTenders(state.tenders, news.tenders),
    ...(received !== undefined && { received }),
    ...(state.claimedBy !== undefined && { claimedBy: state.claimedBy }),
  };
}

/** Whether all money of the order had come in; giving some or all of it back later does not unmake that. */
export function isFullyPaid(status: FinancialStatus): boolean {
  return status === 'paid' || status === 'partially_refunded' || status === 'refunded';
}

/** What the snapshot's lines, shipping and tip cost together, with tax and after discounts, before any refund. */
export function snapshotValueMinor(snapshot: OrderSnapshot): number {
  const taxAdds = snapshot.taxesIncluded ? 0 : 1;
  let valueMinor = snapshot.shippingMinor + taxAdds * snapshot.shippingTaxMinor;
  let tipLinesMinor = 0;
  for (const line of snapshot.lines) {
    valueMinor += line.grossMinor - line.discountMinor + taxAdds * line.taxMinor;
    if (line.isTip) tipLinesMinor += line.grossMinor;
  }
  return valueMinor + Math.max(0, snapshot.tipMinor - tipLinesMinor);
}

function newerSnapshot(known: OrderSnapshot | null, told: OrderSnapshot): OrderSnapshot {
  if (known === null || told.updatedAt > known.updatedAt) return told;
  if (told.updatedAt < known.updatedAt) return known;
  // Shopify's times are whole seconds: within one, an order gets further in its life, and a name, and loses neither.
  const difference = lifeRank(told) - lifeRank(known) || namesTold(told) - namesTold(known);
  if (difference !== 0) return difference > 0 ? told : known;
  return canonical(told) > canonical(known) ? told : known;
}

function namesTold({ customerId, cardCode }: OrderSnapshot): number {
  return (customerId === null ? 0 : 1) + (cardCode === null ? 0 : 1);
}

/** More than an order is ever edited; of those alike in time the larger counts. */
const paidValuesMax = 100;

function withPaidValue(known: OrderState['paidValues'], snapshot: OrderSnapshot): OrderState['paidValues'] {
  const [atMs, valueMinor] = [Date.parse(snapshot.updatedAt), snapshotValueMinor(snapshot)];
  const same = known.find(([knownMs]) => knownMs === atMs);
  if (same !== undefined && same[1] >= valueMinor) return known;
  const others = known.filter((value) => value !== same);
  return [...others, [atMs, valueMinor] as const].toSorted((one, two) => one[0] - two[0]).slice(-paidValuesMax);
}

function newerTenders(known: OrderTenders | null, told: OrderTenders): OrderTenders {
  if (known === null || told.asOf > known.asOf) return told;
  if (told.asOf < known.asOf) return known;
  return canonical(told) > canonical(known) ? told : known;
}

/** Payments are what happened, a balance only what follows from it; of either the newer counts, then the larger. */
function surerReceived(known?: OrderReceived, told?: OrderReceived): OrderReceived | undefined {
  if (known === undefined || told === undefined) return known ?? told;
  if (known.by !== told.by) return known.by === 'payments' ? known : told;
  if (known.asOf !== told.asOf) return known.asOf > told.asOf ? known : told;
  return known.amountMinor >= told.amountMinor ? known : told;
}

function lifeRank(snapshot: OrderSnapshot): number {
  return statusRank[snapshot.financialStatus] + (snapshot.cancelledAt === null ? 0 : 100);
}

function mergeRefunds(known: readonly OrderRefund[], told: readonly OrderRefund[]): OrderRefund[] {
  const byId = new Map(known.map((refund) => [refund.refundId, refund]));
  for (const refund of told) {
    const other = byId.get(refund.refundId);
    byId.set(refund.refundId, other === undefined ? refund : fullerRefund(other, refund));
  }
  return [...byId.values()].toSorted((one, two) => compareIds(one.refundId, two.refundId));
}

/** A refund's money settles after it is created, so the account that gives back more is the later one. */
function fullerRefund(known: OrderRefund, told: OrderRefund): OrderRefund {
  const difference = refundSize(told) - refundSize(known);
  if (difference !== 0) return difference > 0 ? told : known;
  return canonical(told) > canonical(known) ? told : known;
}

function refundSize(refund: OrderRefund): number {
  let sizeMinor = refund.amountOnlyMinor + refund.shippingMinor;
  for (const line of refund.lines) sizeMinor += line.subtotalMinor + line.taxMinor;
  return sizeMinor;
}

/** Numeric ids without regard to how large they are; the shorter is the smaller. */
export function compareIds(one: string, two: string): number {
  if (one.length !== two.length) return one.length - two.length;
  if (one === two) return 0;
  return one < two ? -1 : 1;
}

/** One text for one content: a store that reorders keys must not change who wins a tie. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([one], [two]) => (one < two ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
