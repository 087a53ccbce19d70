import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type CardDesign, cardDesignSchema, newDesignSchema } from '#app/domain/cards/card-design.ts';
import { designProblems, emptyWords } from '#app/domain/cards/design-problems.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';

const plain: CardDesign = {
  ...starterDesign('Blue Door'),
  fields: [{ id: 'hours', side: 'front', label: 'Open', value: '8 to 18' }],
  links: [{ id: 'menu', label: 'Menu', url: 'https://tea.example/menu' }],
  places: [
    {
      id: 'mitte',
      name: 'Mitte',
      latitude: 52.52,
      longitude: 13.405,
      relevantText: '',
      relevantDates: [{ startsAt: '2026-12-24T18:00:00Z', endsAt: '2026-12-24T22:00:00Z' }],
    },
  ],
  translations: {
    de: { terms: 'Ein Stempel.', fields: { hours: { label: 'Offen', value: '8 bis 18' } }, links: { menu: 'Karte' } },
  },
  poster: { isOn: true, actions: [{ kind: 'order', title: 'Order', url: 'https://tea.example/order' }] },
};

const oddTexts = [
  '', ' ', 'x', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(40), 'x'.repeat(41), 'x'.repeat(60), 'x'.repeat(201),
  ` ${'x'.repeat(24)} `, 'x'.repeat(2_001), '🎉'.repeat(13), 'محمد', 'He said "hi"', '\u0000', '\u202e',
]; // prettier-ignore
const oddAddresses = [
  'https://tea.example', 'https://tea.example/a b', 'http://tea.example', 'javascript:alert(1)', 'https://', 'https://tea', 'tea.example',
  'https://127.0.0.1/x', 'https://[::1]/', 'https://localhost', 'https://user:pw@tea.example', ' https://tea.example', 'https://tea.example ',
  'https://-tea.example', 'https://tea_.example', 'https://täe.example', 'HTTPS://TEA.EXAMPLE', 'https:\\\\tea.example', 'https:tea.example',
  'https://tea.example.', `https://tea.example/${'x'.repeat(500)}`, 'https://tea.example:99999', 'javascript:https://tea.example', 'https:///tea.example',
]; // prettier-ignore
const oddMoments = [
  '',
  'x',
  '2026-02-30T00:00:00Z',
  '2026-12-24T25:00:00Z',
  '2026-12-24T22:00:00Z',
  '2026-12-24T22:00Z',
  '2026-12-24',
];
const oddNumbers = [Number.NaN, 0, 90, 90.1, -90, 180, -180.5, Number.POSITIVE_INFINITY];
const oddColors = ['#fff', '#ffffff', '#FFFFFF', 'red', '', 'xx #ffffff', '#12345g'];

const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ maxLength: 50 }));
const field = fc.record({
  id: fc.constantFrom('a', 'b'),
  side: fc.constantFrom('front' as const, 'back' as const),
  label: text,
  value: text,
});
const address = fc.oneof(fc.constantFrom(...oddAddresses), fc.webUrl());
const moment = fc.constantFrom(...oddMoments);
const odd = fc.record({
  organizationName: text,
  logoText: text,
  terms: text,
  backgroundColor: fc.constantFrom(...oddColors),
  fields: fc.uniqueArray(field, { maxLength: 2, selector: ({ id }) => id }),
  links: fc.array(fc.record({ id: fc.constant('a'), label: text, url: address }), { maxLength: 1 }),
  places: fc.array(
    fc.record({
      id: fc.constant('a'),
      name: text,
      latitude: fc.constantFrom(...oddNumbers),
      longitude: fc.constantFrom(...oddNumbers),
      relevantText: text,
      relevantDates: fc.array(fc.record({ startsAt: moment, endsAt: moment }), { maxLength: 2 }),
    }),
    { maxLength: 1 },
  ),
  translations: fc.record({ de: fc.record({ terms: text, fields: fc.record({ a: fc.record({ label: text, value: text }) }), links: fc.record({ a: text }) }) }),
  poster: fc.record({
    isOn: fc.boolean(),
    actions: fc.array(fc.record({ kind: fc.constant('menu' as const), title: text, url: address }), { maxLength: 1 }),
  }),
}); // prettier-ignore

