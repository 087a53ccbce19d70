/**
 * What of a paid order still stands after its refunds, line by line, in exact whole numbers.
 *
 * Line returns come off first. Money given back without a line is summed and spread over what is left of everything
 * that was paid, so it is kept here as one ratio instead of being rounded onto lines.
 */
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import type { OrderLine, OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';

/** A line after returns. `baseMinor` is without tax, and `quantity` never counts what went back. */
export type StandingLine = { line: OrderLine; quantity: number; baseMinor: number; taxMinor: number };

export type Standing = {
  lines: StandingLine[];
  /** Tips that are not a line of their own. */
  tipMinor: number;
  /** Shipping as charged, and how much of it (tax included) was not given back. */
  shipping: { baseMinor: number; taxMinor: number; leftMinor: number };
  /** Money given back without a line or shipping, not yet spread. */
  givenBackMinor: number;
};

/** What stands of `basis`, the paid-up snapshot of `order`. Never below 0 anywhere. */
export function standingOf(order: OrderState, basis: OrderSnapshot): Standing {
  const returns = sumReturns(order.refunds);
  let tipLinesMinor = 0;
  let overDiscountMinor = 0;
  const lines = basis.lines.map((line) => {
    if (line.isTip) tipLinesMinor += line.grossMinor;
    overDiscountMinor += Math.max(0, line.discountMinor - line.grossMinor);
    return standingLine(line, returns.get(line.id), basis.taxesIncluded);
  });
  const shippingTaxOnTop = basis.taxesIncluded ? 0 : basis.shippingTaxMinor;
  const shippingPaidMinor = basis.shippingMinor + shippingTaxOnTop;
  const shippingBackMinor = order.refunds.reduce((sum, refund) => sum + refund.shippingMinor, 0);
  const amountOnlyMinor = order.refunds.reduce((sum, refund) => sum + refund.amountOnlyMinor, 0);
  const editedAwayMinor = Math.max(0, order.mostPaidMinor - snapshotValueMinor(basis));
  return {
    lines,
    tipMinor: Math.max(0, basis.tipMinor - tipLinesMinor),
    shipping: {
      baseMinor: shippingPaidMinor - basis.shippingTaxMinor,
      taxMinor: basis.shippingTaxMinor,
      leftMinor: Math.max(0, shippingPaidMinor - shippingBackMinor),
    },
    givenBackMinor: Math.max(0, amountOnlyMinor - editedAwayMinor) + overDiscountMinor,
  };
}

type Returned = { quantity: number; subtotalMinor: number; taxMinor: number };

function sumReturns(refunds: readonly OrderRefund[]): Map<string, Returned> {
  const returns = new Map<string, Returned>();
  for (const refund of refunds) {
    for (const line of refund.lines) {
      const sum = returns.get(line.lineId) ?? { quantity: 0, subtotalMinor: 0, taxMinor: 0 };
      sum.quantity += line.quantity;
      sum.subtotalMinor += line.subtotalMinor;
      sum.taxMinor += line.taxMinor;
      returns.set(line.lineId, sum);
    }
  }
  return returns;
}

function standingLine(line: OrderLine, returned: Returned | undefined, taxesIncluded: boolean): StandingLine {
  const netMinor = Math.max(0, line.grossMinor - line.discountMinor);
  const taxMinor = taxesIncluded ? Math.min(line.taxMinor, netMinor) : line.taxMinor;
  const baseMinor = taxesIncluded ? netMinor - taxMinor : netMinor;
  if (returned === undefined) return { line, quantity: line.quantity, baseMinor, taxMinor };
  // A line that came back whole is gone, whatever fee was kept of its money.
  if (returned.quantity >= line.quantity) return { line, quantity: 0, baseMinor: 0, taxMinor: 0 };
  const backBaseMinor = taxesIncluded ? returned.subtotalMinor - returned.taxMinor : returned.subtotalMinor;
  const share = { quantity: returned.quantity, of: line.quantity };
  return {
    line,
    quantity: line.quantity - returned.quantity,
    baseMinor: Math.max(0, baseMinor - Math.max(backBaseMinor, shareOf(baseMinor, share))),
    taxMinor: Math.max(0, taxMinor - Math.max(returned.taxMinor, shareOf(taxMinor, share))),
  };
}

/** The returned items' share of the line, rounded down: the same "gone whatever was kept" for a part of a line. */
function shareOf(amountMinor: number, share: { quantity: number; of: number }): number {
  return Number((BigInt(amountMinor) * BigInt(share.quantity)) / BigInt(share.of));
}
