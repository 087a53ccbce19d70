/**
 * How a member's card looks in both wallets, and what it says beside the balances. Designs are versioned like programs;
 * text is the merchant's own. A design stored before a field existed reads as if the field were empty.
 *
 * What a wallet, a language or a picture makes of a design is said elsewhere: this file knows its shape.
 */
import { z } from 'zod';

import { cardDesignLimits, privacyModes, stampShapes } from '#app/domain/cards/card-design-limits.ts';
import { languages } from '#app/domain/members/languages.ts';

const colorSchema = z.string().regex(/^#[0-9a-f]{6}$/, 'must be a colour like #4b2e1e');
const imageHashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const idSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short name of small letters, digits and dashes');
const webAddressSchema = z.url({ protocol: /^https$/, hostname: z.regexes.domain }).max(500);
const timeSchema = z.iso.datetime({ offset: true });

const limits = cardDesignLimits;

export type PrivacyMode = (typeof privacyModes)[number];

const fieldSchema = z
  .strictObject({
    id: idSchema,
    side: z.enum(['front', 'back']),
    label: z.string().trim().min(1).max(limits.fieldLabelMax),
    value: z.string().trim().min(1).max(limits.fieldValueMax),
  })
  .refine(({ side, value }) => side === 'back' || value.length <= limits.frontFieldValueMax, {
    path: ['value'],
    message: `fits the front of a card with at most ${limits.frontFieldValueMax} characters`,
  });

const linkSchema = z.strictObject({
  id: idSchema,
  label: z.string().trim().min(1).max(limits.linkLabelMax),
  url: webAddressSchema,
  /** Shown where people join, too: the shop’s terms, its privacy policy. */
  isForJoining: z.boolean().optional(),
});

const relevantDateSchema = z
  .strictObject({ startsAt: timeSchema, endsAt: timeSchema })
  .refine(({ startsAt, endsAt }) => Date.parse(startsAt) < Date.parse(endsAt), {
    path: ['endsAt'],
    message: 'must be after the start',
  });

const placeSchema = z.strictObject({
  id: idSchema,
  name: z.string().trim().min(1).max(limits.placeNameMax),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  /** Shown on the lock screen near the place; empty says the shop's name. */
  relevantText: z.string().trim().max(limits.relevantTextMax),
  relevantDates: z.array(relevantDateSchema).max(limits.relevantDatesMax),
});

const actionSchema = z
  .strictObject({
    kind: z.enum(['website', 'menu', 'order', 'place']),
    title: z.string().trim().min(1).max(limits.linkLabelMax),
    url: webAddressSchema.nullable(),
  })
  .refine(({ kind, url }) => kind === 'place' || url !== null, { path: ['url'], message: 'is needed for this action' });

const uniqueIds = (list: { id: string }[]): boolean => new Set(list.map(({ id }) => id)).size === list.length;

const translationSchema = z.strictObject({
  logoText: z.string().trim().max(limits.logoTextMax).optional(),
  terms: z.string().trim().max(limits.termsMax).optional(),
  fields: z
    .record(
      idSchema,
      z.strictObject({
        label: z.string().trim().min(1).max(limits.fieldLabelMax),
        value: z.string().trim().min(1).max(limits.fieldValueMax),
      }),
    )
    .optional(),
  links: z.record(idSchema, z.string().trim().min(1).max(limits.linkLabelMax)).optional(),
});

export const cardDesignSchema = z.strictObject({
  organizationName: z.string().trim().min(1).max(limits.organizationNameMax),
  logoText: z.string().trim().max(limits.logoTextMax),
  backgroundColor: colorSchema,
  foregroundColor: colorSchema,
  labelColor: colorSchema,
  stampShape: z.enum(stampShapes),
  terms: z.string().trim().max(limits.termsMax),
  /** Content hash of an uploaded, re-encoded logo; null draws the design's own stamp instead. */
  logoImage: imageHashSchema.nullable(),
  /** Content hash of an uploaded picture behind the stamps, or in their place on a card of points; null draws none. */
  stripImage: imageHashSchema.nullable().default(null),
  privacy: z.enum(privacyModes).default('first-name'),
  /** The merchant's own fields, in their order; ids are unique. */
  fields: z.array(fieldSchema).max(limits.fieldsMax).refine(uniqueIds, 'must have different ids').default([]),
  links: z.array(linkSchema).max(limits.linksMax).refine(uniqueIds, 'must have different ids').default([]),
  /** Where, and at which times there, the card comes up on the lock screen. */
  places: z.array(placeSchema).max(limits.placesMax).refine(uniqueIds, 'must have different ids').default([]),
  /** The merchant's texts in other languages; what is missing there is shown as written above. */
  translations: z.partialRecord(z.enum(languages), translationSchema).default({}),
  /** What iOS 27 adds. Older phones show the classic card. */
  poster: z
    .strictObject({ isOn: z.boolean(), actions: z.array(actionSchema).max(limits.actionsMax) })
    .default({ isOn: false, actions: [] }),
  /** Whether Google's barcode changes every half minute. Apple's cannot. */
  googleBarcode: z.enum(['static', 'rotating']).default('static'),
});

/** A design from outside: what stands on the front is as short in every language as it must be in the first. */
export const newDesignSchema = cardDesignSchema.superRefine(({ fields, translations }, context) => {
  const onFront = fields.filter(({ side }) => side === 'front').map(({ id }) => id);
  for (const [language, said] of Object.entries(translations))
    for (const id of onFront)
      if ((said.fields?.[id]?.value ?? '').length > limits.frontFieldValueMax)
        context.addIssue({
          code: 'custom',
          path: ['translations', language, 'fields', id, 'value'],
          message: `fits the front of a card with at most ${limits.frontFieldValueMax} characters`,
        });
});

export type CardDesign = z.infer<typeof cardDesignSchema>;
export type CardField = CardDesign['fields'][number];
export type CardPlace = CardDesign['places'][number];

/** What a design adds to its colours and names when nothing more is asked of it. */
export const plainDesignExtras = {
  stripImage: null,
  privacy: 'first-name',
  fields: [],
  links: [],
  places: [],
  translations: {},
  poster: { isOn: false, actions: [] },
  googleBarcode: 'static',
} satisfies Partial<CardDesign>;
