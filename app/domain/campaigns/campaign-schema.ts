/** The shape of a campaign as it is stored and sent. Its words and limits are in `campaign.ts`, which browsers load too. */
import { z } from 'zod';

import { campaignLimits as limits, campaignPurposes } from '#app/domain/campaigns/campaign.ts';
import { languages } from '#app/domain/members/languages.ts';

const textSchema = z
  .string()
  .trim()
  .min(1, 'must say something')
  .max(limits.textMax, `must be at most ${limits.textMax} characters`);

const dayMessage = 'must be a day such as 2026-12-24';
const daySchema = z.iso.date(dayMessage);
/** A time of the wall clock, such as 21:00. */
const timeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 21:00');
/** A day and time on the shop's clock, such as 2026-12-24T18:00. */
const momentSchema = z.iso.datetime({ local: true, offset: false, precision: -1, error: 'must be a day and a time' });

const balanceSchema = z
  .strictObject({
    unit: z.string().min(1).max(32),
    min: z.int('must be a whole number').nullable(),
    max: z.int('must be a whole number').nullable(),
  })
  .refine(({ min, max }) => min === null || max === null || min <= max, {
    path: ['max'],
    message: 'must not be below the lowest balance',
  });

const activitySchema = z.strictObject({
  /** Active: something was earned or spent in these days; quiet: nothing was. */
  kind: z.enum(['active', 'quiet']),
  days: z.int('must be a whole number').min(1, 'must be from 1 to 730').max(730, 'must be from 1 to 730'),
});

/** Every part that is set must hold; an empty list of tiers or languages asks for none in particular. */
const segmentSchema = z
  .strictObject({
    tiers: z.array(z.string().min(1).max(32)).max(limits.tiersMax).default([]),
    languages: z.array(z.enum(languages)).default([]),
    balance: balanceSchema.nullable().default(null),
    activity: activitySchema.nullable().default(null),
    enrolledFrom: daySchema.nullable().default(null),
    enrolledUntil: daySchema.nullable().default(null),
  })
  .refine(({ enrolledFrom, enrolledUntil }) => !enrolledFrom || !enrolledUntil || enrolledFrom <= enrolledUntil, {
    path: ['enrolledUntil'],
    message: 'must not be before the first day',
  });

const audienceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('segment'), segment: segmentSchema }),
  z.strictObject({ kind: z.literal('member'), memberId: z.uuid('must be a member') }),
]);

const quietHoursSchema = z
  .strictObject({ from: timeSchema, until: timeSchema })
  .refine(({ from, until }) => from !== until, { path: ['until'], message: 'must differ from the beginning' });

export const campaignContentSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'must have a name')
    .max(limits.nameMax, `must be at most ${limits.nameMax} characters`),
  purpose: z.enum(campaignPurposes),
  text: textSchema,
  /** The same in other languages; who speaks another gets `text`. */
  translations: z.partialRecord(z.enum(languages), textSchema).default({}),
  audience: audienceSchema,
  /** Null starts at once. */
  startsAt: momentSchema.nullable(),
  /** When the message leaves the cards. */
  endsAt: momentSchema,
  /** On the clock of the member; null has none. What would come then waits for their end. */
  quietHours: quietHoursSchema.nullable(),
  /** Messages of all campaigns a member gets in seven days, this one included. */
  perWeekMax: z
    .int('must be a whole number')
    .min(1, `must be from 1 to ${limits.perWeekMax}`)
    .max(limits.perWeekMax, `must be from 1 to ${limits.perWeekMax}`),
});
