/**
 * Our own strict reading of pass.json, checked before anything is sealed. Wallet itself refuses a bad pass without a
 * word, and the card package lets most of these through. The P-numbers are those of the conformance list in the
 * package test.
 */
import { z } from 'zod';
import { contrastOf, type Rgb, textContrastMin } from '#app/domain/cards/color.ts';

const classicStyles = ['boardingPass', 'coupon', 'eventTicket', 'generic', 'storeCard'] as const;
const classicBarcodes = [
  'PKBarcodeFormatQR',
  'PKBarcodeFormatPDF417',
  'PKBarcodeFormatAztec',
  'PKBarcodeFormatCode128',
];
const newBarcodes = [
  'PKBarcodeFormatEAN13',
  'PKBarcodeFormatCode39',
  'PKBarcodeFormatCodabar',
  'PKBarcodeFormatInterleaved2of5',
];
const colorPattern = /^rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)$/;
const limits = { header: 3, primary: 1, secondaryAndAuxiliary: 4 } as const;

const requiredText = z.string().trim().min(1);
const isoDateSchema = z.iso.datetime({ offset: true });

const fieldSchema = z.looseObject({
  key: requiredText,
  value: z.union([z.string(), z.number()]),
  label: z.string().optional(),
  changeMessage: z
    .string()
    .refine((message) => message.split('%@').length === 2, 'P24: must contain %@ exactly once')
    .optional(),
});
const fieldsSchema = z.array(fieldSchema);

const styleSchema = z.strictObject({
  headerFields: fieldsSchema.max(limits.header, 'P26: at most three header fields').default([]),
  primaryFields: fieldsSchema.max(limits.primary, 'P26: at most one primary field').default([]),
  secondaryFields: fieldsSchema.default([]),
  auxiliaryFields: fieldsSchema.default([]),
  backFields: fieldsSchema.default([]),
});

const barcodeSchema = z.strictObject({
  format: z.enum([...classicBarcodes, ...newBarcodes], 'P27: not a barcode format'),
  message: z.string().regex(/^[\x20-\x7e]{1,512}$/, 'P27: must be 1 to 512 printable ASCII characters'),
  messageEncoding: z.literal('iso-8859-1'),
  altText: z.string().optional(),
});

const colorSchema = z.string().regex(colorPattern, 'P28: must be rgb(r, g, b)');

/** Top-level keys. Keys that are not listed here would be dropped or misread, so they are refused. */
const passSchema = z.strictObject({
  formatVersion: z.literal(1, 'P15: formatVersion must be the number 1'),
  passTypeIdentifier: z.string().regex(/^pass\.[A-Za-z0-9.-]+$/, 'P17: must look like pass.com.example'),
  teamIdentifier: z.string().regex(/^[A-Z0-9]{10}$/, 'P18: must be ten capitals or digits'),
  serialNumber: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/, 'P22: must be at least 22 random characters'),
  authenticationToken: z.string().regex(/^[A-Za-z0-9_-]{32,}$/, 'P21: must be at least 32 URL-safe characters'),
  webServiceURL: z.string(),
  organizationName: requiredText,
  description: requiredText,
  logoText: z.string().optional(),
  backgroundColor: colorSchema,
  foregroundColor: colorSchema,
  labelColor: colorSchema.optional(),
  sharingProhibited: z.boolean('P34: must be a boolean').optional(),
  voided: z.boolean('P34: must be a boolean').optional(),
  expirationDate: isoDateSchema.optional(),
  relevantDates: z.array(z.record(z.string(), isoDateSchema)).optional(),
  barcodes: z.array(barcodeSchema).min(1, 'P27: at least one barcode'),
  locations: z
    .array(
      z.strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        relevantText: z.string().max(80).optional(),
      }),
    )
    .max(10, 'P32: at most ten locations')
    .optional(),
  nfc: z
    .strictObject({
      message: z.string().refine((message) => new TextEncoder().encode(message).length <= 64, 'P35: at most 64 bytes'),
      encryptionPublicKey: requiredText,
      requiresAuthentication: z.boolean().optional(),
    })
    .optional(),
  featuredActions: z
    .array(z.looseObject({ type: requiredText }))
    .max(2, 'P37: at most two actions')
    .optional(),
  appLaunchURL: z.string().optional(),
  associatedStoreIdentifiers: z.array(z.number()).optional(),
  posterGeneric: z.unknown().optional(),
  boardingPass: styleSchema.optional(),
  coupon: styleSchema.optional(),
  eventTicket: styleSchema.optional(),
  generic: styleSchema.optional(),
  storeCard: styleSchema.optional(),
});

