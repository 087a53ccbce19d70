import { describe, expect, it } from 'vitest';
import { inOneLanguage, toBlankGoogleObject, toGoogleClass, toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { buildPassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';
import { googleSchemaProblems } from '#test/platform/google-schema.ts';
import { sampleDesign, samplePassInput } from '#test/support/pass-samples.ts';
import { hardNames, richDesign, richPassInput } from '#test/support/rich-card.ts';

const input = { objectId: '1.card', classId: '1.program', heroUrl: 'https://stampwell.example/4.png' };
const drawn = (changes: Partial<PassInput> = {}) => toGoogleObject(buildPassContent(samplePassInput(changes)), input);

describe('a Google object', () => {
  it('shows the stamps as its first balance, and points as its second', () => {
    const object = drawn({
      units: [
        { kind: 'point', id: 'points', label: 'Points' },
        { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 },
      ],
      balances: [
        { unit: 'points', balance: 120, held: 20 },
        { unit: 'stamps', balance: 4, held: 0 },
      ],
    });
    expect(object.loyaltyPoints).toMatchObject({ label: 'Stamps', balance: { string: '4 / 10' } });
    expect(object.secondaryLoyaltyPoints).toMatchObject({ label: 'Points', balance: { int: 100 } });
  });

  it('says what is ready and what comes next', () => {
    expect(drawn({ balances: [{ unit: 'stamps', balance: 14, held: 0 }] }).textModulesData).toMatchObject([
      { id: 'ready', header: 'Ready to enjoy', body: 'Free coffee' },
      { id: 'next', header: 'Next reward', body: 'Free coffee · 6 stamps to go' },
    ]);
  });

  it('L08 says under its code that a system made it that is not the real one', () => {
    expect(drawn({ systemMark: 'TEST' }).barcode?.alternateText).toBe('TEST');
    expect(drawn({ systemMark: null }).barcode).not.toHaveProperty('alternateText');
  });

  it('is inactive, nameless and without a way to the card once the card is void', () => {
    const object = drawn({ isVoid: true });
    expect(object).toMatchObject({ state: 'INACTIVE', accountName: '', textModulesData: [] });
    expect(object.linksModuleData).toEqual({ uris: [] });
  });

  it('is blank but for its ids once redacted', () => {
    expect(toBlankGoogleObject(input)).toEqual({
      id: '1.card',
      classId: '1.program',
      state: 'INACTIVE',
      accountId: '',
      accountName: '',
      textModulesData: [],
    });
  });
});

describe('a Google class', () => {
  const base = { classId: '1.program', design: sampleDesign, programName: 'Coffee card', locale: 'en' };
  const logoUrl = 'https://stampwell.example/logo.png';

  it('carries the design, and asks for review as Google wants with every change', () => {
    expect(toGoogleClass({ ...base, logoUrl, callbackUrl: null })).toMatchObject({
      issuerName: 'Blue Door Coffee',
      hexBackgroundColor: '#4b2e1e',
      reviewStatus: 'UNDER_REVIEW',
    });
  });

  it('asks for events only where somebody listens', () => {
    expect(toGoogleClass({ ...base, logoUrl, callbackUrl: null })).not.toHaveProperty('callbackOptions');
    expect(toGoogleClass({ ...base, logoUrl, callbackUrl: 'https://stampwell.example/x' }).callbackOptions).toEqual({
      url: 'https://stampwell.example/x',
    });
  });
});

describe('a rich card at Google', () => {
  const rich = () => toGoogleObject(buildPassContent(richPassInput()), input);
  const richClass = (locale = 'en') =>
    toGoogleClass({
      classId: '1.program',
      design: richDesign,
      programName: 'Coffee card',
      locale,
      callbackUrl: null,
      logoUrl: 'https://stampwell.example/logo.png',
    });

  it('is a body that Google’s own types describe, object and class', () => {
    expect(googleSchemaProblems('LoyaltyObject', rich())).toEqual([]);
    expect(googleSchemaProblems('LoyaltyClass', richClass())).toEqual([]);
  });

  it('says what Apple’s says: news, rewards, tier, what expires and the last entries', () => {
    expect(rich().textModulesData.map(({ id, body }) => [id, body.split('\n')[0]])).toEqual([
      ['news', 'Fresh beans from Friday on'],
      ['ready', 'Free coffee'],
      ['next', 'Free coffee · 6 stamps to go'],
      ['tier', 'Silver'],
      ['next-tier', 'Gold (€120.50)'],
      ['expiring', '40 points, good through March 19, 2027'],
      ['activity', 'November 20, 2026: +1 stamp'],
    ]);
    expect(rich().linksModuleData?.uris.map(({ id }) => id)).toEqual(['card', 'preferences']);
  });

  it.each(languages)('names what it counts in every language, and in %s where the member speaks it', (locale) => {
    const object = toGoogleObject(buildPassContent(richPassInput({ locale })), input);
    const titles: Record<Language, [string, string]> = {
      en: ['Stamps', 'Points'],
      de: ['Stempel', 'Punkte'],
      fr: ['Tampons', 'Points'],
      es: ['Sellos', 'Puntos'],
      nl: ['Stempels', 'Punten'],
    };
    const { loyaltyPoints: stamps, secondaryLoyaltyPoints: points } = object;
    expect([stamps?.label, points?.label]).toEqual(titles[locale]);
    expect(stamps?.localizedLabel).toEqual({
      defaultValue: { language: locale, value: titles[locale][0] },
      translatedValues: languages
        .filter((language) => language !== locale)
        .map((language) => ({ language, value: titles[language][0] })),
    });
    for (const { id, header, localizedHeader } of object.textModulesData)
      expect({ id, header, others: localizedHeader?.translatedValues?.length }).toEqual({
        id,
        header: localizedHeader?.defaultValue.value,
        others: expect.any(Number),
      });
    expect(googleSchemaProblems('LoyaltyObject', object)).toEqual([]);
  });

  it('leaves a merchant’s own word for what it counts as it is, in every language', () => {
    const units = [
      { kind: 'stamp' as const, id: 'stamps', label: 'kaffeeBohnen', stampsNeeded: 10 },
      { kind: 'point' as const, id: 'points', label: 'Étoiles' },
    ];
    for (const locale of languages) {
      const object = toGoogleObject(buildPassContent(richPassInput({ units, locale })), input);
      expect(object.loyaltyPoints).toEqual({ label: 'kaffeeBohnen', balance: { string: '4 / 10' } });
      expect(object.secondaryLoyaltyPoints).toEqual({ label: 'Étoiles', balance: { int: 1_250 } });
    }
  });

  it('says the same in one language alone where every byte counts', () => {
    const object = rich();
    const short = inOneLanguage(object);
    expect(JSON.stringify(short)).not.toContain('localized');
    expect(object).toMatchObject(short);
  });

  it('has the merchant’s texts in every language in its class, none of them twice', () => {
    const { textModulesData, linksModuleData, localizedAccountNameLabel, merchantLocations } = richClass();
    const [hours] = textModulesData;
    expect(hours).toMatchObject({ id: 'field-hours', header: 'Hours' });
    expect(hours?.localizedHeader).toEqual({
      defaultValue: { language: 'en', value: 'Hours' },
      translatedValues: [{ language: 'de', value: 'Öffnungszeiten' }],
    });
    expect(linksModuleData.uris[0]?.localizedDescription?.translatedValues).toEqual([
      { language: 'de', value: 'Karte & Preise' },
    ]);
    expect(localizedAccountNameLabel.translatedValues?.map(({ language }) => language)).toEqual([
      'de',
      'fr',
      'es',
      'nl',
    ]);
    expect(merchantLocations).toHaveLength(2);
  });

  it('keeps every list in a class, so that a design that dropped a text takes it off the phones', () => {
    const bare = toGoogleClass({
      classId: '1.program',
      programName: 'Coffee card',
      locale: 'en',
      callbackUrl: null,
      design: { ...sampleDesign, terms: '' },
      logoUrl: 'https://stampwell.example/logo.png',
    });
    expect(bare).toMatchObject({ textModulesData: [], linksModuleData: { uris: [] }, merchantLocations: [] });
  });

  it('shows a picture whose description names nobody', () => {
    expect(rich().heroImage?.contentDescription.defaultValue.value).toBe('Stamps: 4 / 10');
  });

  it.each(hardNames.map((text) => ({ text, shown: JSON.stringify(text.slice(0, 24)) })))(
    'is a body for any text: $shown',
    ({ text }) => {
      const design = { ...richDesign, terms: text, logoText: text };
      const object = toGoogleObject(buildPassContent(richPassInput({ design, memberName: text })), input);
      const { accountName } = object;
      expect(googleSchemaProblems('LoyaltyObject', object)).toEqual([]);
      expect(accountName.isWellFormed() && accountName.length < 800).toBe(true);
      const classBody = toGoogleClass({
        classId: '1.program',
        design,
        programName: text,
        locale: 'fr',
        callbackUrl: null,
        logoUrl: 'https://stampwell.example/logo.png',
      });
      expect(classBody.textModulesData.every(({ header, body }) => header !== '' && body !== '')).toBe(true);
    },
  );
});
