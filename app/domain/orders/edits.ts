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
 * Of the money given back without a line, how much was not for an edit. What an edit downwards leaves owed is met by money
 * that goes back, whether told before or after, or by what a later edit adds; `basis` is the paid-up snapshot of `order`.
 */
export function givenBackMinor(order: OrderState, basis: OrderSnapshot): number {
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
    givenMinor += backMinor;
    if (valueMinor !== null) {
      owedMinor = Math.max(0, owedMinor + (worthMinor ?? valueMinor) - valueMinor);
      worthMinor = valueMinor;
    }
    const metMinor = Math.min(owedMinor, givenMinor);
    owedMinor -= metMinor;
    givenMinor -= metMinor;
  }
  return Math.min(givenMinor, Math.max(0, amountOnly(order.refunds) - shrunkMinor(order, basis)));
}

/** What edits took off a paid order altogether: it was paid once, and its money went back, or will. */
export function editedAwayMinor(order: OrderState, basis: OrderSnapshot): number {
  return Math.max(shrunkMinor(order, basis), amountOnly(order.refunds) - givenBackMinor(order, basis));
}

/**
 * Whether money that went back may have been for an edit, and nobody told yet what had been paid by then: `paid` was lost, or
 * is on its way. Only the order's payments can tell.
 */
export function lacksReceived(order: OrderState): boolean {
  const { paidUp } = order;
  if (paidUp === null || paidUp.removedMinor === undefined || amountOnly(order.refunds) === 0) return false;
  const { received, ...unproven } = order;
  if (received?.by === 'payments' && received.asOf >= paidUp.updatedAt) return false;
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
