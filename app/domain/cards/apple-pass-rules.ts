/**
 * Our own strict reading of pass.json, checked before anything is sealed. Wallet itself refuses a bad pass without a
 * word, and the card package lets most of these through. The P-numbers are those of the conformance list in the
 * package test.
 */
import type { z } from 'zod';

import {
  applePassSchema,
  classicBarcodes,
  classicStyles,
  type ParsedField,
  type ParsedPass,
  readRgb,
} from '#app/domain/cards/apple-pass-schema.ts';
import { contrastOf, textContrastMin } from '#app/domain/cards/color.ts';

const secondaryAndAuxiliaryMax = 4;

/** Keys that people reach for, and what is right instead. */
const adviceByKey = new Map([
  ['barcode', 'P27: must be left out, barcodes says it all'],
  ['userInfo', 'P22: must be left out, it travels with the pass to whoever it is shared with'],
  ['relevantDate', 'P33: must be left out, relevantDates says it all'],
  ['beacons', 'must be left out, cards come up by locations'],
]);

/** What a shop has been granted beyond the ordinary. */
export type PassGrants = { nfc: boolean };

/**
 * Everything wrong with a pass.json, as `path: rule: what would be right`; empty when it may be sealed. NFC needs a
 * certificate that Apple grants singly: without `grants` it is refused.
 */
export function applePassProblems(passJson: unknown, grants?: PassGrants): string[] {
  const parsed = applePassSchema.safeParse(passJson);
  if (!parsed.success) return parsed.error.issues.flatMap(issueText);
  const pass = parsed.data;
  return [
    ...styleProblems(pass),
    ...announcingProblems(pass),
    ...barcodeProblems(pass),
    ...contrastProblems(pass),
    ...(pass.nfc !== undefined && grants?.nfc !== true
      ? ['nfc: P35: must be left out without a certificate for NFC']
      : []),
    ...(pass.appLaunchURL !== undefined && pass.associatedStoreIdentifiers === undefined
      ? ['appLaunchURL: P38: must come with associatedStoreIdentifiers']
      : []),
  ];
}

/** Keys of the fields that would notify when a phone replaces one pass.json by the other (P25: at most one). */
export function announcedChanges(before: unknown, after: unknown): string[] {
  const earlier = new Map(allFields(applePassSchema.parse(before)).map((field) => [field.key, field.value]));
  const changed = allFields(applePassSchema.parse(after))
    .filter((field) => field.changeMessage !== undefined && earlier.get(field.key) !== field.value)
    .map((field) => field.key);
  return [...new Set(changed)];
}

function issueText(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(
      (key) =>
        `${[...issue.path, key].join('.')}: ${adviceByKey.get(key) ?? 'P14: must be left out, Wallet does not know it'}`,
    );
  return [at === '' ? `pass.json: P14: must be an object of keys` : `${at}: ${issue.message}`];
}

function stylesOf(pass: ParsedPass) {
  return classicStyles.flatMap((name) => {
    const style = pass[name];
    return style === undefined ? [] : [{ name, style }];
  });
}

type StyleFields = Record<string, ParsedField[]>;

const fieldsOfStyle = (style: StyleFields): ParsedField[] => Object.values(style).flat();

function allFields(pass: ParsedPass): ParsedField[] {
  const styles: StyleFields[] = stylesOf(pass).map(({ style }) => style);
  if (pass.posterGeneric !== undefined) styles.push(pass.posterGeneric);
  return styles.flatMap(fieldsOfStyle);
}

function styleProblems(pass: ParsedPass): string[] {
  const [first, ...others] = stylesOf(pass);
  if (!first || others.length > 0)
    return ['storeCard: P19: must be the one classic style; posterGeneric may stand beside it, never alone'];
  const { name, style } = first;
  const poster: StyleFields = pass.posterGeneric ?? {};
  return [
    ...repeatedKeys(style).map((key) => `${name}: P23: must have each field key once, not ${key} again`),
    ...repeatedKeys(poster).map((key) => `posterGeneric: P23: must have each field key once, not ${key} again`),
    ...(style.secondaryFields.length + style.auxiliaryFields.length > secondaryAndAuxiliaryMax
      ? [`${name}: P26: must have at most four secondary and auxiliary fields together beside a square barcode`]
      : []),
  ];
}

function repeatedKeys(style: StyleFields): string[] {
  const keys = fieldsOfStyle(style).map(({ key }) => key);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

/** iOS folds two changed fields into one notice without any news in it. */
function announcingProblems(pass: ParsedPass): string[] {
  const keys = new Set(allFields(pass).flatMap(({ key, changeMessage }) => (changeMessage === undefined ? [] : [key])));
  return keys.size <= 1 ? [] : [`changeMessage: P25: must be on one field alone, not on ${[...keys].join(', ')}`];
}

function barcodeProblems(pass: ParsedPass): string[] {
  const [first, ...others] = pass.barcodes;
  if (!first || classicBarcodes.includes(first.format)) return [];
  return others.some((barcode) => classicBarcodes.includes(barcode.format))
    ? []
    : ['barcodes: P27: must have a classic format, such as PKBarcodeFormatQR, after a newer one'];
}

function contrastProblems(pass: ParsedPass): string[] {
  const [foreground, background] = [readRgb(pass.foregroundColor), readRgb(pass.backgroundColor)];
  if (foreground === null || background === null) return [];
  return contrastOf(foreground, background) >= textContrastMin
    ? []
    : [`foregroundColor: P28: must have a contrast of ${textContrastMin} or more to the background`];
}
