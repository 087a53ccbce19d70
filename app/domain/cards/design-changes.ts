/** What differs between two designs, a sentence each, for whoever publishes or looks back. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { Language } from '#app/domain/members/languages.ts';

const simple = {
  organizationName: 'Shop name',
  logoText: 'Text beside the logo',
  backgroundColor: 'Card colour',
  foregroundColor: 'Text colour',
  labelColor: 'Label and stamp colour',
  stampShape: 'Stamp',
} as const;

const parts = {
  logoImage: 'Another logo',
  stripImage: 'Another picture behind the stamps',
  terms: 'The terms changed',
  fields: 'Fields of your own changed',
  links: 'Links changed',
  places: 'Places and times changed',
  poster: 'The poster for iOS 27 changed',
} as const;

const privacyNames: Record<CardDesign['privacy'], string> = {
  opaque: 'no name',
  'first-name': 'the first name',
  'full-name': 'the whole name',
};

/** What the languages of cards are called in the admin. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  nl: 'Dutch',
};

/** Empty when both look and say the same. */
export function designChanges(before: CardDesign, after: CardDesign): string[] {
  const changes: string[] = [];
  for (const [key, name] of Object.entries(simple) as [keyof typeof simple, string][])
    if (before[key] !== after[key]) changes.push(`${name}: ${before[key] || 'none'} → ${after[key] || 'none'}`);
  for (const [key, words] of Object.entries(parts) as [keyof typeof parts, string][])
    if (!isSame(before[key], after[key])) changes.push(words);
  if (before.privacy !== after.privacy) changes.push(`The card shows ${privacyNames[after.privacy]}`);
  if (before.googleBarcode !== after.googleBarcode)
    changes.push(
      `Google’s barcode ${after.googleBarcode === 'rotating' ? 'changes every half minute' : 'stays the same'}`,
    );
  for (const [language, name] of Object.entries(languageNames) as [Language, string][])
    if (!isSame(before.translations[language], after.translations[language])) changes.push(`Texts in ${name} changed`);
  return changes;
}

/** Designs are plain values whose keys stand in the order of their schema. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
