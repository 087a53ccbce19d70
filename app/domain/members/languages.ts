/** The languages shoppers are spoken to in. Merchants' own texts are shown as they wrote them. */

export const languages = ['en', 'de', 'fr', 'es', 'nl'] as const;

export type Language = (typeof languages)[number];

/** The language of a BCP 47 tag such as `de-CH`; null when it is not one of ours. */
export function languageOfTag(tag: string): Language | null {
  const primary = tag.trim().toLowerCase().split(/[-_]/)[0];
  return languages.find((language) => language === primary) ?? null;
}

const rangesMax = 20;

/** The best of our languages for an Accept-Language header; English when there is none. Ties go to the earlier one. */
export function chooseLanguage(acceptLanguage: string | null): Language {
  let best: { language: Language; quality: number } = { language: 'en', quality: 0 };
  for (const range of (acceptLanguage ?? '').split(',').slice(0, rangesMax)) {
    const [tag = '', ...parameters] = range.split(';');
    const language = languageOfTag(tag);
    const stated = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
    const quality = stated === undefined ? 1 : Number(stated);
    if (language !== null && quality > best.quality) best = { language, quality };
  }
  return best.language;
}
