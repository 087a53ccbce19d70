/** Wire shapes of `/api/v1/programs`. The program document itself is `programDocumentSchema`: the admin's forms use the same. */
import { z } from 'zod';

import { apiLimits } from '#app/contracts/api.ts';
import { programDocumentSchema } from '#app/domain/programs/program.ts';
import { simulationLimits } from '#app/domain/programs/simulation-figures.ts';

export const programApiLimits = {
  /** A document with all its lists full. */
  documentBytesMax: 2 * 1024 * 1024,
} as const;

const idSchema = z.string().min(1).max(64);
const timeSchema = z.iso.datetime();
const countSchema = z.int().min(0);
const signUpPlacesSchema = z.array(z.enum(['checkout', 'link', 'pos'])).max(3);

/** `POST /programs` */
export const programCreateSchema = z.strictObject({
  document: programDocumentSchema,
  /** Where shoppers can join; everywhere when absent. */
  signUpPlaces: signUpPlacesSchema.optional(),
});

const summaryShape = {
  id: idSchema,
  name: z.string(),
  slug: z.string(),
  state: z.enum(['draft', 'live', 'ended']),
  joinUrl: z.url(),
  signUpPlaces: signUpPlacesSchema,
  /** Rises with every saved draft. */
  draftRevision: z.int(),
  /** The newest published version; null before the first. */
  version: z.int().nullable(),
};

export const programSummarySchema = z.object(summaryShape);
export const programListSchema = z.object({ programs: z.array(programSummarySchema) });

/** Something to know before publishing, in the merchant's words. What is refused cannot be published. */
export const programFindingSchema = z.object({
  severity: z.enum(['refused', 'warning']),
  code: z.string(),
  /** Where in the document, as `earnRules.0.conditions`. */
  path: z.string(),
  message: z.string(),
});

/** `GET /programs/{programId}` */
export const programSchema = z.object({
  ...summaryShape,
  /** The published document; null before the first. */
  document: programDocumentSchema.nullable(),
  draft: programDocumentSchema,
  /** What publishing the draft would change, in sentences. Empty when it is published as it stands. */
  draftChanges: z.array(z.string()),
  draftFindings: z.array(programFindingSchema),
});

/** `POST …/publish`. With `draftRevision` it publishes only what was last seen, else whatever the draft is. */
export const programPublishSchema = z.strictObject({ draftRevision: z.int().optional() });
/** `POST …/rollback` */
export const programRollbackSchema = z.strictObject({ number: z.int32().min(1) });

export const publishedVersionSchema = z.object({
  programId: idSchema,
  number: z.int(),
  warnings: z.array(z.string()),
});

const versionShape = {
  number: z.int(),
  publishedAt: timeSchema,
  publishedBy: z.string(),
  /** Orders made from then on count by it. */
  effectiveFrom: timeSchema,
  isInForce: z.boolean(),
  /** The older version this one brought back; null for one from a draft. */
  restores: z.int().nullable(),
  /** What it changed from the version before, in sentences. */
  changes: z.array(z.string()),
};

export const programVersionSchema = z.object({ ...versionShape, document: programDocumentSchema });
export const programVersionListSchema = z.object({
  versions: z.array(z.object(versionShape)),
  nextCursor: z.string().nullable(),
});
export const programVersionQuerySchema = z.strictObject({
  cursor: z.string().optional(),
  limit: z.int().min(1).max(apiLimits.pageMax).optional(),
});

/** `POST …/simulations`: the draft, or a document of its own, over the last orders of members. */
export const simulationCreateSchema = z.strictObject({
  orders: z.int().min(1).max(simulationLimits.ordersMax).optional(),
  document: programDocumentSchema.optional(),
});

const moneySchema = z.int().nullable();
const simulationResultSchema = z.object({
  currency: z.string(),
  orders: countSchema,
  members: countSchema,
  ordersWithoutFacts: countSchema,
  fromDay: z.string().nullable(),
  toDay: z.string().nullable(),
  units: z.array(
    z.object({
      unit: z.string(),
      label: z.string(),
      kind: z.enum(['point', 'stamp']),
      before: z.int(),
      after: z.int(),
      /** In minor units of `currency`; null where no reward prices the unit. */
      beforeValueMinor: moneySchema,
      afterValueMinor: moneySchema,
      outstanding: z.int(),
      outstandingAfter: z.int(),
      outstandingValueMinor: moneySchema,
      outstandingAfterValueMinor: moneySchema,
      winners: countSchema,
      losers: countSchema,
      unchanged: countSchema,
      mostAffected: z.array(z.object({ memberId: idSchema, before: z.int(), after: z.int() })),
    }),
  ),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      name: z.string().nullable(),
      unit: z.string(),
      amount: z.int(),
      orders: countSchema,
    }),
  ),
  series: z.array(
    z.object({ day: z.string(), units: z.array(z.object({ unit: z.string(), before: z.int(), after: z.int() })) }),
  ),
  step: z.enum(['day', 'month']),
});

export const simulationSchema = z.object({
  id: idSchema,
  programId: idSchema,
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  draftRevision: z.int().nullable(),
  ordersAsked: countSchema,
  ordersFound: countSchema.nullable(),
  ordersDone: countSchema,
  createdAt: timeSchema,
  createdBy: z.string(),
  finishedAt: timeSchema.nullable(),
  problem: z.string().nullable(),
  result: simulationResultSchema.nullable(),
});

export type ProgramRecord = z.infer<typeof programSchema>;
export type ProgramRecords = z.infer<typeof programListSchema>;
export type PublishedVersion = z.infer<typeof publishedVersionSchema>;
export type ProgramVersionRecord = z.infer<typeof programVersionSchema>;
export type ProgramVersionRecords = z.infer<typeof programVersionListSchema>;
export type SimulationRecord = z.infer<typeof simulationSchema>;
