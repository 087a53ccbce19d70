/**
 * What the merchant wrote on a card, in a member's language; what is not translated reads as it was first written. The
 * same texts in every language are what a phone looks up when it speaks another one than the member chose.
 */
import type { CardDesign, CardField } from '#app/domain/cards/card-design.ts';
import { phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { cleanText, lineOfText } from '#app/domain/cards/card-text.ts';
import { type Language, languageOfTag, languages } from '#app/domain/members/languages.ts';
import { plainTitle } from '#app/domain/programs/unit-words.ts';

export type FieldText = Pick<CardField, 'id' | 'side' | 'label' | 'value'>;
export type LinkText = { id: string; label: string; url: string };

export type DesignTexts = { logoText: string; terms: string; fields: FieldText[]; links: LinkText[] };

const labelMax = 60;

/** The merchant's texts for a BCP 47 locale. */
export function designTexts(design: CardDesign, locale: string): DesignTexts {
  const language = languageOfTag(locale);
  const own = language === null ? undefined : design.translations[language];
  return {
    logoText: lineOfText(own?.logoText || design.logoText, labelMax),
    terms: cleanText(own?.terms || design.terms),
    fields: design.fields.map(({ id, side, label, value }) => ({
      id,
      side,
      label: lineOfText(own?.fields?.[id]?.label ?? label, labelMax),
      value: cleanText(own?.fields?.[id]?.value ?? value),
    })),
    links: design.links.map(({ id, label, url }) => ({
      id,
      label: lineOfText(own?.links?.[id] ?? label, labelMax),
      url,
    })),
  };
}

/** For each language: the text as a member of some locale reads it, to the text in that language. */
export type TextTables = Record<Language, ReadonlyMap<string, string>>;

/**
 * The tables a phone translates a card with, keyed by what stands on the card of a member of this locale. All languages
 * have the same keys. A text that means two things, which another language tells apart, is left as it stands; so are terms,
 * which are long, and which a member agreed to in the language they chose.
 */
export function textTables(design: CardDesign, locale: string): TextTables {
  const keys = fixedTexts(design, locale);
  const columns = languages.map((language) => ({ language, texts: fixedTexts(design, language) }));
  const ambiguous = new Set(
    columns.flatMap(({ texts }) => keys.filter((key, index) => texts[keys.indexOf(key)] !== texts[index])),
  );
  const table = (texts: string[]) =>
    new Map(
      keys.flatMap((key, index): [string, string][] =>
        key === '' || ambiguous.has(key) ? [] : [[key, texts[index] || key]],
      ),
    );
  return Object.fromEntries(columns.map(({ language, texts }) => [language, table(texts)])) as unknown as TextTables;
}

/** Every text of a card that is the same for all members, in an order that is the same in all languages. */
function fixedTexts(design: CardDesign, locale: string): string[] {
  const phrases = phrasesFor(locale);
  const language = languageOfTag(locale) ?? 'en';
  const { logoText, fields, links } = designTexts(design, locale);
  return [
    plainTitle(language, 'stamp'),
    plainTitle(language, 'point'),
    phrases.card(cleanText(design.organizationName)),
    phrases.nextReward,
    phrases.readyReward,
    phrases.member,
    phrases.yourCard,
    phrases.terms,
    phrases.openCard,
    phrases.noLongerValid,
    phrases.expiresSoon,
    phrases.tier,
    phrases.nextTier,
    phrases.activity,
    phrases.preferences,
    logoText,
    ...fields.flatMap(({ label, value }) => [label, value]),
    ...links.map(({ label }) => label),
  ];
}