type ParsedPass = z.infer<typeof passSchema>;

/** Everything wrong with a pass.json, as `path: reason`; empty when it may be sealed. */
export function applePassProblems(passJson: unknown): string[] {
  const parsed = passSchema.safeParse(passJson);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return [
    ...styleProblems(parsed.data),
    ...webServiceProblems(parsed.data.webServiceURL),
    ...barcodeProblems(parsed.data),
    ...contrastProblems(parsed.data),
    ...(parsed.data.appLaunchURL !== undefined && parsed.data.associatedStoreIdentifiers === undefined
      ? ['appLaunchURL: P38: needs associatedStoreIdentifiers']
      : []),
  ];
}

/** Keys of the fields that would notify when a phone replaces one pass.json by the other (P25: at most one). */
export function announcedChanges(before: unknown, after: unknown): string[] {
  const earlier = new Map(allFields(passSchema.parse(before)).map((field) => [field.key, field.value]));
  return allFields(passSchema.parse(after))
    .filter((field) => field.changeMessage !== undefined && earlier.get(field.key) !== field.value)
    .map((field) => field.key);
}

function stylesOf(pass: ParsedPass): z.infer<typeof styleSchema>[] {
  return classicStyles.flatMap((name) => pass[name] ?? []);
}

function allFields(pass: ParsedPass): z.infer<typeof fieldSchema>[] {
  return stylesOf(pass).flatMap((style) => [
    ...style.headerFields,
    ...style.primaryFields,
    ...style.secondaryFields,
    ...style.auxiliaryFields,
    ...style.backFields,
  ]);
}

function styleProblems(pass: ParsedPass): string[] {
  const problems: string[] = [];
  const [style, ...others] = stylesOf(pass);
  if (!style || others.length > 0) problems.push('P19: exactly one classic style');
  const keys = allFields(pass).map((field) => field.key);
  if (new Set(keys).size !== keys.length) problems.push('P23: field keys must be unique over all groups');
  if (style && style.secondaryFields.length + style.auxiliaryFields.length > limits.secondaryAndAuxiliary)
    problems.push('P26: at most four secondary and auxiliary fields beside a square barcode');
  return problems;
}

function webServiceProblems(webServiceUrl: string): string[] {
  if (!URL.canParse(webServiceUrl)) return ['webServiceURL: P20: must be an absolute address'];
  const url = new URL(webServiceUrl);
  const isPlain = url.protocol === 'https:' && url.search === '' && url.hash === '' && url.username === '';
  return isPlain && webServiceUrl.startsWith('https://')
    ? []
    : ['webServiceURL: P20: must be https, without query, fragment or credentials'];
}

function barcodeProblems(pass: ParsedPass): string[] {
  const [first, ...others] = pass.barcodes;
  if (!first || classicBarcodes.includes(first.format)) return [];
  return others.some((barcode) => classicBarcodes.includes(barcode.format))
    ? []
    : ['barcodes: P27: a newer format needs a classic one after it'];
}

function contrastProblems(pass: ParsedPass): string[] {
  const [foreground, background] = [parseRgb(pass.foregroundColor), parseRgb(pass.backgroundColor)];
  const parts = [foreground, background].flatMap((color) => [color.red, color.green, color.blue]);
  if (parts.some((part) => part > 255)) return ['P28: colour parts must be at most 255'];
  return contrastOf(foreground, background) >= textContrastMin ? [] : ['P28: text cannot be read on the background'];
}

function parseRgb(color: string): Rgb {
  const [, red, green, blue] = colorPattern.exec(color) ?? [];
  return { red: Number(red), green: Number(green), blue: Number(blue) };
}
