import { z } from 'zod';

/**
 * Wire shapes of `/storefront/v1`, spoken by the checkout and order-status extension with the session token as bearer.
 * The token proves the shop, and the customer only when the shopper is logged in. An order id from the extension is a
 * claim: it is checked against the order itself before anything is issued.
 * Refusals are `problemSchema` bodies.
 */

/** Codes the extension treats on their own. Every other refusal shows "try again". */
export type StorefrontProblemCode =
  // The order is not with us yet; the same call succeeds moments later.
  | 'order-not-confirmed'
  // The order counts on somebody's card already, and this shopper has not shown to be them.
  | 'order-not-yours'
  // The wording changed while the page was open; the extension loads it again and asks again.
  | 'wording-changed'
  // The program is not live (any more).
  | 'program-not-live';

const localeSchema = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/);

const labelSchema = z.string().min(1).max(120);

/** A link people open, so nothing but http and https. */
const cardUrlSchema = z.url({ protocol: /^https?$/ }).max(2_000);

/** `GET /storefront/v1/program?locale=`; an unknown locale is answered in the program's own language. */
export const storefrontProgramQuerySchema = z.object({ locale: localeSchema.optional() });

/**
 * Where the shopper stands now. Names are the merchant's own; what is counted is called as the shopper's language calls it
 * for that many, as long as the merchant did not rename it.
 */
export const storefrontStandingSchema = z.object({
  balances: z
    .array(
      z.object({
        unit: z.string().min(1).max(64),
        label: labelSchema,
        available: z.int(),
        /** Earned, but not to be spent yet. */
        pending: z.int().nonnegative(),
        /** Stamps: how many are on the card begun, and how many fill it; null for points. */
        card: z.object({ onCard: z.int(), needed: z.int().positive() }).nullable(),
      }),
    )
    .max(20),
  /** Null without tiers, and below the first. */
  tier: labelSchema.nullable(),
  /** The nearest reward that is not within reach; null when all are. */
  nextReward: z.object({ name: labelSchema, missing: z.int().positive(), label: labelSchema }).nullable(),
});

export const storefrontProgramSchema = z.object({
  programName: z.string().min(1).max(120),
  /** Plural name of the program's first unit, such as "stamps". */
  unitLabel: z.string().min(1).max(120),
  /** One sentence that shows how earning works, such as "1 stamp for each coffee, 10 stamps for a free one". */
  earnExample: z.string().max(300),
  consentWording: z.object({
    program: z.string().min(1).max(500),
    marketing: z.string().min(1).max(500),
    /** Names exactly this wording in this language; sent back with the choice as its proof. */
    version: z.string().min(1).max(64),
  }),
  isLive: z.boolean(),
  /** The logged-in shopper's card; null for guests and for shoppers who have not joined. */
  member: z.object({ cardUrl: cardUrlSchema, standing: storefrontStandingSchema }).nullable(),
});

/** `POST /storefront/v1/enrollments`. Repeating it for the same order answers with the same card. */
export const storefrontEnrollmentSchema = z.strictObject({
  /** Shopify hands out either id on these pages; both end in the same number. */
  orderId: z.string().regex(/^gid:\/\/shopify\/(Order|OrderIdentity)\/\d{1,20}$/),
  /** Joining needs neither; each is granted only when its own box was ticked. */
  consents: z.strictObject({ program: z.boolean(), marketing: z.boolean() }),
  wordingVersion: z.string().min(1).max(64),
  locale: localeSchema,
});

export const storefrontEnrollmentAnswerSchema = z.object({ cardUrl: cardUrlSchema });

export type StorefrontProgram = z.infer<typeof storefrontProgramSchema>;
export type StorefrontStanding = z.infer<typeof storefrontStandingSchema>;
export type StorefrontEnrollment = z.infer<typeof storefrontEnrollmentSchema>;
export type StorefrontEnrollmentAnswer = z.infer<typeof storefrontEnrollmentAnswerSchema>;
