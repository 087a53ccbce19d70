/** Wire shapes of rewards and of reservations that hold one for a sale. */
import { z } from 'zod';

import { wordsSchema } from '#app/contracts/api.ts';
import { approvalSchema } from '#app/contracts/approval.ts';
import { apiOrderIdSchema } from '#app/contracts/api-orders.ts';
import { benefitSchema } from '#app/domain/programs/rewards.ts';

const idSchema = z.string().min(1).max(64);
const channelSchema = z.enum(['online', 'pos', 'api']);
const locationIdSchema = z.string().regex(/^\d{1,20}$/, 'must be a Shopify location id');

export const reservationLimits = { secondsMin: 120, secondsMax: 900, secondsDefault: 600 } as const;

/** `GET /members/{memberId}/rewards` */
export const rewardQuerySchema = z.strictObject({
  channel: channelSchema.optional(),
  locationId: locationIdSchema.optional(),
});

export const rewardSchema = z.object({
  rewardId: idSchema,
  name: z.string(),
  unit: z.string(),
  /** 0 for what is given for reaching something. */
  cost: z.int().min(0),
  benefit: benefitSchema,
  isAvailable: z.boolean(),
  /** Why it cannot be had now; null exactly when it can. */
  reason: z
    .enum(['not-enough', 'limit', 'stock', 'tier', 'not-now', 'channel', 'frozen', 'paused', 'challenge'])
    .nullable(),
  /** How often what the member has is enough for it. */
  timesReady: z.int(),
});

export const rewardListSchema = z.object({ memberId: idSchema, rewards: z.array(rewardSchema) });

/** `POST /members/{memberId}/reservations` */
export const reservationCreateSchema = z.strictObject({
  rewardId: idSchema,
  /** Where it is to be used; `api` when absent. */
  channel: channelSchema.optional(),
  /** The cart or till transaction it is for, in the caller's words. */
  cartReference: wordsSchema.max(128).optional(),
  locationId: locationIdSchema.optional(),
  /** A manager's word, where the shop asks for it above a cost; without it such a call is answered 403 `step_up_required`. */
  approval: approvalSchema.optional(),
  expiresInSeconds: z.int().min(reservationLimits.secondsMin).max(reservationLimits.secondsMax).optional(),
});

export const reservationSchema = z.object({
  reservationId: idSchema,
  memberId: idSchema,
  rewardId: idSchema,
  unit: z.string(),
  cost: z.int().min(0),
  state: z.enum(['reserved', 'committed', 'released']),
  channel: z.string(),
  cartReference: z.string().nullable(),
  locationId: z.string().nullable(),
  /** To be put on the cart; null when no code carries the reward. */
  discountCode: z.string().nullable(),
  /** The order that carries it, once it is known. */
  orderId: z.string().nullable(),
  /** Of the cost, what came back since. */
  givenBack: z.int().min(0),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** `POST …/reservations/{reservationId}/commit` */
export const reservationCommitSchema = z.strictObject({
  /** The order that carries it: refunding that gives back what was spent. */
  orderId: apiOrderIdSchema.optional(),
});

export const committedReservationSchema = reservationSchema.extend({
  /** A gift card's code: told to whoever commits first, and never again. */
  giftCardCode: z.string().nullable(),
  /** Whether money that was promised is still on its way to the member. */
  isOnItsWay: z.boolean(),
});

export type RewardList = z.infer<typeof rewardListSchema>;
export type ReservationRecord = z.infer<typeof reservationSchema>;
export type CommittedReservation = z.infer<typeof committedReservationSchema>;
