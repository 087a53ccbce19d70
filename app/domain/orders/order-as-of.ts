/**
 * An order as it stood at an instant, by the times of its refunds and cancellation and never by when we heard of them.
 * Edits, payments and tenders have no time of their own here: they date from the sale.
 */
import type { OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';

/** The order without refunds and a cancellation later than `at`; what happened at `at` itself counts. */
export function orderAsOf(order: OrderState, at: Date): OrderState {
  const refunds = order.refunds.filter((refund) => Date.parse(refund.createdAt) <= at.getTime());
  const back: LeftOut = { at, refunds, ofRefunds: order.refunds.length, wasPaid: order.paidUp !== null };
  const latest = order.latest === null ? null : snapshotAsOf(order.latest, back);
  const paidUp = order.paidUp === null ? null : snapshotAsOf(order.paidUp, back);
  const isSame = refunds.length === order.refunds.length && latest === order.latest && paidUp === order.paidUp;
  return isSame ? order : { ...order, latest, paidUp, refunds };
}

/** The instants after the sale at which refunds or a cancellation changed the order, in rising order, in milliseconds. */
export function changeTimesMs(order: OrderState, saleMs: number): number[] {
  const times = order.refunds.map((refund) => Date.parse(refund.createdAt));
  for (const snapshot of [order.latest, order.paidUp])
    if (snapshot !== null && snapshot.cancelledAt !== null) times.push(Date.parse(snapshot.cancelledAt));
  return [...new Set(times.filter((timeMs) => timeMs > saleMs))].toSorted((one, two) => one - two);
}

type LeftOut = { at: Date; refunds: OrderRefund[]; ofRefunds: number; wasPaid: boolean };

function snapshotAsOf(snapshot: OrderSnapshot, back: LeftOut): OrderSnapshot {
  const isCancelledLater = snapshot.cancelledAt !== null && Date.parse(snapshot.cancelledAt) > back.at.getTime();
  const isRefundedLater = back.refunds.length < back.ofRefunds;
  if (!isCancelledLater && !isRefundedLater) return snapshot;
  return {
    ...snapshot,
    cancelledAt: isCancelledLater ? null : snapshot.cancelledAt,
    financialStatus: statusAsOf(snapshot, { ...back, isCancelledLater, isRefundedLater }),
  };
}

function statusAsOf(
  { financialStatus }: OrderSnapshot,
  back: LeftOut & { isCancelledLater: boolean; isRefundedLater: boolean },
): OrderSnapshot['financialStatus'] {
  if (financialStatus === 'voided' && back.isCancelledLater) return back.wasPaid ? 'paid' : 'authorized';
  if (financialStatus !== 'refunded' && financialStatus !== 'partially_refunded') return financialStatus;
  // Money that went back with a cancellation, of which no refund was told, went back when it was cancelled.
  const isUndone = back.isRefundedLater || back.ofRefunds === 0;
  if (!isUndone) return financialStatus;
  return back.refunds.length === 0 ? 'paid' : 'partially_refunded';
}
