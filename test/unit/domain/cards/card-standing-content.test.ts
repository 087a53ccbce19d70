import { describe, expect, it } from 'vitest';
import type { PrivacyMode } from '#app/domain/cards/card-design.ts';
import { buildPassContent, type PassInput, shownName } from '#app/domain/cards/pass-content.ts';
import { hardNames, richDesign, richPassInput } from '#test/support/rich-card.ts';

const content = (changes: Partial<PassInput> = {}) => buildPassContent(richPassInput(changes));

describe('the name on a card', () => {
  const cases: [PrivacyMode, string | null, string | null][] = [
    ['opaque', 'Ada Lovelace', null],
    ['first-name', 'Ada Lovelace', 'Ada'],
    ['first-name', '  Ada\n Lovelace ', 'Ada'],
    ['first-name', '山田太郎', '山田太郎'],
    ['full-name', 'Ada  Lovelace', 'Ada Lovelace'],
    ['full-name', null, null],
    ['full-name', ' \u202e ', null],
  ];
  it.each(cases)('in mode %s: %j is shown as %j', (mode, name, shown) => {
    expect(shownName(name, mode)).toBe(shown);
  });

  it('is nowhere on an opaque card', () => {
    const design = { ...richDesign, privacy: 'opaque' as const };
    expect(JSON.stringify(content({ design }))).not.toMatch(/Ada|King|Lovelace/);
  });

  it('never turns the text around it, and is never longer than a card is wide', () => {
    for (const name of hardNames) {
      const shown = shownName(name, 'full-name') ?? '';
      expect([...new Intl.Segmenter().segment(shown)].length).toBeLessThanOrEqual(60);
      expect(shown).not.toMatch(/[\u202a-\u202e\p{Cc}]/u);
      expect(shown.isWellFormed()).toBe(true);
    }
  });

  it('keeps what runs right to left to itself, beside a count or another name', () => {
    const { announcement } = content({ memberName: 'محمد' });
    expect(announcement).toContain('· \u2068محمد\u2069');
  });
});

describe('what a card tells of a member', () => {
  it('is the tier, and what is missing to the next one in the shop’s own money', () => {
    expect(content().tier).toEqual({ name: 'Silver', next: { name: 'Gold', distance: '€120.50' } });
    const tier = {
      name: null,
      next: { name: 'Gold', missing: 1 },
      qualifiesBy: { kind: 'orders' as const },
      currency: 'EUR',
    };
    expect(content({ tier, locale: 'de' }).tier).toEqual({
      name: null,
      next: { name: 'Gold', distance: '1 Bestellung' },
    });
    const byUnit = { ...tier, qualifiesBy: { kind: 'unit' as const, unit: 'points' } };
    expect(content({ tier: byUnit }).tier?.next?.distance).toBe('1 point');
    expect(content({ tier: null }).tier).toBeNull();
  });

  it('is the last five entries, newest first, with their signs and days', () => {
    expect(content().activity).toEqual(['November 20, 2026: +1 stamp', 'November 18, 2026: -500 points']);
    const entry = { unit: 'points', amount: 1, occurredAt: new Date(0), day: '1970-01-01' };
    expect(content({ activity: Array.from({ length: 9 }, () => entry) }).activity).toHaveLength(5);
  });

  it('is nothing once the card is void', () => {
    expect(content({ isVoid: true })).toMatchObject({
      tier: null,
      activity: [],
      news: null,
      memberName: null,
      preferencesUrl: null,
      places: [],
      relevantDates: [],
      announcement: 'This card is no longer valid.',
    });
  });

  it('is written for a language that is none without complaint', () => {
    const tier = {
      name: null,
      next: { name: 'Gold', missing: 5 },
      qualifiesBy: { kind: 'spend' as const },
      currency: 'XXX',
    };
    for (const locale of ['', '????', 'tlh', 'zh_Hant_TW']) expect(() => content({ locale, tier })).not.toThrow();
  });
});

describe('news', () => {
  it('come first in the announcement until something is booked after them', () => {
    expect(content().announcement.split('\n')[0]).toBe('Fresh beans from Friday on');
    const later = { unit: 'stamps', amount: 1, occurredAt: new Date('2026-11-21T09:00:01Z'), day: '2026-11-21' };
    const [first, last] = content({ activity: [later] }).announcement.split('\n');
    expect(first).toContain('Stamps: 4 / 10');
    expect(last).toBe('Fresh beans from Friday on');
  });

  it('stand alone on a card that counts nothing', () => {
    const bare = {
      units: [],
      balances: [],
      rewards: [],
      tier: null,
      expiringNext: null,
      memberName: null,
      designNumber: 1,
    };
    expect(content(bare).announcement).toBe('Fresh beans from Friday on');
  });
});

describe('the merchant’s own texts', () => {
  it('are in the member’s language where they were translated, and as first written where not', () => {
    const { logoText, terms, fields, links } = content({ locale: 'de-AT' });
    expect({ logoText, terms }).toEqual({ logoText: 'Blaue Tür', terms: 'Ein Stempel je Kaffee.' });
    expect(fields.map(({ label }) => label)).toEqual(['Öffnungszeiten', 'Wi-Fi "guest"']);
    expect(links[0]?.label).toBe('Karte & Preise');
    expect(content({ locale: 'nl' }).terms).toBe(richDesign.terms);
  });

  it('bring the card up at each place, by the place’s text or the shop’s name', () => {
    expect(content().places.map(({ relevantText }) => relevantText)).toEqual([
      'Your coffee is near',
      'Blue Door Coffee',
    ]);
    expect(content().relevantDates).toEqual([
      { startsAt: '2026-11-22T07:00:00.000Z', endsAt: '2026-11-22T17:00:00.000Z' },
    ]);
  });

  it('bring it up at the ten times that begin first, each once, however many places have them', () => {
    const days = Array.from({ length: 9 }, (_, index) => ({
      startsAt: `2026-12-0${index + 1}T08:00:00Z`,
      endsAt: `2026-12-0${index + 1}T09:00:00Z`,
    }));
    const [place] = richDesign.places;
    if (place === undefined) throw new Error('the card has a place');
    const places = [
      { ...place, relevantDates: days },
      { ...place, id: 'other', relevantDates: [...days, ...(place.relevantDates ?? [])] },
    ];
    const { relevantDates } = content({ design: { ...richDesign, places } });
    expect(relevantDates).toHaveLength(10);
    expect(relevantDates[0]?.startsAt).toBe('2026-11-22T07:00:00.000Z');
  });
});
