import { z } from 'zod';

/**
 * What shoppers and staff are shown before a sale is paid: a cart as a page or a till reads it, and what it would earn.
 * Amounts are decimals in the cart's currency, as Shopify shows them; nothing here is proof of anything, and nothing is
 * booked by it.
 */

/** More lines than any cart holds. */
const linesMax = 500;
const quantityMax = 1_000_000;

const decimalSchema = z.union([z.string().min(1).max(24), z.number()]);
const idSchema = z.string().regex(/^\d{1,20}$/);

export const shownCartSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3,4}$/),
  /** Whether the amounts of the lines have their tax in them. */
  taxesIncluded: z.boolean().optional(),
  lines: z
    .array(
      z.strictObject({
        productId: idSchema.nullable(),
        variantId: idSchema.nullable().optional(),
        vendor: z.string().max(255).nullable().optional(),
        quantity: z.int().min(1).max(quantityMax),
        /** For the whole quantity, less discounts of this line alone. */
        total: decimalSchema,
        isGiftCard: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(linesMax),
  /** Discounts of the whole cart, to be spread over its lines. */
  discount: decimalSchema.optional(),
  /** Tax of the whole cart, as far as it is known. */
  tax: decimalSchema.optional(),
  shipping: decimalSchema.optional(),
});

/** The largest body a full cart of long names needs. */
export const shownCartBytesMax = 128 * 1024;

/** `POST /proxy/v1/estimate` and `POST /storefront/v1/estimates` */
export const shownEstimateQuerySchema = z.strictObject({
  cart: shownCartSchema,
  /** The reader's language as a BCP 47 tag, in which the labels are then. */
  locale: z.string().max(35).optional(),
});

export const shownAmountSchema = z.object({
  unit: z.string().min(1).max(64),
  kind: z.enum(['point', 'stamp']),
  /** What so many are called, such as `stamp` or `points`; without a locale the plural that the merchant wrote. */
  label: z.string().min(1).max(120),
  amount: z.int().positive(),
});

/** `amounts` leaves out what comes to nothing; empty when the cart earns nothing. */
export const shownEstimateSchema = z.object({
  programName: z.string().min(1).max(120),
  /** Whether it is for somebody who has a card; otherwise it is what joining would bring. */
  isMember: z.boolean(),
  /** The amounts are the most it can be: prices hold a tax that does not count, and how much it is was not told. */
  isUpTo: z.boolean(),
  amounts: z.array(shownAmountSchema),
});

export type ShownCart = z.infer<typeof shownCartSchema>;
export type ShownAmount = z.infer<typeof shownAmountSchema>;
export type ShownEstimate = z.infer<typeof shownEstimateSchema>;
