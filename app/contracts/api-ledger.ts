/** Wire shapes of what an integrator books for a member by hand, and of events that a program may give something for. */
import { z } from 'zod';

import { happenedAtSchema, wordsSchema } from '#app/contracts/api.ts';
import { slugSchema } from '#app/domain/programs/program-terms.ts';

const idSchema = z.string().min(1).max(64);
const unitSchema = z.string().min(1).max(64);
/** Stands in paths. */
const ownKeySchema = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/,
    'must be 1 to 128 letters, digits or any of . _ ~ : -, and neither . nor ..',
  );

/** `POST /members/{memberId}/adjustments` */
export const adjustmentCreateSchema = z.strictObject({
  unit: unitSchema,
  /** Whole units, signed, not 0. */
  amount: z
    .int()
    .min(-1_000_000_000)
    .max(1_000_000_000)
    .refine((amount) => amount !== 0, 'must not be 0'),
  reason: wordsSchema.max(200),
});

/** What was booked, and the balance right after. */
export const bookedEntrySchema = z.object({
  entryId: idSchema,
  memberId: idSchema,
  unit: z.string(),
  amount: z.int(),
  balance: z.int(),
});

/** `POST /members/{memberId}/stamps`: for a visit that is not an order of ours. */
export const stampsCreateSchema = z.strictObject({
  /** The program's only kind of stamp when absent. */
  unit: unitSchema.optional(),
  count: z.int().min(1).max(100).optional(),
  /** The caller's own id of what they are for; the same again gives nothing more. */
  reference: ownKeySchema,
});

/** `POST /members/{memberId}/events` */
export const eventCreateSchema = z
  .strictObject({
    kind: z.enum(['review', 'custom']),
    /** Which event it is; only for custom ones. */
    name: slugSchema.optional(),
    /** The caller's own id of it; told again, it is the same event. */
    eventKey: ownKeySchema,
    occurredAt: happenedAtSchema.optional(),
  })
  .refine(({ kind, name }) => (kind === 'custom') === (name !== undefined), {
    path: ['name'],
    message: 'a custom event has a name, and only a custom event has one',
  });

export const eventSchema = z.object({ eventId: idSchema, memberId: idSchema, eventKey: z.string() });
export const revokedEventSchema = z.object({ memberId: idSchema, eventKey: z.string(), isRevoked: z.literal(true) });

/** `POST /members/{memberId}/referral-code` */
export const referralCodeSchema = z.object({ memberId: idSchema, code: z.string() });

export type BookedEntry = z.infer<typeof bookedEntrySchema>;
export type EventRecord = z.infer<typeof eventSchema>;
export type RevokedEvent = z.infer<typeof revokedEventSchema>;
export type ReferralCode = z.infer<typeof referralCodeSchema>;
