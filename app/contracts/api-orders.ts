/** Wire shapes of carts, of orders made at another point of sale, and of receipts that are claimed. */
import { z } from 'zod';

import { customerIdSchema, explanationSchema, happenedAtSchema } from '#app/contracts/api.ts';
import { currencyExponent } from '#app/domain/money.ts';

const linesMax = 5_000;
const refundsMax = 500;

export const orderApiLimits = {
  /** An order with all its lists full. */
  bytesMax: 2 * 1024 * 1024,
} as const;

const idSchema = z.string().min(1).max(64);
/** A UUID once names are opened; to callers it is opaque, because those of a pairwise client are none. */
const memberIdSchema = z.uuid().meta({ format: undefined, pattern: undefined, minLength: 1, maxLength: 64 });
/** Stands in paths. */
const externalIdSchema = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,64}$/,
    'must be 1 to 64 letters, digits or any of . _ ~ -, and neither . nor ..',
  );
const lineIdSchema = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 visible ASCII characters');
const locationIdSchema = z.string().regex(/^\d{1,20}$/, 'must be a Shopify location id');
const productIdSchema = z
  .string()
  .regex(/^(gid:\/\/shopify\/(Product|ProductVariant)\/)?\d{1,20}$/, 'must be a Shopify id');
const currencySchema = z
  .string()
  .max(4)
  .refine((code) => currencyExponent(code) !== null, 'is not a currency we know');
/** A plain decimal such as "59.90", not finer than the currency's minor unit. Text is exact whatever its size. */
const moneySchema = z.union([
  z
    .string()
    .max(24)
    .regex(/^\d+(\.\d+)?$/, 'must be a decimal such as "59.90"'),
  z.number().min(0),
]);

/** An order of Shopify's by its number, or one that was submitted here by the id in the answer. */
export const apiOrderIdSchema = z
  .string()
  .regex(/^(\d{1,20}|api-swc_[0-9A-Za-z]{20}-[A-Za-z0-9._~-]{1,64})$/, 'must be the id of an order');

const lineShape = {
  /** Shopify's ids, where the product is one of Shopify's. */
  productId: productIdSchema.nullish(),
  variantId: productIdSchema.nullish(),
  vendor: z.string().trim().min(1).max(255).nullish(),
  quantity: z.int().min(1).max(1_000_000),
  /** Of one item, before discounts. */
  price: moneySchema,
  /** Of the whole line, what falls to it of the whole order's included. */
  discount: moneySchema.optional(),
  tax: moneySchema.optional(),
  isGiftCard: z.boolean().optional(),
};

const cartShape = {
  currency: currencySchema,
  /** Whether prices contain the tax. */
  taxesIncluded: z.boolean(),
  shipping: moneySchema.optional(),
  shippingTax: moneySchema.optional(),
};

export const cartSchema = z.strictObject({
  ...cartShape,
  lines: z.array(z.strictObject(lineShape)).min(1).max(linesMax),
});

/** `POST /estimates` */
export const estimateCreateSchema = z.strictObject({
  /** Absent: somebody who is no member yet. */
  memberId: memberIdSchema.nullish(),
  /** Absent: the member's, or else the shop's oldest live one. */
  programId: z.uuid().nullish(),
  cart: cartSchema,
  /** `api` when absent. */
  channel: z.enum(['online', 'pos', 'draft', 'api']).optional(),
  locationId: locationIdSchema.nullish(),
});

export const estimateSchema = z.object({
  programId: idSchema,
  memberId: idSchema.nullable(),
  /** `earned`, or why nothing is. */
  because: z.string(),
  /** False when a rule asks for something that only Shopify could tell right now: the award may differ. */
  isExact: z.boolean(),
  units: z.array(
    z.object({
      unit: z.string(),
      kind: z.enum(['point', 'stamp']),
      label: z.string(),
      amount: z.int().min(0),
      /** Adds up to the amount; lines are numbered from 1 in the order of the cart. */
      explanation: z.array(explanationSchema),
      /** How the member would stand afterwards; null without a member. */
      after: z
        .object({
          balance: z.int(),
          available: z.int().min(0),
          /** Whether what is earned can be spent only later. */
          isPending: z.boolean(),
          card: z.object({ needed: z.int(), cards: z.int(), onCard: z.int() }).nullable(),
        })
        .nullable(),
    }),
  ),
});

const refundSchema = z.strictObject({
  id: lineIdSchema,
  createdAt: happenedAtSchema,
  lines: z
    .array(
      z.strictObject({
        lineId: lineIdSchema,
        quantity: z.int().min(0).max(1_000_000),
        /** What was given back for them; their share of the line when absent. */
        subtotal: moneySchema.optional(),
        tax: moneySchema.optional(),
      }),
    )
    .max(linesMax)
    .optional(),
  /** With its tax. */
  shipping: moneySchema.optional(),
  /** Money given back beyond lines and shipping. */
  amount: moneySchema.optional(),
});

/** `POST /orders`: the whole order as it stands; sent again with a newer `updatedAt`, it replaces what was sent before. */
export const orderCreateSchema = z.strictObject({
  externalId: externalIdSchema,
  /** Whose sale it is: one of these three, or nobody's yet. */
  memberId: memberIdSchema.optional(),
  cardCode: z.string().trim().min(1).max(512).optional(),
  shopifyCustomerId: customerIdSchema.optional(),
  /** `paid` when absent. */
  status: z
    .enum(['pending', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'voided', 'expired'])
    .optional(),
  isTest: z.boolean().optional(),
  ...cartShape,
  locationId: locationIdSchema.nullish(),
  lines: z
    .array(
      z.strictObject({
        /** Its number from 1 when absent. */
        id: lineIdSchema.optional(),
        ...lineShape,
        isTip: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(linesMax),
  /** Tips that are not a line. */
  tip: moneySchema.optional(),
  /** Refused when everything above does not add up to it. */
  total: moneySchema.optional(),
  /** How much of it gift cards paid. */
  giftCardPaid: moneySchema.optional(),
  /** When the sale was made: the rules of that moment count. */
  processedAt: happenedAtSchema,
  /** When it changed last; the moment of the call when absent. */
  updatedAt: happenedAtSchema.optional(),
  cancelledAt: happenedAtSchema.nullish(),
  fulfilledAt: happenedAtSchema.nullish(),
  refunds: z.array(refundSchema).max(refundsMax).optional(),
  /** Codes of ours on it, and reservations it carries. */
  discountCodes: z.array(z.string().trim().min(1).max(255)).max(20).optional(),
  reservationIds: z.array(z.uuid()).max(20).optional(),
});

export const orderSchema = z.object({
  orderId: z.string(),
  externalId: z.string(),
  /** Null while it is nobody's. */
  memberId: idSchema.nullable(),
  updatedAt: z.iso.datetime(),
  /** False while it waits for something that only Shopify can tell; it is settled by itself then. */
  isSettled: z.boolean(),
  /** What is booked for the order by now, in all. */
  booked: z.array(z.object({ unit: z.string(), amount: z.int() })),
});

/** `POST /members/{memberId}/claims` */
export const claimCreateSchema = z.strictObject({ code: z.string().trim().min(1).max(64) });
export const claimSchema = z.object({ memberId: idSchema, orderId: z.string() });

export type CartInput = z.infer<typeof cartSchema>;
export type OrderInput = z.infer<typeof orderCreateSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export type OrderRecord = z.infer<typeof orderSchema>;
export type Claim = z.infer<typeof claimSchema>;