/** One part of the sound design is replaced by an odd one, so that each is looked at by itself. */
const oddDesign = fc
  .tuple(odd, fc.constantFrom('organizationName', 'logoText', 'terms', 'backgroundColor', 'fields', 'links', 'places', 'translations', 'poster'))
  .map(([parts, key]) => ({ ...plain, [key]: parts[key] })); // prettier-ignore

describe('the problems of a design', () => {
  it('are none for a sound one', () => {
    expect(designProblems(plain)).toEqual({});
    expect(cardDesignSchema.safeParse(plain).success).toBe(true);
  });

  it('are found wherever the schema refuses, so that what the form calls sound is always saved', () => {
    fc.assert(
      fc.property(oddDesign, (design) => {
        const { success } = newDesignSchema.safeParse(design);
        if (!success) expect(designProblems(design)).not.toEqual({});
      }),
      { numRuns: 3_000 },
    );
  });

  it('name the field and say what would be right', () => {
    const [hours] = plain.fields;
    const [menu] = plain.links;
    const [mitte] = plain.places;
    if (!hours || !menu || !mitte) throw new Error('the sound design lacks a part');
    const design: CardDesign = {
      ...plain,
      backgroundColor: '#fff',
      organizationName: ' ',
      fields: [{ ...hours, value: 'x'.repeat(41) }],
      links: [{ ...menu, url: 'javascript:alert(1)' }],
      places: [
        {
          ...mitte,
          latitude: 91,
          relevantDates: [{ startsAt: '2026-12-24T18:00:00Z', endsAt: '2026-12-24T18:00:00Z' }],
        },
      ],
    };
    expect(designProblems(design)).toEqual({
      backgroundColor: 'Enter a colour like #4b2e1e.',
      organizationName: 'Write something here.',
      'fields.0.value': 'At most 40 characters.',
      'links.0.url': 'Enter a whole web address that begins with https://.',
      'places.0.latitude': 'Enter a number from −90 to 90.',
      'places.0.relevantDates.0.endsAt': 'This must be after the start.',
    });
  });

  it('hold a text on the front as short in every language as in the first, and one on the back as long as any', () => {
    const [hours] = plain.fields;
    if (!hours) throw new Error('the sound design lacks a field');
    const designed = (side: 'front' | 'back'): CardDesign => ({
      ...plain,
      fields: [{ ...hours, side, value: '8 to 18' }],
      translations: { de: { fields: { [hours.id]: { label: 'Offen', value: 'x'.repeat(41) } } } },
    });
    const at = `translations.de.fields.${hours.id}.value`;
    expect(designProblems(designed('front'))).toEqual({ [at]: 'At most 40 characters.' });
    expect(newDesignSchema.safeParse(designed('front')).error?.issues.map(({ path }) => path.join('.'))).toEqual([at]);
    expect(cardDesignSchema.safeParse(designed('front')).success).toBe(true);
    expect(designProblems(designed('back'))).toEqual({});
    expect(newDesignSchema.safeParse(designed('back')).success).toBe(true);
  });

  it('say of a field that was just added only that it is empty', () => {
    const design: CardDesign = {
      ...plain,
      fields: [{ id: 'a', side: 'back', label: '', value: '' }],
      links: [{ id: 'a', label: '', url: '' }],
      places: [
        {
          id: 'a',
          name: '',
          latitude: Number.NaN,
          longitude: Number.NaN,
          relevantText: '',
          relevantDates: [{ startsAt: '', endsAt: '' }],
        },
      ],
    };
    const problems = designProblems(design);
    expect(Object.keys(problems)).toHaveLength(9);
    expect(Object.values(problems).filter((words) => !emptyWords.includes(words))).toEqual([]);
  });
});
