/**
 * The shape of pass.json as we let it be: stricter than Apple's own words, far stricter than the card package. Each
 * message carries the number of its rule and says what would be right. What lies between fields is in apple-pass-rules.ts.
 */
import { z } from 'zod';

/** The styles of iOS 26 and before: a pass has exactly one. */
export const classicStyles = ['boardingPass', 'coupon', 'eventTicket', 'generic', 'storeCard'] as const;

/** Barcodes that every phone draws. */
export const classicBarcodes = [
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

const actionTypes =
  'viewSchedule watchTrailer listenToMusic call place addToBalance order shop membershipBenefits bookAppointment bookCar ' +
  'bookFlight bookStay viewOffersRewards';

const colorPattern = /^rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)$/;
const serialPattern = /^[A-Za-z0-9_-]{22,128}$/;
const serialLettersMin = 8;
const linkPattern = /^<a href="https:\/\/[^"<>]+">[^<>]*<\/a>$/;
const nfcMessageBytesMax = 64;

/** The three parts of `rgb(1, 2, 3)`, or null. */
export function readRgb(color: string): { red: number; green: number; blue: number } | null {
  const parts = (colorPattern.exec(color) ?? []).slice(1).map(Number);
  const [red = 256, green = 256, blue = 256] = parts;
  return Math.max(red, green, blue) > 255 ? null : { red, green, blue };
}

const filledText = (rule: string) => z.string(`${rule}: must be a text`).trim().min(1, `${rule}: must not be empty`);
const flag = (rule: string) => z.boolean(`${rule}: must be true or false, without quotes`);
const dateText = z.iso.datetime({ offset: true, error: 'P33: must be like 2026-11-22T09:00:00Z, with a time zone' });
const httpsText = (rule: string) =>
  z.string(`${rule}: must be a text`).refine(isPlainHttps, `${rule}: must be an absolute https address`);

function isPlainHttps(address: string): boolean {
  return address.startsWith('https://') && URL.canParse(address) && new URL(address).username === '';
}

/** Random serials have many different characters; e-mail addresses, telephone and customer numbers do not get through. */
function isRandomSerial(serial: string): boolean {
  return serialPattern.test(serial) && /[A-Za-z]/.test(serial) && new Set(serial).size >= serialLettersMin;
}

const fieldSchema = z.strictObject({
  key: filledText('P23'),
  value: z.union([z.string(), z.number()], 'P23: must be a text or a number'),
  label: z.string('P23: must be a text').optional(),
  changeMessage: z
    .string('P24: must be a text')
    .refine((message) => message.split('%@').length === 2, 'P24: must contain %@ exactly once')
    .optional(),
  attributedValue: z
    .string('P23: must be a text')
    .refine((text) => !text.includes('<') || linkPattern.test(text), 'P23: must be one link to an https address')
    .optional(),
  numberStyle: z.literal('PKNumberStyleDecimal', 'P23: must be PKNumberStyleDecimal').optional(),
});

const fields = (countMax: number, message: string) =>
  z.array(fieldSchema, 'P23: must be a list').max(countMax, message);
const anyFields = z.array(fieldSchema, 'P23: must be a list');

const styleSchema = z.strictObject({
  headerFields: fields(3, 'P26: must be at most three header fields').default([]),
  primaryFields: fields(1, 'P26: must be at most one primary field').default([]),
  secondaryFields: anyFields.default([]),
  auxiliaryFields: anyFields.default([]),
  backFields: anyFields.default([]),
});

const posterSchema = z.strictObject({
  headerFields: fields(1, 'P26: must be at most one header field on a poster').default([]),
  primaryFields: fields(4, 'P26: must be at most four primary fields on a poster').default([]),
  secondaryFields: fields(0, 'P26: must be empty on a poster').default([]),
  auxiliaryFields: fields(0, 'P26: must be empty on a poster').default([]),
  backFields: anyFields.default([]),
  footerFields: fields(1, 'P26: must be at most one footer field').default([]),
});

const barcodeSchema = z.strictObject({
  format: z.enum([...classicBarcodes, ...newBarcodes], 'P27: must be a barcode format, such as PKBarcodeFormatQR'),
  message: z
    .string('P27: must be a text')
    .regex(/^[\x20-\x7e]{1,512}$/, 'P27: must be 1 to 512 printable ASCII characters'),
  messageEncoding: z.literal('iso-8859-1', 'P27: must be iso-8859-1'),
  altText: z.string('P27: must be a text').optional(),
});

