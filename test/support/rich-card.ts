/** A card that uses everything a design can hold, and the texts that break careless software. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassInput } from '#app/domain/cards/pass-content.ts';
import { sampleDesign, samplePassInput } from '#test/support/pass-samples.ts';

/** Right to left, quotes and backslashes, line ends, three and four bytes a character, combined emoji, overlong. */
export const hardTexts = [
  'مقهى الباب الأزرق',
  'בית הקפה "הדלת הכחולה"',
  'He said "hi" \\ and left;\nsecond line',
  '青い扉のコーヒー店',
  'फ़ीरोज़ा दरवाज़ा',
  '👩‍👩‍👧‍👦☕️🏳️‍🌈',
  '𠜎𠜱𡃁𝓐𝓫𝓬',
  'Ȩ̷̛̈́͠v̴̢̛̀͝i̶̧̾͗l̵̛̋͜ combining',
  "O'Brien & Söhne <b>GmbH</b> %@ %s",
  '__proto__',
];

/** Names nobody expected: none may stop a card from being drawn or sealed. */
export const hardNames = [
  ...hardTexts,
  'Maximiliane-'.repeat(400),
  '👩‍👩‍👧‍👦'.repeat(90),
  '\u202eevil\u202c',
  '\ud83d',
  '\u0000\u0007',
  ' ',
];

export const richDesign: CardDesign = {
  ...sampleDesign,
  privacy: 'full-name',
  fields: [
    { id: 'hours', side: 'front', label: 'Hours', value: 'Mon–Fri 8–18' },
    { id: 'wifi', side: 'back', label: 'Wi-Fi "guest"', value: 'pass\\word: "blue\ndoor"' },
  ],
  links: [{ id: 'menu', label: 'Menu & prices', url: 'https://shop.example/menu?a=1&b="2"' }],
  places: [
    {
      id: 'main',
      name: 'Main street',
      latitude: 52.52,
      longitude: 13.405,
      relevantText: 'Your coffee is near',
      relevantDates: [{ startsAt: '2026-11-22T08:00:00+01:00', endsAt: '2026-11-22T18:00:00+01:00' }],
    },
    { id: 'port', name: 'Port', latitude: -33.86, longitude: 151.2, relevantText: '', relevantDates: [] },
  ],
  translations: {
    de: {
      logoText: 'Blaue Tür',
      terms: 'Ein Stempel je Kaffee.',
      fields: { hours: { label: 'Öffnungszeiten', value: 'Mo–Fr 8–18' } },
      links: { menu: 'Karte & Preise' },
    },
    fr: { terms: 'Un tampon par café.' },
  },
  poster: {
    isOn: true,
    actions: [
      { kind: 'order', title: 'Order', url: 'https://shop.example/order' },
      { kind: 'place', title: 'Find us', url: null },
    ],
  },
};

/** A member with stamps, points, a tier, something that expires, entries and news. */
export function richPassInput(changes: Partial<PassInput> = {}): PassInput {
  return samplePassInput({
    design: richDesign,
    designNumber: 3,
    units: [
      { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 },
      { kind: 'point', id: 'points', label: 'Points' },
    ],
    balances: [
      { unit: 'stamps', balance: 14, held: 0 },
      { unit: 'points', balance: 1_250, held: 0 },
    ],
    expiringNext: { unit: 'points', amount: 40, lastDay: '2027-03-19' },
    tier: {
      name: 'Silver',
      next: { name: 'Gold', missing: 12_050 },
      qualifiesBy: { kind: 'spend' },
      currency: 'EUR',
    },
    activity: [
      { unit: 'stamps', amount: 1, occurredAt: new Date('2026-11-20T10:00:00Z'), day: '2026-11-20' },
      { unit: 'points', amount: -500, occurredAt: new Date('2026-11-18T10:00:00Z'), day: '2026-11-18' },
    ],
    news: { text: 'Fresh beans from Friday on', at: new Date('2026-11-21T09:00:00Z') },
    memberName: 'Ada King Lovelace',
    preferencesUrl: 'https://stampwell.example/preferences/sample',
    ...changes,
  });
}
