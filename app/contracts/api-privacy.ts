/** Wire shapes of what people may ask about their own data, through an integrator. */
import { z } from 'zod';

import { memberCreateSchema } from '#app/contracts/api.ts';
import { caseKinds, subjectCaseKinds } from '#app/domain/privacy/case.ts';

const idSchema = z.string().min(1).max(64);
const timeSchema = z.iso.datetime();

/** `PATCH /api/v1/members/{memberId}`: what is absent stays. Taking away is what an erasure is for. */
export const memberPatchSchema = memberCreateSchema
  .pick({ name: true, email: true, phone: true, birthday: true, locale: true, timeZone: true })
  .refine((patch) => Object.keys(patch).length > 0, 'must say at least one thing')
  .refine((patch) => !Object.values(patch).includes(null), 'must not be null: nothing can be emptied here');

/** `POST /api/v1/members/{memberId}/privacy-cases`. A rectification is a `PATCH` of the member. */
export const privacyCaseCreateSchema = z.strictObject({
  kind: z.enum(subjectCaseKinds.filter((kind) => kind !== 'rectification')),
});

export const privacyCaseSchema = z.object({
  id: idSchema,
  kind: z.enum(caseKinds),
  /** Who asked: the shopper, the merchant, an integrator, or Shopify for one of them. */
  origin: z.string(),
  status: z.enum(['open', 'closed']),
  requestedAt: timeSchema,
  dueAt: timeSchema,
  closedAt: timeSchema.nullable(),
  /** What was done so far, step by step: figures, never a name. */
  receipts: z.array(z.object({ step: z.string(), at: timeSchema, count: z.int() })),
});

/** `GET /api/v1/members/{memberId}/export`: everything held about the person, for them. */
export const subjectDocumentSchema = z.object({
  format: z.literal('stampwell-personal-data'),
  version: z.literal(1),
  generatedAt: timeSchema,
  shop: z.object({ name: z.string().nullable(), domain: z.string() }),
  /** What the law wants said beside the data: purposes, recipients, periods, rights. */
  information: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  members: z.array(z.record(z.string(), z.unknown())),
  orders: z.array(z.record(z.string(), z.unknown())),
});

export type PrivacyCaseRecord = z.infer<typeof privacyCaseSchema>;
