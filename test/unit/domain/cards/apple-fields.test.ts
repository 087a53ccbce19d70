import { describe, expect, it } from 'vitest';
import { type AppleField, posterFields, storeCardFields } from '#app/domain/cards/apple-fields.ts';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import { buildPassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import { samplePassJson } from '#test/support/pass-samples.ts';
import { richDesign, richPassInput } from '#test/support/rich-card.ts';

const content = (changes: Partial<PassInput> = {}) => buildPassContent(richPassInput(changes));
const keysOf = (fields: AppleField[]) => fields.map(({ key }) => key);
const [frontField] = richDesign.fields;
const fullFront = {
  ...richDesign,
  fields: ['one', 'two'].map((id) => ({ id, side: 'front' as const, label: id, value: frontField?.value ?? '' })),
};

describe('the front of a store card', () => {
  it('gives its four places to rewards, tier and the shop’s own fields, and what is left to the back', () => {
    const style = storeCardFields(content({ design: fullFront }));
    expect(keysOf(style.headerFields)).toEqual(['stamps', 'points-points']);
    expect(keysOf(style.secondaryFields)).toEqual(['ready', 'next']);
    expect(keysOf(style.auxiliaryFields)).toEqual(['tier', 'field-one']);
    expect(keysOf(style.backFields).slice(0, 3)).toEqual(['announcement', 'field-two', 'member']);
  });

  it('has room for the name when there is less to say', () => {
    const style = storeCardFields(content({ tier: null, rewards: [] }));
    expect(keysOf(style.auxiliaryFields)).toEqual(['field-hours', 'member']);
    expect(keysOf(style.backFields)).not.toContain('member');
  });
});

describe('the back', () => {
  it('tells everything in one order, from what is new to the terms', () => {
    expect(keysOf(storeCardFields(content()).backFields)).toEqual([
      'announcement',
      'member',
      'expiring',
      'rewards',
      'next-tier',
      'activity',
      'field-wifi',
      'link-menu',
      'card',
      'preferences',
      'terms',
    ]);
  });

  it('shows a link by its words, with nothing of the address or the words left to be read as markup', () => {
    const link = storeCardFields(content()).backFields.find(({ key }) => key === 'link-menu');
    expect(link?.value).toBe('https://shop.example/menu?a=1&b="2"');
    expect(link?.attributedValue).toBe(
      '<a href="https://shop.example/menu?a=1&amp;b=&quot;2&quot;">Menu &amp; prices</a>',
    );
  });

  it('of a void card keeps the shop’s texts and leads nowhere of the member’s', () => {
    const keys = keysOf(storeCardFields(content({ isVoid: true })).backFields);
    expect(keys).toEqual(['announcement', 'field-wifi', 'link-menu', 'terms']);
  });
});

describe('the poster', () => {
  it('shows one balance above, four details below, the program at its foot, and the same back', () => {
    const poster = posterFields(content());
    expect(keysOf(poster.headerFields)).toEqual(['stamps']);
    expect(keysOf(poster.primaryFields)).toEqual(['points-points', 'ready', 'next', 'tier']);
    expect(poster.footerFields).toEqual([{ key: 'program', value: 'Coffee card' }]);
    expect(keysOf(poster.backFields)).toEqual(
      expect.arrayContaining(['announcement', 'field-hours', 'member', 'terms']),
    );
  });

  it('and its actions are there only where the design turned them on, and no longer on a void card', () => {
    const plain = content({ design: { ...richDesign, poster: { ...richDesign.poster, isOn: false } } });
    const identity = samplePassJson();
    expect(Object.keys(toApplePass(plain, identity))).not.toContain('posterGeneric');
    expect(Object.keys(toApplePass(plain, identity))).not.toContain('featuredActions');
    expect(toApplePass(content(), identity).posterGeneric).toBeDefined();
    expect(Object.keys(toApplePass(content({ isVoid: true }), identity))).not.toContain('featuredActions');
  });
});