const colorSchema = z
  .string('P28: must be a text')
  .refine((color) => readRgb(color) !== null, 'P28: must be rgb(r, g, b) with parts from 0 to 255');

const coordinate = (limit: number) =>
  z
    .number('P32: must be a number of degrees')
    .min(-limit, `P32: must be −${limit} to ${limit}`)
    .max(limit, `P32: must be −${limit} to ${limit}`);

const locationSchema = z.strictObject({
  latitude: coordinate(90),
  longitude: coordinate(180),
  relevantText: filledText('P32').max(80, 'P32: must be at most 80 characters').optional(),
});

/** A single instant is written twice: iOS 26 renamed it. */
const relevantDateSchema = z.union(
  [
    z
      .strictObject({ startDate: dateText, endDate: dateText })
      .refine(({ startDate, endDate }) => Date.parse(startDate) < Date.parse(endDate), 'P33: must end after it starts'),
    z.strictObject({ relevantDate: dateText, date: dateText }),
  ],
  'P33: must be startDate and a later endDate, or relevantDate and date, each with a time zone',
);

const nfcSchema = z.strictObject({
  message: z
    .string('P35: must be a text')
    .refine(
      (message) => new TextEncoder().encode(message).length <= nfcMessageBytesMax,
      `P35: must be at most ${nfcMessageBytesMax} bytes`,
    ),
  encryptionPublicKey: z.base64('P35: must be a public key in base64').min(1, 'P35: must not be empty'),
  requiresAuthentication: flag('P35').optional(),
});

const actionSchema = z
  .strictObject({
    identifier: filledText('P37'),
    type: z.enum(actionTypes.split(' '), 'P37: must be a type of action that Wallet knows'),
    url: httpsText('P37').optional(),
    placeIdentifier: filledText('P37').optional(),
  })
  .refine(({ type, url }) => (type === 'place') === (url === undefined), {
    path: ['url'],
    message: 'P37: must be there, except for a place',
  })
  .refine(({ type, placeIdentifier }) => (type === 'place') === (placeIdentifier !== undefined), {
    path: ['placeIdentifier'],
    message: 'P37: must be there for a place, and only there',
  });

/** Top-level keys. Keys that are not listed here would be dropped or misread, so they are refused. */
export const applePassSchema = z.strictObject({
  formatVersion: z.literal(1, 'P15: must be the number 1'),
  passTypeIdentifier: filledText('P17').regex(/^pass\.[A-Za-z0-9.-]+$/, 'P17: must look like pass.com.example'),
  teamIdentifier: filledText('P18').regex(/^[A-Z0-9]{10}$/, 'P18: must be ten capitals or digits'),
  serialNumber: filledText('P22').refine(isRandomSerial, 'P22: must be at least 22 random URL-safe characters'),
  authenticationToken: filledText('P21').regex(/^[A-Za-z0-9_-]{32,}$/, 'P21: must be at least 32 URL-safe characters'),
  webServiceURL: httpsText('P20').refine(
    (address) => !address.includes('?') && !address.includes('#'),
    'P20: must be https, without query, fragment or credentials',
  ),
  organizationName: filledText('P16'),
  description: filledText('P16'),
  logoText: z.string('P16: must be a text').optional(),
  backgroundColor: colorSchema,
  foregroundColor: colorSchema,
  labelColor: colorSchema.optional(),
  sharingProhibited: flag('P34').optional(),
  voided: flag('P34').optional(),
  expirationDate: dateText.optional(),
  relevantDates: z.array(relevantDateSchema, 'P33: must be a list').optional(),
  barcodes: z.array(barcodeSchema, 'P27: must be a list').min(1, 'P27: must be at least one barcode'),
  locations: z.array(locationSchema, 'P32: must be a list').max(10, 'P32: must be at most ten locations').optional(),
  nfc: nfcSchema.optional(),
  featuredActions: z.array(actionSchema, 'P37: must be a list').max(2, 'P37: must be at most two actions').optional(),
  appLaunchURL: filledText('P38').optional(),
  associatedStoreIdentifiers: z
    .array(z.number(), 'P38: must be a list of numbers')
    .min(1, 'P38: must not be empty')
    .optional(),
  posterGeneric: posterSchema.optional(),
  boardingPass: styleSchema.optional(),
  coupon: styleSchema.optional(),
  eventTicket: styleSchema.optional(),
  generic: styleSchema.optional(),
  storeCard: styleSchema.optional(),
});

export type ParsedPass = z.infer<typeof applePassSchema>;
export type ParsedField = z.infer<typeof fieldSchema>;
