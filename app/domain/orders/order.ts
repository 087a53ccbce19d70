/**
 * What we keep of a Shopify order: ids, whole minor units and times; nothing personal.
 *
 * Deliveries arrive in any order, more than once, or late. The state is therefore built only from operations that
 * commute: the newest snapshot by `updatedAt` wins, refunds are a union by id. Any permutation of the same
 * deliveries ends in the same state.
 */

export type FinancialStatus =
  'pending' | 'authorized' | 'partially_paid' | 'paid' | 'partially_refunded' | 'refunded' | 'voided' | 'expired';

export type Channel = 'online' | 'pos' | 'draft' | 'api';

/** One line as bought. All amounts are minor units of the order's currency, for the whole quantity. */
export type OrderLine = {
  id: string;
  productId: string | null;
  variantId: string | null;
  vendor: string | null;
  quantity: number;
  /** Price × quantity before discounts. */
  grossMinor: number;
  /** All discounts allocated to this line, order-level ones included. */
  discountMinor: number;
  taxMinor: number;
  isGiftCard: boolean;
  isTip: boolean;
};

/** A snapshot's amounts once more, in the currency the shopper saw; `lines` by line id. */
export type PresentmentMoney = {
  currency: string;
  lines: Record<string, { grossMinor: number; discountMinor: number; taxMinor: number }>;
  shippingMinor: number;
  shippingTaxMinor: number;
  tipMinor: number;
};

/** A refund's amounts once more, in the currency the shopper saw; `lines` by line id. */
export type PresentmentRefund = {
  lines: Record<string, { subtotalMinor: number; taxMinor: number }>;
  shippingMinor: number;
  amountOnlyMinor: number;
};

export type OrderSnapshot = {
  orderId: string;
  orderNumber: number | null;
  customerId: string | null;
  /** The card scanned at the till, carried by the order as a note attribute; verified before use. */
  cardCode: string | null;
  /** Discount codes that could be ours (our prefix only). */
  discountCodes: string[];
  /** Reservations of rewards that the till noted on the cart, which no code carries; absent for none. */
  reservationIds?: string[];
  currency: string;
  taxesIncluded: boolean;
  isTest: boolean;
  financialStatus: FinancialStatus;
  channel: Channel;
  locationId: string | null;
  lines: OrderLine[];
  shippingMinor: number;
  shippingTaxMinor: number;
  tipMinor: number;
  totalMinor: number;
  /** ISO 8601 UTC. */
  createdAt: string;
  processedAt: string;
  updatedAt: string;
  cancelledAt: string | null;
  /** When everything was on its way to the shopper; null before, or when nobody said so. */
  fulfilledAt: string | null;
  /** Whether a gift card paid for any of it; how much is known from the order's tenders. */
  hasGiftCardTender: boolean;
  /** What the items cost that edits took off, with tax and after discounts, `lines` being without them; absent for none. */
  removedMinor?: number;
  /** Null when the shopper paid in the shop's own currency. */
  presentment: PresentmentMoney | null;
};

export type OrderRefund = {
  refundId: string;
  createdAt: string;
  lines: { lineId: string; quantity: number; subtotalMinor: number; taxMinor: number }[];
  /** Shipping given back, with its tax. */
  shippingMinor: number;
  /** Money given back beyond returned lines and shipping, with its tax: to be spread over what is left. */
  amountOnlyMinor: number;
  /** Null when the refund was in the shop's own currency, or nobody said what it was in the shopper's. */
  presentment: PresentmentRefund | null;
};

/** What paid for an order, net of what went back to each tender, as known at `asOf` (ISO 8601 UTC). */
export type OrderTenders = { asOf: string; giftCardMinor: number; totalMinor: number };

/**
 * Money that had come in for an order's lines, shipping and tip by `asOf` (ISO 8601 UTC), whatever of it went back: added up
 * from its payments, or concluded from what it still owes.
 */
export type OrderReceived = { asOf: string; by: 'payments' | 'balance'; amountMinor: number };

/**
 * What one delivery contributes. `snapshot` is null when only a refund was told; only a fetch tells `tenders`; `received` is
 * told of orders that edits took something off.
 */
export type OrderNews = {
  orderId: string;
  snapshot: OrderSnapshot | null;
  refunds: OrderRefund[];
  tenders?: OrderTenders;
  received?: OrderReceived;
};

export type OrderState = {
  orderId: string;
  latest: OrderSnapshot | null;
  /** The newest snapshot that was fully paid: an order edited upwards keeps it until the difference is paid. */
  paidUp: OrderSnapshot | null;
  /**
   * The largest value any fully paid snapshot had. What it lies above `paidUp` was given back because an edit made the
   * order smaller, and must not count as a refund on top.
   */
  mostPaidMinor: number;
  /**
   * When which fully paid snapshot had which value, `[milliseconds, minor units]` by time; the newest ones. It tells money
   * that went back for an edit from other money, also once a later edit has made the order larger again.
   */
  paidValues: (readonly [atMs: number, valueMinor: number])[];
  refunds: OrderRefund[];
  /** Null until the order's transactions were asked for. */
  tenders: OrderTenders | null;
  /** Absent until somebody told it of an order that edits took something off. */
  received?: OrderReceived;
  /**
   * The member who showed that the sale is theirs, or whom another till named; absent for none. Theirs it is while Shopify
   * names nobody else.
   */
  claimedBy?: string;
};
