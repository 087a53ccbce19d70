import { describe, expect, it } from 'vitest';
import { toBlankGoogleObject, toGoogleClass, toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { buildPassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import { sampleDesign, samplePassInput } from '#test/support/pass-samples.ts';

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
    expect(object.loyaltyPoints).toEqual({ label: 'Stamps', balance: { string: '4 / 10' } });
    expect(object.secondaryLoyaltyPoints).toEqual({ label: 'Points', balance: { int: 100 } });
  });

  it('says what is ready and what comes next', () => {
    expect(drawn({ balances: [{ unit: 'stamps', balance: 14, held: 0 }] }).textModulesData).toEqual([
      { id: 'ready', header: 'Ready to enjoy', body: 'Free coffee' },
      { id: 'next', header: 'Next reward', body: 'Free coffee (6 Stamps)' },
    ]);
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
