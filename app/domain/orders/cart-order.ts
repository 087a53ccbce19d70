/** A cart as the order it would become if it were paid now: what an estimate is computed from. */
import { emptyOrder } from '#app/domain/orders/order-merge.ts';
import type { Channel, OrderLine, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';

/** One line of a cart. Amounts are minor units for the whole quantity. */
export type CartLine = {
  /** Shopify's numbers; null for what Shopify does not know. */
  productId: string | null;
  variantId: string | null;
  vendor: string | null;
  quantity: number;
  /** Price × quantity before discounts. */
  grossMinor: number;
  /** All discounts of this line, those of the whole cart included. */
  discountMinor: number;
  taxMinor: number;
  isGiftCard: boolean;
};

export type Cart = {
  currency: string;
  taxesIncluded: boolean;
  lines: CartLine[];
  shippingMinor: number;
  shippingTaxMinor: number;
};

/** The place and time at which a cart is asked about. */
export type CartOccasion = { channel: Channel; locationId: string | null; at: Date };

/** The id of an order that is not one yet; lines are numbered from 1. */
export const cartOrderId = 'cart';

/** The paid order of a cart. The same cart sent as an order of that moment earns the same. */
export function cartOrder(cart: Cart, { channel, locationId, at }: CartOccasion): OrderState {
  const { currency, taxesIncluded, shippingMinor, shippingTaxMinor } = cart;
  const time = at.toISOString();
  const lines = cart.lines.map((line, index): OrderLine => ({ ...line, id: String(index + 1), isTip: false }));
  const snapshot: OrderSnapshot = {
    orderId: cartOrderId,
    orderNumber: null,
    customerId: null,
    cardCode: null,
    discountCodes: [],
    currency,
    taxesIncluded,
    isTest: false,
    financialStatus: 'paid',
    channel,
    locationId,
    lines,
    shippingMinor,
    shippingTaxMinor,
    tipMinor: 0,
    totalMinor: cartTotalMinor(cart),
    createdAt: time,
    processedAt: time,
    updatedAt: time,
    cancelledAt: null,
    fulfilledAt: null,
    hasGiftCardTender: false,
    presentment: null,
  };
  return { ...emptyOrder(cartOrderId), latest: snapshot, paidUp: snapshot, mostPaidMinor: snapshot.totalMinor };
}

/** What lines and shipping cost together, with tax and after discounts. Beyond 2^53 it is no longer exact. */
export function cartTotalMinor(
  cart: Pick<Cart, 'taxesIncluded' | 'shippingMinor' | 'shippingTaxMinor'> & {
    lines: Pick<CartLine, 'grossMinor' | 'discountMinor' | 'taxMinor'>[];
  },
): number {
  const taxAdds = cart.taxesIncluded ? 0 : 1;
  return cart.lines.reduce(
    (minor, line) => minor + line.grossMinor - line.discountMinor + taxAdds * line.taxMinor,
    cart.shippingMinor + taxAdds * cart.shippingTaxMinor,
  );
}
