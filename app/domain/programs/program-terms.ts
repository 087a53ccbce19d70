/** Small pieces that every part of a program document is made of. */
import { z } from 'zod';

import { limits } from '#app/domain/programs/program-limits.ts';

export { limits };

export const slugSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens, beginning with a letter')
  // Ids are keys of plain objects in stored figures: one that every object has already would be found unset.
  .refine((slug) => !(slug in {}), 'is a reserved word');
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'must be a three-letter currency code');
export const shopifyIdSchema = z.string().regex(/^\d{1,20}$/, 'must be a numeric Shopify id');
export const wholeSchema = z.number().int().min(1).max(1_000_000_000);
export const nameSchema = z.string().trim().min(1).max(60);

/** A list of values a condition matches; an absent list matches everything. */
export function valuesOf<Value extends z.ZodType>(value: Value, max: number = limits.idsPerConditionMax) {
  return z.array(value).min(1).max(max);
}

/** A multiplication by a ratio of whole numbers: 3/2 is one and a half. Never below one tenth, never above 100. */
export const multiplierSchema = z
  .strictObject({ times: z.number().int().min(1).max(10_000), over: z.number().int().min(1).max(1_000) })
  .refine(
    ({ times, over }) => times <= over * limits.multiplierMax && times * 10 >= over,
    'must be between 1/10 and 100',
  );

/** A time on the shop's own wall clock, to the minute. */
export const wallTimeSchema = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, 'must read like 2026-12-24T18:00');
const hourSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must read like 07:30');

/** Hours of a day on the shop's wall clock, half-open. A range over midnight is two ranges. */
export const hoursSchema = z
  .strictObject({ from: hourSchema, to: hourSchema })
  .refine(({ from, to }) => from < to, 'must end after it begins');

export type Multiplier = z.infer<typeof multiplierSchema>;
