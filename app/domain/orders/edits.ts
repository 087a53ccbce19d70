/**
 * Edits of a paid order, and which of the money that went back was for them: it left with the goods that an edit took off,
 * and must not count as a refund of what is left.
 */
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import type { OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';

/** Money given back without a line, as its refunds tell. */
function amountOnly(refunds: readonly OrderRefund[]): number {
  return refunds.reduce((sum, refund) => sum + refund.amountOnlyMinor, 0);
}

/**
 * Of the money given back without a line, how much was not for an edit; `basis` is the paid-up snapshot of `order`. Where its
 * payments are known, what came in beyond what it is worth was for what edits took off. Else what an edit downwards leaves owed
 * is met by money that goes back later, or by what a later edit adds, and what is owed in the end by money from before.
 */
export function givenBackMinor(order: OrderState, basis: OrderSnapshot): number {
  const backMinor = amountOnly(order.refunds);
  const beyondMinor = (paymentsOf(order, basis) ?? Number.NEGATIVE_INFINITY) - snapshotValueMinor(basis);
  // Payments that do not even come to what was paid up are not all there are: an imported order has none.
  if (beyondMinor >= -basis.lines.length)
    return backMinor - Math.min(backMinor, Math.max(0, beyondMinor), basis.removedMinor ?? 0);
  const givenMinor = goodwillMinor(order, { isMetEarlier: false });
  return Math.min(givenMinor, Math.max(0, backMinor - shrunkMinor(order, basis)));
}

/** What came in by the time of a snapshot, where somebody added up the payments. */
function paymentsOf({ received }: OrderState, basis: OrderSnapshot): number | null {
  return received?.by === 'payments' && received.asOf >= basis.updatedAt ? received.amountMinor : null;
}

/** Goodwill as the states of the order that are known tell it; `isMetEarlier`: money from before meets an edit at once. */
function goodwillMinor(order: OrderState, { isMetEarlier }: { isMetEarlier: boolean }): number {
  const turns = [
    ...order.paidValues.map(([atMs, valueMinor]) => ({ atMs, valueMinor, backMinor: 0 })),
    ...order.refunds.map((refund) => ({
      atMs: Date.parse(refund.createdAt),
      valueMinor: null,
      backMinor: refund.amountOnlyMinor,
    })),
  ].toSorted((one, two) => one.atMs - two.atMs);
  let [worthMinor, owedMinor, givenMinor]: [number | null, number, number] = [null, 0, 0];
  for (const { valueMinor, backMinor } of turns) {
    const metMinor = Math.min(owedMinor, backMinor);
    owedMinor -= metMinor;
    givenMinor += backMinor - metMinor;
    if (valueMinor === null) continue;
    owedMinor = Math.max(0, owedMinor + (worthMinor ?? valueMinor) - valueMinor);
    worthMinor = valueMinor;
    if (!isMetEarlier) continue;
    const earlierMinor = Math.min(owedMinor, givenMinor);
    owedMinor -= earlierMinor;
    givenMinor -= earlierMinor;
  }
  return givenMinor - Math.min(owedMinor, givenMinor);
}

/** What edits took off a paid order altogether: it was paid once, and its money went back, or will. */
export function editedAwayMinor(order: OrderState, basis: OrderSnapshot): number {
  return Math.max(shrunkMinor(order, basis), amountOnly(order.refunds) - givenBackMinor(order, basis));
}

/**
 * Whether money that went back may have been for an edit, and nobody told yet what had been paid by then: `paid` was lost, or
 * is on its way, or a later edit added what may have been paid anew. Only the order's payments can tell.
 */
export function lacksReceived(order: OrderState): boolean {
  const { paidUp } = order;
  if (paidUp === null || paidUp.removedMinor === undefined || amountOnly(order.refunds) === 0) return false;
  if (paymentsOf(order, paidUp) !== null) return false;
  if (goodwillMinor(order, { isMetEarlier: true }) !== goodwillMinor(order, { isMetEarlier: false })) return true;
  const { received, ...unproven } = order;
  // What a balance led to conclude is asked after as well, and counts meanwhile.
  const proven = received?.by === 'payments' ? order : unproven;
  return shrunkMinor(proven, paidUp) < paidUp.removedMinor && givenBackMinor(proven, paidUp) > 0;
}

/** How much less the order is worth now than it was at its dearest. */
function shrunkMinor(order: OrderState, basis: OrderSnapshot): number {
  const valueMinor = snapshotValueMinor(basis);
  // What came in was paid for what edits took off since, also where the order was never told as it was then.
  const paidForMinor = Math.min(order.received?.amountMinor ?? 0, valueMinor + (basis.removedMinor ?? 0));
  return Math.max(0, order.mostPaidMinor - valueMinor, paidForMinor - valueMinor);
}
