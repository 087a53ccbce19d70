/** What comes back of points that were spent with an order, when the order does not stand as it was. */
import type { ProgramSettings } from '#app/domain/programs/program.ts';
import type { LifeOrder } from '#test/support/oracle/life.ts';

/** `isWhole`: as if nothing had been spent. */
export type Returned = { amount: number; isWhole: boolean };

export function spendingBack(order: LifeOrder, cost: number, policy: ProgramSettings['spendingReturns']): Returned {
  const whole = { amount: cost, isWhole: true };
  const nothing = { amount: 0, isWhole: false };
  if (order.cancelledAt !== null) return whole;
  if (policy === 'never') return nothing;
  if (order.refundedAt !== null) return whole;
  const { shopPrices } = order;
  const withTax = (net: number, tax: number) => (order.taxesIncluded ? net : net + tax);
  let paid = shopPrices.editedAway;
  for (const { net, tax } of shopPrices.lines) paid += withTax(net < 0 ? 0 : net, tax);
  let back = 0;
  for (const refund of shopPrices.refunds) {
    back += refund.amountOnly;
    for (const { subtotal, tax } of refund.lines) back += withTax(subtotal, tax);
  }
  if (paid === 0) return everythingReturned(order) ? whole : nothing;
  if (back >= paid) return whole;
  if (policy === 'full-refund-only') return nothing;
  return { amount: Number((BigInt(cost) * BigInt(back)) / BigInt(paid)), isWhole: false };
}

/** Of what cost nothing only the things themselves can come back. */
function everythingReturned(order: LifeOrder): boolean {
  if (order.refunds.every(({ returned }) => returned.length === 0)) return false;
  return order.lines.every((line) => {
    let items = 0;
    for (const { returned } of order.refunds)
      for (const { lineId, quantity } of returned) if (lineId === line.id) items += quantity;
    return items >= line.quantity;
  });
}
