import { dutch } from '#app/components/shopper/phrases-dutch.ts';
import { english } from '#app/components/shopper/phrases-english.ts';
import { french } from '#app/components/shopper/phrases-french.ts';
import { german } from '#app/components/shopper/phrases-german.ts';
import { spanish } from '#app/components/shopper/phrases-spanish.ts';
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import type { Language } from '#app/domain/members/languages.ts';

export const shopperPhrases: Record<Language, ShopperPhrases> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  nl: dutch,
};
