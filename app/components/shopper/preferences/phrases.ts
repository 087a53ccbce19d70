import { dutch } from '#app/components/shopper/preferences/phrases-dutch.ts';
import { english } from '#app/components/shopper/preferences/phrases-english.ts';
import { french } from '#app/components/shopper/preferences/phrases-french.ts';
import { german } from '#app/components/shopper/preferences/phrases-german.ts';
import { spanish } from '#app/components/shopper/preferences/phrases-spanish.ts';
import type { PreferencePhrases } from '#app/components/shopper/preferences/phrases-type.ts';
import type { Language } from '#app/domain/members/languages.ts';

export const preferencePhrases: Record<Language, PreferencePhrases> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  nl: dutch,
};
