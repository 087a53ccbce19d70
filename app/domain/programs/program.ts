/**
 * A program is one JSON document: what is counted, how it is earned, what it can be spent on, how it ages.
 * Published documents are immutable; editing makes a new version. The admin's forms, the API and the engine
 * all use this schema. It does not say how the card looks: that is the card design.
 */
import { z } from 'zod';

export const limits = {
  unitsMax: 8,
  earnRulesMax: 50,
  rewardsMax: 50,
  idsPerConditionMax: 250,
  stampsNeededMax: 30,
} as const;

const slugSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens');
const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'must be a three-letter currency code');
const shopifyIdSchema = z.string().regex(/^\d{1,20}$/, 'must be a numeric Shopify id');
const wholeSchema = z.number().int().min(1).max(1_000_000_000);

/** What is counted. `stampsNeeded` is how many stamps fill one card; points have none. */
export const unitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('point'), id: slugSchema, label: z.string().trim().min(1).max(24) }),
  z.strictObject({
    kind: z.literal('stamp'),
    id: slugSchema,
    label: z.string().trim().min(1).max(24),
    stampsNeeded: z.number().int().min(2).max(limits.stampsNeededMax),
  }),
]);

/** Which lines or orders a rule looks at. An absent condition matches everything. */
export const conditionsSchema = z.strictObject({
  productIds: z.array(shopifyIdSchema).min(1).max(limits.idsPerConditionMax).optional(),
  excludedProductIds: z.array(shopifyIdSchema).min(1).max(limits.idsPerConditionMax).optional(),
  channels: z
    .array(z.enum(['online', 'pos', 'draft', 'api']))
    .min(1)
    .max(4)
    .optional(),
  locationIds: z.array(shopifyIdSchema).min(1).max(limits.idsPerConditionMax).optional(),
  minimumMinor: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

export const roundingSchema = z.enum(['floor', 'nearest-even', 'ceil']);

export const earnRuleSchema = z.discriminatedUnion('kind', [
  /** `amount` units for every `perMinor` minor units of eligible money, as a ratio, rounded once per order. */
  z.strictObject({
    kind: z.literal('spend'),
    id: slugSchema,
    unit: slugSchema,
    rates: z
      .array(z.strictObject({ currency: currencySchema, amount: wholeSchema, perMinor: wholeSchema }))
      .min(1)
      .max(20),
    rounding: roundingSchema,
    conditions: conditionsSchema,
  }),
  /** `amount` units for each eligible item bought. */
  z.strictObject({
    kind: z.literal('item'),
    id: slugSchema,
    unit: slugSchema,
    amount: z.number().int().min(1).max(1_000),
    conditions: conditionsSchema,
  }),
  /** `amount` units for each order with at least one eligible line. */
  z.strictObject({
    kind: z.literal('visit'),
    id: slugSchema,
    unit: slugSchema,
    amount: z.number().int().min(1).max(100_000),
    conditions: conditionsSchema,
  }),
]);

export const benefitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('amount-off'), amountMinor: wholeSchema, currency: currencySchema }),
  z.strictObject({ kind: z.literal('percent-off'), percent: z.number().int().min(1).max(100) }),
  z.strictObject({ kind: z.literal('free-product'), productId: shopifyIdSchema }),
  z.strictObject({ kind: z.literal('custom'), instructions: z.string().trim().min(1).max(200) }),
]);

export const rewardSchema = z.strictObject({
  id: slugSchema,
  name: z.string().trim().min(1).max(60),
  unit: slugSchema,
  cost: wholeSchema,
  benefit: benefitSchema,
});

export const programSettingsSchema = z.strictObject({
  earnsOnTax: z.boolean(),
  earnsOnShipping: z.boolean(),
  /** What happens when a refund takes back what was already spent. */
  debtPolicy: z.enum(['carry', 'write-off']),
  expiry: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('none') }),
    z.strictObject({ mode: z.literal('rolling'), months: z.number().int().min(1).max(120) }),
  ]),
});

export const programDocumentSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    name: z.string().trim().min(1).max(40),
    units: z.array(unitSchema).min(1).max(limits.unitsMax),
    earnRules: z.array(earnRuleSchema).min(1).max(limits.earnRulesMax),
    rewards: z.array(rewardSchema).max(limits.rewardsMax),
    settings: programSettingsSchema,
  })
  .superRefine((document, context) => {
    const unitIds = new Set(document.units.map((unit) => unit.id));
    const claim = (path: string, index: number, message: string) =>
      context.addIssue({ code: 'custom', path: [path, index], message });
    for (const [path, items] of Object.entries({
      units: document.units,
      earnRules: document.earnRules,
      rewards: document.rewards,
    })) {
      const seen = new Set<string>();
      for (const [index, item] of items.entries()) {
        if (seen.has(item.id)) claim(path, index, `the id "${item.id}" is used twice`);
        seen.add(item.id);
      }
    }
    for (const [index, rule] of document.earnRules.entries())
      if (!unitIds.has(rule.unit))
        claim('earnRules', index, `earns "${rule.unit}", which is not a unit of this program`);
    for (const [index, reward] of document.rewards.entries())
      if (!unitIds.has(reward.unit))
        claim('rewards', index, `costs "${reward.unit}", which is not a unit of this program`);
  });

export type Unit = z.infer<typeof unitSchema>;
export type EarnRule = z.infer<typeof earnRuleSchema>;
export type Conditions = z.infer<typeof conditionsSchema>;
export type Rounding = z.infer<typeof roundingSchema>;
export type Benefit = z.infer<typeof benefitSchema>;
export type Reward = z.infer<typeof rewardSchema>;
export type ProgramDocument = z.infer<typeof programDocumentSchema>;
