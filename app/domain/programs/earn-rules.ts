/**
 * Earn rules: what a member gets units for. A rule never counts twice: each is multiplied, capped and rounded alone, then
 * all are added.
 */
import { z } from 'zod';

import {
  currencySchema,
  hoursSchema,
  limits,
  multiplierSchema,
  nameSchema,
  shopifyIdSchema,
  slugSchema,
  valuesOf,
  wallTimeSchema,
  wholeSchema,
} from '#app/domain/programs/program-terms.ts';

const tagSchema = z.string().trim().min(1).max(255);

/** Which lines or orders a rule looks at. An absent condition matches everything; all that are present must match. */
export const conditionsSchema = z.strictObject({
  productIds: valuesOf(shopifyIdSchema).optional(),
  excludedProductIds: valuesOf(shopifyIdSchema).optional(),
  variantIds: valuesOf(shopifyIdSchema).optional(),
  excludedVariantIds: valuesOf(shopifyIdSchema).optional(),
  collectionIds: valuesOf(shopifyIdSchema).optional(),
  excludedCollectionIds: valuesOf(shopifyIdSchema).optional(),
  /** Compared without regard to case, as Shopify does; so are vendors, types and member tags. */
  productTags: valuesOf(tagSchema).optional(),
  excludedProductTags: valuesOf(tagSchema).optional(),
  vendors: valuesOf(tagSchema).optional(),
  excludedVendors: valuesOf(tagSchema).optional(),
  productTypes: valuesOf(tagSchema).optional(),
  excludedProductTypes: valuesOf(tagSchema).optional(),
  channels: valuesOf(z.enum(['online', 'pos', 'draft', 'api']), 4).optional(),
  locationIds: valuesOf(shopifyIdSchema).optional(),
  /** ISO weekdays of the sale on the shop's wall clock: 1 is Monday, 7 is Sunday. */
  weekdays: valuesOf(z.number().int().min(1).max(7), 7).optional(),
  hours: valuesOf(hoursSchema, 12).optional(),
  /** Shopify's market ids. */
  marketIds: valuesOf(shopifyIdSchema).optional(),
  /** The shopper's currency. */
  currencies: valuesOf(currencySchema, 20).optional(),
  memberTags: valuesOf(tagSchema).optional(),
  excludedMemberTags: valuesOf(tagSchema).optional(),
  /** Shopify's customer segment ids. */
  segmentIds: valuesOf(shopifyIdSchema, 10).optional(),
  /** Tier ids of this program; the tier at the sale. */
  tierIds: valuesOf(slugSchema, limits.tiersMax).optional(),
  /** True: only the member's first order. */
  firstOrder: z.literal(true).optional(),
  /** Eligible money that must still stand, in minor units of the currency that counts for the rule. */
  minimumMinor: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

export const roundingSchema = z.enum(['floor', 'nearest-even', 'ceil']);

/** The most a rule gives, in whole units: for one order, on one day of the shop's calendar, to one member ever. */
export const capsSchema = z.strictObject({
  perOrder: wholeSchema.optional(),
  perDay: wholeSchema.optional(),
  perMember: wholeSchema.optional(),
});

const commonShape = {
  id: slugSchema,
  /** What the merchant calls it; shown in explanations. */
  name: nameSchema.optional(),
  unit: slugSchema,
  conditions: conditionsSchema,
  caps: capsSchema.optional(),
  /** Hours that must pass since the last sale that earned by this rule; exactly at their end it earns again. */
  coolDownHours: z.number().int().min(1).max(8_760).optional(),
};

/** Occasions other than orders. `custom` has a name of the integrator's choice. */
export const memberEventKinds = ['sign-up', 'birthday', 'review', 'custom'] as const;

export const earnRuleSchema = z.discriminatedUnion('kind', [
  /** `amount` units for every `perMinor` minor units of eligible money, as a ratio, rounded once per order. */
  z.strictObject({
    kind: z.literal('spend'),
    ...commonShape,
    rates: z
      .array(z.strictObject({ currency: currencySchema, amount: wholeSchema, perMinor: wholeSchema }))
      .min(1)
      .max(20),
    rounding: roundingSchema,
  }),
  /** `amount` units for each eligible item bought. */
  z.strictObject({ kind: z.literal('item'), ...commonShape, amount: z.number().int().min(1).max(1_000) }),
  /** `amount` units for each order with at least one eligible line. */
  z.strictObject({ kind: z.literal('visit'), ...commonShape, amount: z.number().int().min(1).max(100_000) }),
  /** `amount` units for an occasion. Of the conditions only those about the member and the time apply. */
  z.strictObject({
    kind: z.literal('event'),
    ...commonShape,
    event: z.enum(memberEventKinds),
    /** Only for `custom`: which event of the API. */
    eventName: slugSchema.optional(),
    amount: z.number().int().min(1).max(1_000_000),
  }),
]);

/** A time in which rules give more. Half-open `[from, to)` on the shop's wall clock; several campaigns multiply. */
export const campaignSchema = z
  .strictObject({
    id: slugSchema,
    name: nameSchema,
    from: wallTimeSchema,
    to: wallTimeSchema,
    multiplier: multiplierSchema,
    /** Absent: every rule. */
    ruleIds: valuesOf(slugSchema, limits.earnRulesMax).optional(),
  })
  .refine(({ from, to }) => from < to, 'must end after it begins');

export type EarnRule = z.infer<typeof earnRuleSchema>;
export type OrderRule = Exclude<EarnRule, { kind: 'event' }>;
export type EventRule = Extract<EarnRule, { kind: 'event' }>;
export type MemberEventKind = (typeof memberEventKinds)[number];
export type Conditions = z.infer<typeof conditionsSchema>;
export type Caps = z.infer<typeof capsSchema>;
export type Campaign = z.infer<typeof campaignSchema>;
export type Rounding = z.infer<typeof roundingSchema>;
