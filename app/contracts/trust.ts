/** `GET /trust.json`: what we promise, how each promise stands, and the configuration it rests on. */
import { z } from 'zod';

const claimSchema = z.strictObject({
  /** The id of the requirement. */
  id: z.string(),
  claim: z.string(),
  status: z.enum(['kept', 'partly', 'not yet']),
  /** The tests that show it, as `file > name`. */
  tests: z.array(z.string()),
  missing: z.string().nullable(),
});

export const trustSchema = z.strictObject({
  generatedAt: z.iso.datetime(),
  environment: z.enum(['production', 'staging', 'demo', 'test']),
  summary: z.strictObject({ kept: z.int(), partly: z.int(), notYet: z.int() }),
  claims: z.array(claimSchema),
  encryption: z.strictObject({
    inTransit: z.string(),
    atRest: z.string(),
    keyEncryptionKeys: z.int(),
    signatures: z.string(),
    secrets: z.string(),
  }),
  sessions: z.strictObject({ accessTokenMinutes: z.number() }),
  retention: z.array(z.strictObject({ class: z.string(), hours: z.number() })),
  backups: z.strictObject({ keptDays: z.int(), erasuresReapplied: z.boolean() }),
  /** Under whose name cards are issued, where a merchant has no certificate of their own. */
  issuers: z.array(
    z.strictObject({
      wallet: z.enum(['Apple Wallet', 'Google Wallet']),
      state: z.enum(['registered', 'ended', 'stand-in', 'not registered']),
      /** The pass type or the issuer id, which every card carries. */
      issuer: z.string().nullable(),
      validUntil: z.iso.datetime().nullable(),
    }),
  ),
  agreement: z
    .strictObject({ version: z.int(), publishedAt: z.iso.datetime(), countsFrom: z.iso.datetime() })
    .nullable(),
  subProcessors: z.array(
    z.strictObject({
      name: z.string(),
      purpose: z.string(),
      countries: z.array(z.string()),
      data: z.string(),
      guarantee: z.string(),
      certificates: z.array(z.strictObject({ name: z.string(), validUntil: z.string() })),
    }),
  ),
  personalData: z.array(
    z.strictObject({
      table: z.string(),
      holds: z.string(),
      purpose: z.string(),
      basis: z.string(),
      fields: z.array(z.string()),
    }),
  ),
  contact: z.strictObject({ securityTxt: z.string(), report: z.string() }),
});

export type Trust = z.infer<typeof trustSchema>;
