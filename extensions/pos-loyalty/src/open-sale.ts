import type { ShownCart } from '#app/contracts/shown-estimate.ts';

interface Discounted {
  discounts: readonly { amount: number }[];
  discountAllocations?: readonly { allocatedAmount: { amount: string | number } }[];
}

/** The cart of POS, as far as an estimate needs it. */
export interface PosSale {
  currency: string;
  grandTotal: string;
  cartDiscounts: readonly { amount: number }[];
  lineItems: readonly (Discounted & {
    productId?: number;
    variantId?: number;
    vendor?: string;
    price?: number;
    quantity: number;
    isGiftCard: boolean;
    taxLines: readonly { price: { amount: number } }[];
  })[];
}

/** The open sale for an estimate; null without one, and while a price is missing. */
export function openSale({ currency, grandTotal, cartDiscounts, lineItems }: PosSale): ShownCart | null {
  if (lineItems.length === 0 || lineItems.some(({ price }) => price === undefined)) return null;
  // Where POS says what each line gets of the discounts, that has those of the whole sale in it.
  const isAllocated = lineItems.some((line) => line.discountAllocations !== undefined);
  const lines = lineItems.map((line) => ({
    productId: textOf(line.productId),
    variantId: textOf(line.variantId),
    vendor: line.vendor ?? null,
    quantity: line.quantity,
    total: sum([(line.price ?? 0) * line.quantity, -discountOf(line, isAllocated)]),
    isGiftCard: line.isGiftCard,
  }));
  const discount = isAllocated ? 0 : sum(cartDiscounts.map(({ amount }) => amount));
  const tax = sum(lineItems.flatMap((line) => line.taxLines.map(({ price }) => price.amount)));
  const paid = sum([...lines.map(({ total }) => total), -discount]);
  return {
    currency,
    // Nobody says so: but then the tax is not on top of what is paid.
    taxesIncluded: tax > 0 && Number(grandTotal) < sum([paid, tax / 2]),
    lines,
    discount,
    tax,
  };
}

function discountOf({ discounts, discountAllocations = [] }: Discounted, isAllocated: boolean): number {
  if (isAllocated) return sum(discountAllocations.map(({ allocatedAmount }) => Number(allocatedAmount.amount)));
  return sum(discounts.map(({ amount }) => amount));
}

function textOf(id: number | undefined): string | null {
  return id === undefined ? null : String(id);
}

/** No currency is finer than a thousandth, so what adding leaves behind beyond is no money. */
function sum(amounts: number[]): number {
  return Math.round(amounts.reduce((total, amount) => total + amount, 0) * 1000) / 1000;
}
