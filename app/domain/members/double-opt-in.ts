/**
 * Where a tick is not enough: the holder of an e-mail address must confirm, by a link mailed to it, that they agreed.
 *
 * Germany: § 7 (2) no. 2 and § 7a UWG with BGH, I ZR 164/09 (10 February 2011): who sends must prove that the holder of the
 * address agreed. Austria: § 174 TKG 2021 and DSB, 9 October 2019 (D130.073). Switzerland: art. 3 (1) o UWG, read alike.
 * Liechtenstein follows both neighbours. Elsewhere in the EEA, art. 7 (1) GDPR asks for proof and names no procedure; where
 * the authority recommends this one it is on the list: Luxembourg, Greece and Norway.
 */
const countries = new Set(['DE', 'AT', 'CH', 'LI', 'LU', 'GR', 'NO']);

export const doubleOptInChoices = ['by-country', 'always', 'never'] as const;
export type DoubleOptIn = (typeof doubleOptInChoices)[number];

/** Whether a shop of this country confirms by mail. An unknown country is treated as one that asks for it. */
export function wantsDoubleOptIn(choice: DoubleOptIn, country: string | null): boolean {
  if (choice !== 'by-country') return choice === 'always';
  return country === null || countries.has(country.toUpperCase());
}

/** The countries on the list, in order. */
export function doubleOptInCountries(): string[] {
  return [...countries].toSorted();
}
