/**
 * Wire shapes of `/api/v1`. What we take is strict: an unknown field is refused. What we answer may gain fields, so readers
 * must ignore those they do not know. Times are ISO 8601 in UTC; ids are opaque.
 */
import { z } from 'zod';

import { isTimeZone } from '#app/domain/campaigns/decide-recipient.ts';

export const apiLimits = {
  pageMax: 100,
  pageDefault: 50,
  bodyBytesMax: 64 * 1024,
  idempotencyKeyLengthMax: 255,
} as const;

const idSchema = z.string().min(1).max(64);
const timeSchema = z.iso.datetime();
/** When something happened elsewhere. What is told of times before any shop is a mistake. */
export const happenedAtSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0, 'must not be before 1970');
const amountSchema = z.int();
const cursorSchema = z.string().min(1).max(200);
const limitSchema = z.int().min(1).max(apiLimits.pageMax);
export const customerIdSchema = z
  .string()
  .regex(/^(gid:\/\/shopify\/Customer\/)?\d{1,20}$/, 'must be a Shopify customer id');
const externalIdSchema = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters');
/** What browsers take as an address; the narrower pattern would refuse some that work. */
const emailSchema = z.email({ pattern: z.regexes.html5Email }).max(254);
/** Text people read: nothing a database or a screen would choke on. */
export const wordsSchema = z
  .string()
  .trim()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const consentChoiceSchema = z.strictObject({
  purpose: z.enum(['program', 'marketing', 'analytics']),
  channel: z.enum(['wallet', 'email', 'sms']),
  granted: z.boolean(),
});

/** `POST /api/v1/members`. Without `programId` the shop's only live program is meant. */
export const memberCreateSchema = z.strictObject({
  programId: z.uuid().optional(),
  email: emailSchema.nullish(),
  phone: z
    .string()
    .regex(/^\+?[0-9 ()./-]{5,32}$/, 'must be a phone number')
    .nullish(),
  name: wordsSchema.max(120).nullish(),
  /** Day and month, as MM-DD. A program may give something for it, from the next one on. */
  birthday: z
    .string()
    .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must read like 02-29')
    .nullish(),
  /** The code of the member who brought them; one that nobody has is as none. */
  referralCode: z.string().trim().min(1).max(32).nullish(),
  externalId: externalIdSchema.nullish(),
  shopifyCustomerId: customerIdSchema.nullish(),
  locale: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag')
    .optional(),
  /** Where their day begins, as in `Europe/Berlin`: messages keep to their quiet hours. */
  timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone such as Europe/Berlin').nullish(),
  consents: z.array(consentChoiceSchema).max(9).optional(),
  /** Names the words that were shown to the person when they chose; kept as proof. */
  wordingVersion: wordsSchema.max(64).optional(),
});

/** `GET /api/v1/members`: one of the three filters finds a member; without one, all are listed, newest first. */
export const memberQuerySchema = z.strictObject({
  shopifyCustomerId: customerIdSchema.optional(),
  email: emailSchema.optional(),
  externalId: externalIdSchema.optional(),
  cursor: z.string().optional(),
  limit: limitSchema.optional(),
});

export const memberSchema = z.object({
  id: idSchema,
  programId: idSchema,
  externalId: z.string().nullable(),
  shopifyCustomerId: z.string().nullable(),
  status: z.enum(['active', 'frozen', 'erased']),
  locale: z.string(),
  enrolledAt: timeSchema,
  enrolledVia: z.enum(['checkout', 'pos', 'link', 'api', 'admin']),
  /** The member's own page with both wallet buttons; null once the member was erased. */
  cardUrl: z.url().nullable(),
  /** These three are there only with the scope `members:pii`. */
  name: z.string().nullable().optional(),
  email: z.string().nullable().optional(),
  phone: z.string().nullable().optional(),
});

export const memberListSchema = z.object({ members: z.array(memberSchema), nextCursor: cursorSchema.nullable() });

export const balanceSchema = z.object({
  memberId: idSchema,
  balances: z.array(
    z.object({
      unit: z.string(),
      kind: z.enum(['point', 'stamp']),
      label: z.string(),
      /** May be below 0 when a refund took back what was already spent. */
      amount: amountSchema,
      /** Reserved for redemptions that are going on. */
      held: z.int().min(0),
      /** Earned, and part of the amount, but not to be spent yet. */
      pending: z.int().min(0),
      available: z.int().min(0),
      /** Everything ever collected: the amount, and what was redeemed of it. */
      collected: amountSchema,
      /** How many stamps fill one card; null for points. */
      needed: z.int().nullable(),
    }),
  ),
});

export const explanationSchema = z.object({
  ruleId: z.string(),
  lineId: z.string().nullable(),
  eligibleMinor: z.int().nullable(),
  amount: amountSchema,
});

export const ledgerEntrySchema = z.object({
  id: idSchema,
  unit: z.string(),
  kind: z.enum(['accrual', 'redemption', 'reversal', 'expiration', 'adjustment']),
  amount: amountSchema,
  source: z.enum(['order', 'pos', 'staff', 'api', 'schedule', 'reward', 'event', 'referral', 'merge']),
  orderId: z.string().nullable(),
  reason: z.string().nullable(),
  occurredAt: timeSchema,
  /** Line by line, what the order should have earned in all when this was booked. Empty where nothing was computed. */
  explanation: z.array(explanationSchema),
});

export const ledgerQuerySchema = z.strictObject({ cursor: z.string().optional(), limit: limitSchema.optional() });
export const ledgerSchema = z.object({ entries: z.array(ledgerEntrySchema), nextCursor: cursorSchema.nullable() });

export const passSchema = z.object({
  serial: z.string(),
  wallet: z.enum(['apple', 'google']),
  state: z.enum(['active', 'void']),
  /** Apple's name for our kind of pass; null for Google. */
  passTypeIdentifier: z.string().nullable(),
  /** There only for Apple and with the scope `passes:secret`. */
  authenticationToken: z.string().optional(),
  /** Null for a void one. */
  downloadUrl: z.url().nullable(),
  /** What the pass should show, and the newest version a wallet is known to hold. */
  version: z.int(),
  seenVersion: z.int(),
});

export const passListSchema = z.object({ passes: z.array(passSchema) });

export const noQuerySchema = z.strictObject({});

export type MemberCreate = z.infer<typeof memberCreateSchema>;
export type MemberQuery = z.infer<typeof memberQuerySchema>;
export type MemberRecord = z.infer<typeof memberSchema>;
export type MemberRecords = z.infer<typeof memberListSchema>;
export type MemberBalance = z.infer<typeof balanceSchema>;
export type MemberLedger = z.infer<typeof ledgerSchema>;
export type MemberPasses = z.infer<typeof passListSchema>;
