/** What units can be spent on, and what is given for reaching something. One catalogue for all channels. */
import { z } from 'zod';

import {
  currencySchema,
  limits,
  nameSchema,
  shopifyIdSchema,
  slugSchema,
  valuesOf,
  wallTimeSchema,
  wholeSchema,
} from '#app/domain/programs/program-terms.ts';

export const benefitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('amount-off'), amountMinor: wholeSchema, currency: currencySchema }),
  z.strictObject({ kind: z.literal('percent-off'), percent: z.number().int().min(1).max(100) }),
  z.strictObject({ kind: z.literal('free-product'), productId: shopifyIdSchema }),
  z.strictObject({ kind: z.literal('free-shipping') }),
  z.strictObject({ kind: z.literal('store-credit'), amountMinor: wholeSchema, currency: currencySchema }),
  z.strictObject({ kind: z.literal('gift-card'), amountMinor: wholeSchema, currency: currencySchema }),
  z.strictObject({ kind: z.literal('custom'), instructions: z.string().trim().min(1).max(200) }),
]);

/** How often a reward may be had. Committed and open reservations count, released ones do not. */
export const rewardLimitsSchema = z.strictObject({
  perMember: z.number().int().min(1).max(10_000).optional(),
  /** At most `count` in any `days` × 24 hours. */
  perPeriod: z
    .strictObject({ count: z.number().int().min(1).max(1_000), days: z.number().int().min(1).max(3_660) })
    .optional(),
  /** For all members together, ever. */
  stock: wholeSchema.optional(),
});

/** How a member comes by a reward. */
export const rewardSchema = z.strictObject({
  id: slugSchema,
  name: nameSchema,
  /** The unit it costs; for a mid-card reward the stamp it is counted by, for a collection's one of its stamps. */
  unit: slugSchema,
  /** Whole units. 0 only for a mid-card reward or a collection's: reaching it is the price. */
  cost: z.number().int().min(0).max(1_000_000_000),
  benefit: benefitSchema,
  /** Mid-card: given once per card, when this many stamps are on it. */
  atStamp: z.number().int().min(1).max(limits.stampsNeededMax).optional(),
  /** Given each time this collection is completed. */
  collectionId: slugSchema.optional(),
  limits: rewardLimitsSchema.optional(),
  tierIds: valuesOf(slugSchema, limits.tiersMax).optional(),
  channels: valuesOf(z.enum(['online', 'pos', 'api']), 3).optional(),
  locationIds: valuesOf(shopifyIdSchema).optional(),
  /** Half-open on the shop's wall clock. */
  validFrom: wallTimeSchema.optional(),
  validTo: wallTimeSchema.optional(),
});

/** Several stamp types completed together. `any` needs that many different types; in a `sequence` the order matters. */
export const collectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('all'),
    id: slugSchema,
    name: nameSchema,
    units: valuesOf(slugSchema, limits.unitsMax),
  }),
  z.strictObject({
    kind: z.literal('any'),
    id: slugSchema,
    name: nameSchema,
    units: valuesOf(slugSchema, limits.unitsMax),
    needed: z.number().int().min(1).max(limits.unitsMax),
  }),
  z.strictObject({
    kind: z.literal('sequence'),
    id: slugSchema,
    name: nameSchema,
    units: valuesOf(slugSchema, limits.unitsMax),
  }),
]);

export type Benefit = z.infer<typeof benefitSchema>;
export type Reward = z.infer<typeof rewardSchema>;
export type RewardLimits = z.infer<typeof rewardLimitsSchema>;
export type Collection = z.infer<typeof collectionSchema>;
