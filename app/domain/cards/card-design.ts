/** How a member's card looks in both wallets. Designs are versioned like programs; text is the merchant's own. */
import { z } from 'zod';

const colorSchema = z.string().regex(/^#[0-9a-f]{6}$/, 'must be a colour like #4b2e1e');

export const stampShapes = ['cup', 'star', 'heart', 'flower', 'paw', 'scissors', 'bag', 'check'] as const;

export const cardDesignSchema = z.strictObject({
  organizationName: z.string().trim().min(1).max(40),
  logoText: z.string().trim().max(24),
  backgroundColor: colorSchema,
  foregroundColor: colorSchema,
  labelColor: colorSchema,
  stampShape: z.enum(stampShapes),
  terms: z.string().trim().max(2_000),
  /** Content hash of an uploaded, re-encoded logo; null draws the design's own stamp instead. */
  logoImage: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

export type CardDesign = z.infer<typeof cardDesignSchema>;
