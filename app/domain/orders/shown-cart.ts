/** A cart as a page or a till shows it, turned into one that can be estimated. Exact; what cannot be read is refused. */
import { parseMinor } from '#app/domain/money.ts';
import type { Cart, CartLine } from '#app/domain/orders/cart-order.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** Amounts are decimals in the cart's currency; absent is nothing. */
export type DecimalCart = {
  currency: string;
  taxesIncluded?: boolean | undefined;
  lines: {
    productId: string | null;
    variantId?: string | null | undefined;
    vendor?: string | null | undefined;
    quantity: number;
    /** For the whole quantity, less discounts of this line alone. */
    total: string | number;
    isGiftCard?: boolean | undefined;
  }[];
  /** Discounts of the whole cart. */
  discount?: string | number | undefined;
  tax?: string | number | undefined;
  shipping?: string | number | undefined;
};

/**
 * The cart in minor units. Discount and tax of the whole cart are shared over its lines, and the tax over the shipping too,
 * by what each costs; the parts add up exactly. Null for an amount that is negative, too fine or too large, and for a
 * currency nobody knows.
 */
export function readDecimalCart(shown: DecimalCart): Cart | null {
  const read = (amount: string | number | undefined) => {
    const minor = parseMinor(amount ?? 0, shown.currency);
    return minor === null || minor < 0 ? null : minor;
  };
  const grosses = shown.lines.map((line) => read(line.total));
  const [discount, tax, shippingMinor] = [read(shown.discount), read(shown.tax), read(shown.shipping)];
  if (discount === null || tax === null || shippingMinor === null || !areKnown(grosses)) return null;
  const wholeMinor = grosses.reduce((sum, gross) => sum + gross, 0);
  if (!Number.isSafeInteger(wholeMinor + tax + shippingMinor)) return null;
  const discounts = shares(Math.min(discount, wholeMinor), grosses);
  const paid = grosses.map((gross, index) => gross - (discounts[index] ?? 0));
  const taxes = shares(tax, [...paid, shippingMinor]);
  return {
    currency: shown.currency,
    taxesIncluded: shown.taxesIncluded ?? false,
    lines: shown.lines.map(
      ({ productId, variantId = null, vendor = null, quantity, isGiftCard = false }, index): CartLine => ({
        productId,
        variantId,
        vendor,
        quantity,
        isGiftCard,
        grossMinor: grosses[index] ?? 0,
        discountMinor: discounts[index] ?? 0,
        taxMinor: taxes[index] ?? 0,
      }),
    ),
    shippingMinor,
    shippingTaxMinor: taxes[shown.lines.length] ?? 0,
  };
}

function areKnown(amounts: (number | null)[]): amounts is number[] {
  return !amounts.includes(null);
}

/** `totalMinor` shared by weight, so that the parts add up to it; nothing where nothing weighs anything. */
function shares(totalMinor: number, weights: number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (whole === 0n) return weights.map(() => 0);
  let passed = 0n;
  let given = 0n;
  return weights.map((weight) => {
    passed += BigInt(weight);
    const upTo = (BigInt(totalMinor) * passed) / whole;
    const share = Number(upTo - given);
    given = upTo;
    return share;
  });
}

/**
 * Whether a cart in another currency than the shop's tells what the order will earn. Orders are kept in the shop's money
 * beside the shopper's, and what only the shop's decides cannot be known before Shopify has converted it.
 */
export function countsInCurrency(document: ProgramDocument, currency: string): boolean {
  return document.earnRules.every((rule) => {
    if (rule.kind === 'event') return true;
    if (rule.kind === 'spend') return rule.rates.some((rate) => rate.currency === currency);
    return rule.conditions.minimumMinor === undefined;
  });
}
