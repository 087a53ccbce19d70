/**
 * What truly happened to one member, as somebody who stood by would tell it: sales, returns, money given back and
 * occasions, each with its time. No deliveries, no states: how the shop's systems tell of it is not known here.
 */
import type { OrderFacts } from '#app/domain/earning/facts.ts';
import type { MemberEventKind } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type LifeLine = {
  id: string;
  productId: string | null;
  variantId: string | null;
  vendor: string | null;
  quantity: number;
  kind: 'goods' | 'gift-card' | 'tip';
};

/** What things cost, in minor units of one currency. */
export type Prices = {
  currency: string;
  /** In the order of the order's lines. `net` is price × quantity − discounts; below 0 when the discount is larger. */
  lines: { net: number; tax: number }[];
  shipping: number;
  shippingTax: number;
  /** A tip that is not a line. */
  looseTip: number;
  /** What an edit downwards took off the order after it was paid. */
  editedAway: number;
  refunds: PricesBack[];
};

/** One refund's money, in minor units; `lines` are in the order of what was returned. */
export type PricesBack = { lines: { subtotal: number; tax: number }[]; shipping: number; amountOnly: number };

export type LifeRefund = { at: number; returned: { lineId: string; quantity: number }[] };

export type LifeOrder = {
  id: string;
  soldAt: number;
  /** The version in force when the sale was made. */
  document: ProgramDocument;
  facts: OrderFacts;
  channel: 'online' | 'pos' | 'draft' | 'api';
  locationId: string | null;
  taxesIncluded: boolean;
  isTest: boolean;
  /** Whether all of its money came in once. */
  isPaid: boolean;
  cancelledAt: number | null;
  /** When the shop called the whole order refunded. */
  refundedAt: number | null;
  lines: LifeLine[];
  refunds: LifeRefund[];
  /** In the shop's currency. */
  shopPrices: Prices;
  /** In the shopper's currency, when that is another one. */
  shopperPrices: Prices | null;
  /** Money paid with gift cards and money paid at all, less what went back to each. */
  tender: { giftCards: number; all: number };
};

export type LifeEvent = {
  id: string;
  at: number;
  kind: MemberEventKind;
  name: string | null;
  isRevoked: boolean;
  document: ProgramDocument;
  facts: OrderFacts;
};

export type Life = { orders: LifeOrder[]; events: LifeEvent[] };

/** Something by which units are earned: a sale or another occasion. */
export type Occasion = { at: number; id: string; order: LifeOrder } | { at: number; id: string; event: LifeEvent };
