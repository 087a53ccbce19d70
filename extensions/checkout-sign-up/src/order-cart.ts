import type { ShownCart } from '#app/contracts/shown-estimate.ts';

interface Money {
  amount: number;
  currencyCode?: string;
}

/** The order as Shopify's page tells it: line totals have the discounts of their line in them, but not those of the order. */
export interface PageOrder {
  lines: readonly {
    merchandise: { id: string; product: { id: string; vendor: string } };
    quantity: number;
    cost: { totalAmount: Money };
  }[];
  discounts: readonly { discountedAmount: Money }[];
  shipping: Money | undefined;
  tax: Money | undefined;
  total: Money | undefined;
}

/** The lines of the order for an estimate; null when the page has none. */
export function orderCart({ lines, discounts, shipping, tax, total }: PageOrder): ShownCart | null {
  const [first] = lines;
  const currency = first?.cost.totalAmount.currencyCode;
  if (currency === undefined) return null;
  const discount = sum(discounts.map(({ discountedAmount }) => discountedAmount.amount));
  const paid = sum([...lines.map(({ cost }) => cost.totalAmount.amount), shipping?.amount ?? 0, -discount]);
  const taxAmount = tax?.amount ?? 0;
  return {
    currency,
    // Nobody says so: but then the tax is not on top of what was paid.
    taxesIncluded: taxAmount > 0 && total !== undefined && total.amount < sum([paid, taxAmount / 2]),
    lines: lines.map(({ merchandise, quantity, cost }) => ({
      productId: numberOf(merchandise.product.id),
      variantId: numberOf(merchandise.id),
      vendor: merchandise.product.vendor,
      quantity,
      total: cost.totalAmount.amount,
    })),
    discount,
    tax: taxAmount,
    shipping: shipping?.amount ?? 0,
  };
}

/** Ids end in their number. */
function numberOf(globalId: string): string | null {
  return /\d+$/.exec(globalId)?.[0] ?? null;
}

/** No currency is finer than a thousandth, so what adding leaves behind beyond is no money. */
function sum(amounts: number[]): number {
  return Math.round(amounts.reduce((total, amount) => total + amount, 0) * 1000) / 1000;
}
