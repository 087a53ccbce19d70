/** What of a redemption comes back when the order that carried it is refunded or cancelled. */
import { editedAwayMinor } from '#app/domain/orders/edits.ts';
import type { OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import type { ProgramSettings } from '#app/domain/programs/program.ts';

/** `isWhole`: the redemption counts as never made, also when it cost nothing. */
export type SpendingReturn = { amount: number; isWhole: boolean };

/**
 * How much of `cost` should have come back by now, in whole units, rounded down. A cancelled order gives all back under
 * every policy. Proportional is by money back ÷ money paid, both of the lines with their tax: shipping and tips count on
 * neither side. What came back before is the caller's to take off, and is never taken back again.
 */
export function spendingReturn(
  order: OrderState,
  spent: { cost: number; policy: ProgramSettings['spendingReturns'] },
): SpendingReturn {
  const { cost, policy } = spent;
  const { latest } = order;
  const basis = order.paidUp ?? latest;
  if (latest === null || basis === null) return { amount: 0, isWhole: false };
  if (latest.cancelledAt !== null) return { amount: cost, isWhole: true };
  if (policy === 'never') return { amount: 0, isWhole: false };
  const { paidMinor, backMinor } = moneyOf(order, basis);
  if (latest.financialStatus === 'refunded' || isAllBack(order, basis, { paidMinor, backMinor }))
    return { amount: cost, isWhole: true };
  if (policy === 'full-refund-only' || paidMinor === 0) return { amount: 0, isWhole: false };
  return { amount: Number((BigInt(cost) * BigInt(backMinor)) / BigInt(paidMinor)), isWhole: false };
}

type Money = { paidMinor: number; backMinor: number };

function moneyOf(order: OrderState, basis: OrderSnapshot): Money {
  const taxAdds = basis.taxesIncluded ? 0 : 1;
  const linesMinor = basis.lines.reduce(
    (sum, line) => sum + Math.max(0, line.grossMinor - line.discountMinor) + taxAdds * line.taxMinor,
    0,
  );
  // What an edit took off was paid once, and its money went back like any other.
  const paidMinor = linesMinor + editedAwayMinor(order, basis);
  const backMinor = order.refunds.reduce((sum, refund) => sum + backOf(refund, taxAdds), 0);
  return { paidMinor, backMinor: Math.min(paidMinor, Math.max(0, backMinor)) };
}

function backOf(refund: OrderRefund, taxAdds: number): number {
  return refund.lines.reduce((sum, line) => sum + line.subtotalMinor + taxAdds * line.taxMinor, refund.amountOnlyMinor);
}

/** Of an order that cost nothing everything is back when every item is. */
function isAllBack(order: OrderState, basis: OrderSnapshot, { paidMinor, backMinor }: Money): boolean {
  if (paidMinor > 0) return backMinor >= paidMinor;
  const returned = new Map<string, number>();
  for (const refund of order.refunds)
    for (const line of refund.lines) returned.set(line.lineId, (returned.get(line.lineId) ?? 0) + line.quantity);
  return returned.size > 0 && basis.lines.every((line) => (returned.get(line.id) ?? 0) >= line.quantity);
}
