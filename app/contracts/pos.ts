import { z } from 'zod';

import { approvalSchema } from '#app/contracts/approval.ts';
import { shownAmountSchema, shownCartSchema } from '#app/contracts/shown-estimate.ts';

/**
 * Wire shapes of `/pos/v1`, spoken by the POS extension with the session token as bearer.
 * The token proves shop and Shopify user only; location, staff member and device come from the till unsigned and are
 * stored as claims. Refusals are `problemSchema` bodies whose `code` is one of `posProblemCodes` or a general one.
 */

/** The most stamps or points one tap may give. */
export const posAmountMax = 20;

/** The longest code a scanner may hand over; our cards use far less. */
export const posCodeLengthMax = 512;

const balancesMax = 20;
const rewardsMax = 50;

const idSchema = z.string().min(1).max(64);
const unitSchema = z.string().min(1).max(64);
const labelSchema = z.string().min(1).max(120);

/** Codes the till shows a sentence of its own for. Every other code falls back to the status. */
export const posProblemCodes = [
  'member-not-found',
  'card-frozen',
  'card-replaced',
  'insufficient-balance',
  'reward-unavailable',
  'stamp-limit-reached',
  'undo-too-late',
  'already-undone',
  'step_up_required',
  'step_up_failed',
  'pin-locked',
  'not-at-this-till',
  'redemptions-paused',
  'redemption-challenged',
] as const;

export type PosProblemCode = (typeof posProblemCodes)[number];

export const posBalanceSchema = z.object({
  unit: unitSchema,
  kind: z.enum(['point', 'stamp']),
  /** Plural name people read, such as "Coffee stamps"; in the till's language as long as the merchant did not rename it. */
  label: labelSchema,
  /** Everything booked; below 0 when a refund took back what was already spent. */
  collected: z.int(),
  /** What can be spent now: booked, no longer pending, not reserved. */
  available: z.int(),
  /** Stamps that fill the card; null for points. */
  needed: z.int().positive().nullable(),
});

export const posRewardSchema = z.object({
  rewardId: idSchema,
  name: labelSchema,
  unit: unitSchema,
  /** 0 for what is given for reaching something. */
  cost: z.int().nonnegative(),
  /** The same in words of the till's language (`Accept-Language`), such as "10 stamps". */
  costLabel: z.string().max(160).optional(),
  /** Whether it can be had now, here and by this member. */
  affordable: z.boolean(),
  /** What the shopper gets, such as "10 % off". */
  discountLabel: z.string().max(120),
});

/** The newest entry or reservation that this till may still take back. */
export const posUndoableSchema = z.object({
  kind: z.enum(['entry', 'reservation']),
  id: idSchema,
  /** What happened, such as "+1 Coffee stamp". */
  label: labelSchema,
  undoableUntil: z.iso.datetime(),
});

export const posMemberSchema = z.object({
  memberId: idSchema,
  displayName: z.string().max(120).nullable(),
  status: z.enum(['active', 'frozen']),
  /** Numeric id of Shopify's customer record, to put the member on the sale; null when there is none. */
  shopifyCustomerId: z.string().regex(/^\d+$/).nullable(),
  balances: z.array(posBalanceSchema).max(balancesMax),
  rewards: z.array(posRewardSchema).max(rewardsMax),
  lastEntry: posUndoableSchema.nullable(),
});

/** What the till says about itself. Unsigned, so never more than a claim. */
const placeShape = {
  locationId: idSchema,
  staffMemberId: idSchema.optional(),
  deviceId: z.string().min(1).max(128).optional(),
};

const idempotencyKeySchema = z.uuid();

/** `GET /pos/v1/members?code=` */
export const posMemberQuerySchema = z.object({ code: z.string().min(1).max(posCodeLengthMax) });

/** Answer of `GET /pos/v1/members` and `POST /pos/v1/undo`. */
export const posMemberAnswerSchema = z.object({ member: posMemberSchema });

/** `POST /pos/v1/preview`: what the open sale would earn this member, and what they may redeem here. Books nothing. */
export const posPreviewSchema = z.strictObject({ memberId: idSchema, cart: shownCartSchema.nullable(), ...placeShape });

export const posRefusals = [
  'not-enough',
  'limit',
  'stock',
  'tier',
  'not-now',
  'channel',
  'frozen',
  'paused',
  'challenge',
] as const;

export const posPreviewAnswerSchema = z.object({
  /** Empty without a sale, and where only the paid order can tell. */
  amounts: z.array(shownAmountSchema),
  rewards: z
    .array(z.object({ rewardId: idSchema, isAvailable: z.boolean(), reason: z.enum(posRefusals).nullable() }))
    .max(rewardsMax),
});

/** `POST /pos/v1/stamps`: gives stamps or points by hand. The same key again answers as the first time. */
export const posStampSchema = z.strictObject({
  memberId: idSchema,
  unit: unitSchema,
  amount: z.int().min(1).max(posAmountMax),
  idempotencyKey: idempotencyKeySchema,
  ...placeShape,
});

export const posStampAnswerSchema = z.object({ entryId: idSchema, member: posMemberSchema });

/** `POST /pos/v1/redemptions`: reserves a reward for the sale at this till. The same key again answers as the first time. */
export const posRedemptionSchema = z.strictObject({
  memberId: idSchema,
  rewardId: idSchema,
  approval: approvalSchema.optional(),
  idempotencyKey: idempotencyKeySchema,
  ...placeShape,
});

export const posRedemptionAnswerSchema = z.object({
  reservationId: idSchema,
  /** Code to put on the cart; null when no discount carries the reward. */
  discountCode: z.string().min(1).max(255).nullable(),
  /** Of a gift card, told once; null for everything else and ever after. */
  giftCardCode: z.string().min(8).max(20).nullable().optional(),
  /** Whether money that was promised is still on its way to the member. */
  isOnItsWay: z.boolean().optional(),
  expiresAt: z.iso.datetime(),
  member: posMemberSchema,
});

/** `POST /pos/v1/undo`: takes back a hand-given entry or releases a reservation. Repeating it changes nothing more. */
export const posUndoSchema = z.union([
  z.strictObject({ entryId: idSchema, idempotencyKey: idempotencyKeySchema, ...placeShape }),
  z.strictObject({ reservationId: idSchema, idempotencyKey: idempotencyKeySchema, ...placeShape }),
]);

export type PosBalance = z.infer<typeof posBalanceSchema>;
export type PosReward = z.infer<typeof posRewardSchema>;
export type PosUndoable = z.infer<typeof posUndoableSchema>;
export type PosMember = z.infer<typeof posMemberSchema>;
export type PosMemberAnswer = z.infer<typeof posMemberAnswerSchema>;
export type PosPreviewQuery = z.infer<typeof posPreviewSchema>;
export type PosPreview = z.infer<typeof posPreviewAnswerSchema>;
export type PosStamp = z.infer<typeof posStampSchema>;
export type PosStampAnswer = z.infer<typeof posStampAnswerSchema>;
export type PosRedemption = z.infer<typeof posRedemptionSchema>;
export type PosRedemptionAnswer = z.infer<typeof posRedemptionAnswerSchema>;
export type PosUndo = z.infer<typeof posUndoSchema>;
