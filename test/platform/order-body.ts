/**
 * Shopify's order webhook, in full: the same fields, in the same forms, as the published 2026-07 samples.
 * Money goes in as whole minor units and comes out as decimal strings.
 */

export type MoneySet = {
  shop_money: { amount: string; currency_code: string };
  presentment_money: { amount: string; currency_code: string };
};

export type TaxLine = { title: string; price: string; rate: number; channel_liable: null; price_set: MoneySet };

export type LineBody = {
  id: number;
  title: string;
  vendor: string | null;
  price: string;
  price_set: MoneySet;
  quantity: number;
  current_quantity: number;
  product_id: number | null;
  variant_id: number | null;
  gift_card: boolean;
  discount_allocations: { amount: string; amount_set: MoneySet; discount_application_index: number }[];
  tax_lines: TaxLine[];
};

export type RefundLineBody = {
  id: number;
  quantity: number;
  line_item_id: number;
  location_id: number | null;
  restock_type: string;
  subtotal: number;
  total_tax: number;
  subtotal_set: MoneySet;
  total_tax_set: MoneySet;
  line_item: LineBody;
};

export type RefundBody = {
  id: number;
  order_id: number;
  created_at: string;
  processed_at: string;
  refund_line_items: RefundLineBody[];
  order_adjustments: {
    amount: string;
    tax_amount: string;
    kind: string;
    amount_set: MoneySet;
    tax_amount_set: MoneySet;
  }[];
  refund_shipping_lines: { id: number; subtotal_amount_set: MoneySet }[];
  duties: { duty_id: number; amount_set: MoneySet }[];
  additional_fees?: { amount_set: MoneySet }[];
  total_additional_fees_set?: MoneySet;
  transactions: { kind: string; status: string; amount: string; gateway: string }[];
};

export type OrderBody = {
  id: number;
  admin_graphql_api_id: string;
  name: string;
  order_number: number;
  currency: string;
  presentment_currency: string;
  original_total_additional_fees_set?: MoneySet | null;
  current_total_additional_fees_set?: MoneySet | null;
  created_at: string;
  processed_at: string;
  updated_at: string;
  cancelled_at: string | null;
  cancel_reason: string | null;
  financial_status: string;
  test: boolean;
  taxes_included: boolean;
  source_name: string;
  location_id: number | null;
  customer: { id: number; email: string | null } | null;
  fulfillment_status: string | null;
  fulfillments: { id: number; created_at: string; status: string }[];
  shipping_address: { country_code: string } | null;
  billing_address: { country_code: string } | null;
  total_price: string;
  total_price_set: MoneySet;
  /** Above 0 the shopper owes, below 0 the shop does. */
  total_outstanding: string;
  total_tax: string;
  subtotal_price: string;
  total_discounts: string;
  total_tip_received: string;
  discount_codes: { code: string; amount: string; type: string }[];
  note_attributes: { name: string; value: string }[];
  payment_gateway_names: string[];
  line_items: LineBody[];
  shipping_lines: {
    id: number;
    title: string;
    price: string;
    discounted_price: string;
    discounted_price_set: MoneySet;
    tax_lines: TaxLine[];
  }[];
  refunds: RefundBody[];
};

const exponents: Record<string, number> = { JPY: 0, KRW: 0, CLP: 0, VND: 0, KWD: 3, BHD: 3, JOD: 3, TND: 3 };

/** How many decimals a currency has, for those the stand-in trades in. */
function decimalsOf(currency: string): number {
  return exponents[currency] ?? 2;
}

/** Minor units as Shopify writes them: `380` EUR is `"3.80"`, `380` JPY is `"380"`. */
export function decimalOf(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  if (decimals === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Reads what `decimalOf` wrote. */
export function minorOf(decimal: string, currency: string): number {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const minor = Number(`${whole}${fraction.padEnd(decimalsOf(currency), '0')}`);
  return decimal.startsWith('-') ? -minor : minor;
}

/** An amount in the shop's and the shopper's money; here both are the same. */
export function moneySet(amountMinor: number, currency: string): MoneySet {
  const money = { amount: decimalOf(amountMinor, currency), currency_code: currency };
  return { shop_money: money, presentment_money: { ...money } };
}

/** `amountMinor` cut to the share `part / whole`, rounded down. */
export function shareOf(amountMinor: number, part: number, whole: number): number {
  return Number((BigInt(amountMinor) * BigInt(part)) / BigInt(whole));
}

export type LineAmounts = { grossMinor: number; netMinor: number; taxMinor: number };

/** What some quantity of a line costs before and after discounts, and its tax. Shares round down, the whole is exact. */
export function lineAmounts(line: LineBody, currency: string, quantity = line.quantity): LineAmounts {
  const discountMinor = sum(line.discount_allocations.map((allocation) => minorOf(allocation.amount, currency)));
  const taxMinor = sum(line.tax_lines.map((tax) => minorOf(tax.price, currency)));
  const grossMinor = minorOf(line.price, currency) * quantity;
  const wholeNetMinor = minorOf(line.price, currency) * line.quantity - discountMinor;
  return {
    grossMinor,
    netMinor: shareOf(wholeNetMinor, quantity, line.quantity),
    taxMinor: shareOf(taxMinor, quantity, line.quantity),
  };
}

/** Adds up. */
export function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

export type OrderTotals = {
  lineItemsMinor: number;
  discountsMinor: number;
  subtotalMinor: number;
  taxMinor: number;
  totalMinor: number;
};

/** The totals of some lines with what comes on top of them. */
export function totalsOf(order: {
  amounts: LineAmounts[];
  isTaxIncluded: boolean;
  shippingMinor: number;
  tipMinor: number;
}): OrderTotals {
  const lineItemsMinor = sum(order.amounts.map((amount) => amount.grossMinor));
  const subtotalMinor = sum(order.amounts.map((amount) => amount.netMinor));
  const taxMinor = sum(order.amounts.map((amount) => amount.taxMinor));
  const addedTaxMinor = order.isTaxIncluded ? 0 : taxMinor;
  return {
    lineItemsMinor,
    discountsMinor: lineItemsMinor - subtotalMinor,
    subtotalMinor,
    taxMinor,
    totalMinor: subtotalMinor + addedTaxMinor + order.shippingMinor + order.tipMinor,
  };
}

/** Totals as Shopify writes them, each as text and as a set of both monies. */
export function totalFields(prefix: '' | 'current_', totals: OrderTotals, currency: string): Record<string, unknown> {
  const fields = {
    subtotal_price: totals.subtotalMinor,
    total_discounts: totals.discountsMinor,
    total_price: totals.totalMinor,
    total_tax: totals.taxMinor,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, minor]) => [
      [`${prefix}${name}`, decimalOf(minor, currency)],
      [`${prefix}${name}_set`, moneySet(minor, currency)],
    ]),
  );
}
