/**
 * What of a paid order still stands after its refunds, line by line, in exact whole numbers.
 *
 * Line returns come off first. Money given back without a line is summed and spread over what is left of everything
 * that was paid, so it is kept here as one ratio instead of being rounded onto lines.
 */
import { editedAwayMinor, givenBackMinor } from '#app/domain/orders/edits.ts';
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

/** Why an order as a whole does not count; null when its lines decide. */
export type NotStanding = 'no-order' | 'test-order' | 'cancelled' | 'refunded' | 'not-paid';

export function whyNotStanding({ latest, paidUp }: OrderState): NotStanding | null {
  if (latest === null) return 'no-order';
  if (latest.isTest) return 'test-order';
  if (latest.cancelledAt !== null || (paidUp !== null && paidUp.cancelledAt !== null)) return 'cancelled';
  if (latest.financialStatus === 'refunded') return 'refunded';
  // An order edited upwards is unpaid again, but what was paid before keeps standing.
  return latest.financialStatus === 'voided' || paidUp === null ? 'not-paid' : null;
}

/**
 * Whether the order counts as one of the member's: paid, neither cancelled nor a test, and something of it was neither
 * returned nor paid back. A fee or shipping kept for goods that all came back is not an order, and one that cost nothing
 * is, as long as something of it was not returned.
 */
export function isStanding(order: OrderState): boolean {
  const basis = order.paidUp;
  if (basis === null || whyNotStanding(order) !== null) return false;
  const standing = standingOf(order, basis);
  if (!standing.lines.some(({ line, quantity }) => quantity > 0 && !line.isTip)) return false;
  if (snapshotValueMinor(basis) <= 0) return true;
  return poolMinor(standing) + standing.shipping.leftMinor > standing.givenBackMinor;
}

/** Everything that was paid and not returned, with tax and tips, without shipping: what money given back is spread over. */
export function poolMinor(standing: Standing): number {
  return standing.lines.reduce((minor, line) => minor + line.baseMinor + line.taxMinor, standing.tipMinor);
}

/**
 * The same in the shopper's currency, or null when the order has no such money. Nothing is left of a line here that is
 * gone there. Refunds of which only the shop's money is known are converted at the order's own rate, and rounded up once for
 * all of them, so that it does not matter into how many they were split.
 */
export function presentmentStandingOf(order: OrderState, basis: OrderSnapshot): Standing | null {
  const money = basis.presentment;
  if (money === null || basis.lines.some((line) => money.lines[line.id] === undefined)) return null;
  const { shippingMinor, shippingTaxMinor, tipMinor } = money;
  const lines = basis.lines.map((line) => ({ ...line, ...money.lines[line.id] }));
  const converted: OrderSnapshot = { ...basis, lines, shippingMinor, shippingTaxMinor, tipMinor };
  const rate = { to: BigInt(snapshotValueMinor(converted)), from: BigInt(snapshotValueMinor(basis)) };
  const convert = openConversion(rate);
  const refunds = order.refunds.map((refund) => presentmentRefund(refund, convert));
  const mostPaidMinor = snapshotValueMinor(converted) + presentmentEditedAway(order, basis, refunds);
  const own = standingOf(order, basis);
  const { received: _inShopMoney, ...known } = order;
  const standing = standingOf({ ...known, refunds, mostPaidMinor, paidValues: [] }, converted);
  return {
    ...standing,
    lines: standing.lines.map((line, index) => {
      const { baseMinor = 0, taxMinor = 0 } = own.lines[index] ?? {};
      return baseMinor + taxMinor > 0 ? line : { ...line, baseMinor: 0, taxMinor: 0 };
    }),
  };
}

type Convert = (what: string, minor: number) => number;

/** Converts amounts of the same kind one after the other, so that together they are what their sum is. */
function openConversion({ to, from }: { to: bigint; from: bigint }): Convert {
  const sums = new Map<string, number>();
  const whole = (minor: number) => (from === 0n ? 0 : Number((BigInt(minor) * to + from - 1n) / from));
  return (what, minor) => {
    const before = sums.get(what) ?? 0;
    sums.set(what, before + minor);
    return whole(before + minor) - whole(before);
  };
}

function presentmentRefund(refund: OrderRefund, convert: Convert): OrderRefund {
  const { presentment } = refund;
  return {
    ...refund,
    lines: refund.lines.map((line) => ({
      ...line,
      ...(presentment?.lines[line.lineId] ?? {
        subtotalMinor: convert(`${line.lineId} net`, line.subtotalMinor),
        taxMinor: convert(`${line.lineId} tax`, line.taxMinor),
      }),
    })),
    shippingMinor: presentment?.shippingMinor ?? convert('shipping', refund.shippingMinor),
    amountOnlyMinor: presentment?.amountOnlyMinor ?? convert('amount', refund.amountOnlyMinor),
  };
}

/** As large a share of the money given back without a line as an edit downwards had in the shop's own money. */
function presentmentEditedAway(order: OrderState, basis: OrderSnapshot, refunds: readonly OrderRefund[]): number {
  const sum = (list: readonly OrderRefund[]) => list.reduce((minor, refund) => minor + refund.amountOnlyMinor, 0);
  const ownMinor = sum(order.refunds);
  const forEditsMinor = Math.min(ownMinor, editedAwayMinor(order, basis));
  return ownMinor === 0 ? 0 : Number((BigInt(sum(refunds)) * BigInt(forEditsMinor)) / BigInt(ownMinor));
}

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
  return {
    lines,
    tipMinor: Math.max(0, basis.tipMinor - tipLinesMinor),
    shipping: {
      baseMinor: shippingPaidMinor - basis.shippingTaxMinor,
      taxMinor: basis.shippingTaxMinor,
      leftMinor: Math.max(0, shippingPaidMinor - shippingBackMinor),
    },
    givenBackMinor: givenBackMinor(order, basis) + overDiscountMinor,
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
