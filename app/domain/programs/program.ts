/**
 * A program is one JSON document: what is counted, how it is earned, what it can be spent on, how it ages.
 * Published documents are immutable; editing makes a new version. The admin's forms, the API and the engine
 * all use this schema. It does not say how the card looks: that is the card design.
 */
import { z } from 'zod';

import { documentIssues } from '#app/domain/programs/document-issues.ts';
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import { campaignSchema, earnRuleSchema } from '#app/domain/programs/earn-rules.ts';
import { limits, multiplierSchema, nameSchema, slugSchema, wholeSchema } from '#app/domain/programs/program-terms.ts';
import { collectionSchema, rewardSchema } from '#app/domain/programs/rewards.ts';

/** What is counted. `stampsNeeded` is how many stamps fill one card; what is over goes onto the next. */
export const unitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('point'), id: slugSchema, label: z.string().trim().min(1).max(24) }),
  z.strictObject({
    kind: z.literal('stamp'),
    id: slugSchema,
    label: z.string().trim().min(1).max(24),
    stampsNeeded: z.number().int().min(2).max(limits.stampsNeededMax),
  }),
]);

/** Standing earned by qualifying in a window. Levels rise by threshold; up at once, down only when a period is over. */
export const tiersSchema = z.strictObject({
  qualifiesBy: z.discriminatedUnion('kind', [
    /** Units earned, net of refunds; spending and manual grants do not count. */
    z.strictObject({ kind: z.literal('unit'), unit: slugSchema }),
    /** Money kept for eligible lines, in minor units of the shop's currency. */
    z.strictObject({ kind: z.literal('spend') }),
    z.strictObject({ kind: z.literal('orders') }),
  ]),
  window: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('rolling'), months: z.number().int().min(1).max(36) }),
    z.strictObject({ kind: z.literal('calendar'), period: z.enum(['month', 'quarter', 'year']) }),
    z.strictObject({ kind: z.literal('lifetime') }),
  ]),
  /** Days after a period's end in which a tier is still held. */
  graceDays: z.number().int().min(0).max(366),
  /** In rising order of threshold. Below the first, a member has no tier. */
  levels: z
    .array(
      z.strictObject({
        id: slugSchema,
        name: nameSchema,
        threshold: wholeSchema,
        /** Multiplies what every rule gives. */
        multiplier: multiplierSchema.optional(),
      }),
    )
    .min(1)
    .max(limits.tiersMax),
});

/** Both sides are paid once the friend's first paid order has survived the pending period. */
export const referralSchema = z.strictObject({
  friend: z.strictObject({ unit: slugSchema, amount: wholeSchema }).nullable(),
  referrer: z.strictObject({ unit: slugSchema, amount: wholeSchema }).nullable(),
  /** Days the friend's order must stand before anyone is paid. */
  pendingDays: z.number().int().min(0).max(90),
  /** What the friend's order must be worth, in minor units of the shop's currency; 0 for any. */
  minimumMinor: z.number().int().min(0).max(1_000_000_000),
  /** Friends a member is paid for. */
  friendsMax: z.number().int().min(1).max(10_000),
});

export const expirySchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  /** So many months after the sale. */
  z.strictObject({ mode: z.literal('rolling'), months: z.number().int().min(1).max(120) }),
  /** With the end of the calendar period of the sale, and a grace. */
  z.strictObject({
    mode: z.literal('calendar'),
    period: z.enum(['month', 'quarter', 'year']),
    graceDays: z.number().int().min(0).max(366),
  }),
  /** So many months after the member last earned or spent. */
  z.strictObject({ mode: z.literal('sliding'), months: z.number().int().min(1).max(120) }),
]);

export const programSettingsSchema = z.strictObject({
  earnsOnTax: z.boolean(),
  earnsOnShipping: z.boolean(),
  /** Whether money paid with a gift card earns. */
  earnsOnGiftCards: z.boolean().default(true),
  /** What happens when a refund takes back what was already spent. */
  debtPolicy: z.enum(['carry', 'write-off']),
  /** What of spending comes back when the order that carried it is refunded. A cancelled order gives all back. */
  spendingReturns: z.enum(['proportional', 'full-refund-only', 'never']).default('proportional'),
  /** Days for which value given back is good when its own expiry has passed. */
  returnGraceDays: z.number().int().min(0).max(366).default(14),
  /** When what was earned can be spent. */
  pending: z
    .discriminatedUnion('until', [
      z.strictObject({ until: z.literal('at-once') }),
      z.strictObject({ until: z.literal('days'), days: z.number().int().min(1).max(120) }),
      z.strictObject({ until: z.literal('fulfilled') }),
    ])
    .default({ until: 'at-once' }),
  expiry: expirySchema,
  /** Days before an expiry at which the card says so. */
  expiryNoticeDays: z.number().int().min(1).max(90).default(30),
});

export const programDocumentSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    name: z.string().trim().min(1).max(40),
    units: z.array(unitSchema).min(1).max(limits.unitsMax),
    earnRules: z.array(earnRuleSchema).min(1).max(limits.earnRulesMax),
    campaigns: z.array(campaignSchema).max(limits.campaignsMax).default([]),
    tiers: tiersSchema.nullable().default(null),
    rewards: z.array(rewardSchema).max(limits.rewardsMax),
    collections: z.array(collectionSchema).max(limits.collectionsMax).default([]),
    referral: referralSchema.nullable().default(null),
    settings: programSettingsSchema,
  })
  .superRefine((document, context) => {
    for (const { path, message } of documentIssues(document)) context.addIssue({ code: 'custom', path, message });
  });

export type Unit = z.infer<typeof unitSchema>;
export type Tiers = z.infer<typeof tiersSchema>;
export type Expiry = z.infer<typeof expirySchema>;
export type ProgramSettings = z.infer<typeof programSettingsSchema>;
export type ProgramDocument = z.infer<typeof programDocumentSchema>;

export { plainProgram };
