import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Translation = NonNullable<CardDesign['translations'][Language]>;

/** The design without what is said of this field or link in other languages: a later one with its id must not inherit it. */
export function withoutText(design: CardDesign, id: string): CardDesign {
  const without = <Text>(texts: Record<string, Text>) =>
    Object.fromEntries(Object.entries(texts).filter(([key]) => key !== id));
  const translations = Object.entries(design.translations).map(([language, said]): [string, Translation] => [
    language,
    {
      ...said,
      ...(said.fields === undefined ? {} : { fields: without(said.fields) }),
      ...(said.links === undefined ? {} : { links: without(said.links) }),
    },
  ]);
  return { ...design, translations: Object.fromEntries(translations) };
}
