import { describe, expect, it } from 'vitest';

import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { chooseLanguage, languageOfTag, languages } from '#app/domain/members/languages.ts';

describe('the language of a visitor', () => {
  it.each([
    ['de-CH,de;q=0.9,en;q=0.8', 'de'],
    ['ja,fr;q=0.5,en;q=0.4', 'fr'],
    ['en;q=0.3,nl;q=0.7', 'nl'],
    ['es', 'es'],
    ['de;q=0,en', 'en'],
    ['ja', 'en'],
    ['', 'en'],
    ['*;q=broken, de;q=oops', 'de'],
  ])('of the header "%s" is %s', (header, language) => {
    expect(chooseLanguage(header)).toBe(language);
  });

  it('is English when the browser does not say', () => {
    expect(chooseLanguage(null)).toBe('en');
  });

  it('is found in a tag with either separator, and never guessed', () => {
    expect(languageOfTag('FR_ca')).toBe('fr');
    expect(languageOfTag('den')).toBeNull();
    expect(languageOfTag('constructor')).toBeNull();
  });
});

describe('the wording of consent', () => {
  it('names the shop and has a version for each language', () => {
    const versions = languages.map((language) => {
      const wording = consentWordingFor(language, 'Bluebird');
      expect(wording.program).toContain('Bluebird');
      expect(wording.marketing).toContain('Bluebird');
      return wording.version;
    });
    expect(new Set(versions).size).toBe(languages.length);
  });
});
