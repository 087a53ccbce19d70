import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, isolated, lineOfText } from '#app/domain/cards/card-text.ts';
import { textTables } from '#app/domain/cards/card-texts.ts';
import { passStringsProblems } from '#app/domain/cards/pass-strings-rules.ts';
import { languages } from '#app/domain/members/languages.ts';
import { richDesign } from '#test/support/rich-card.ts';

/** Halves of characters among them. */
const anyCharacter = fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code));

describe('a text from outside', () => {
  it('loses controls and marks that turn the writing, and nothing else', () => {
    expect(cleanText('a\u0000b\u202ec\u2029d')).toBe('abcd');
    expect(cleanText('first\r\nsecond')).toBe('first\nsecond');
    for (const text of ['👩‍👩‍👧‍👦 ok', 'שלום', 'Ünï', 'प्रेम', '"quoted" \\ text']) expect(cleanText(text)).toBe(text);
  });

  it('becomes one line of whole characters, however it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (text, lengthMax) => {
          const line = lineOfText(text, lengthMax);
          expect(line).not.toMatch(/\p{Cc}/u);
          expect(line.isWellFormed()).toBe(true);
          expect([...new Intl.Segmenter().segment(line)].length).toBeLessThanOrEqual(lengthMax);
          expect(lineOfText(line, lengthMax)).toBe(line);
        },
      ),
    );
  });

  it('is cut between people, not inside a family', () => {
    expect(lineOfText('👩‍👩‍👧‍👦'.repeat(5), 3)).toBe('👩‍👩‍👧‍👦👩‍👩‍👧‍👦…');
    expect(lineOfText(`e${'\u0301'.repeat(5_000)}`, 10).length).toBeLessThan(200);
  });

  it('is kept apart only where its direction could spill over', () => {
    expect(isolated('Ada')).toBe('Ada');
    expect(isolated('قهوة')).toBe('\u2068قهوة\u2069');
  });
});

describe('the tables of a card', () => {
  it('translate every text from the member’s language, their own into itself', () => {
    const tables = textTables(richDesign, 'de');
    expect(tables.fr.get('Nächste Prämie')).toBe('Prochaine récompense');
    expect(tables.de.get('Nächste Prämie')).toBe('Nächste Prämie');
    expect(tables.en.get('Karte & Preise')).toBe('Menu & prices');
    expect([tables.fr.get('Stempel'), tables.nl.get('Punkte')]).toEqual(['Tampons', 'Punten']);
  });

  it('leave alone a text that another language has two words for', () => {
    const fields = ['one', 'two'].map((id) => ({ id, side: 'back' as const, label: 'Open', value: `value ${id}` }));
    const translated = { one: { label: 'Geöffnet', value: 'a' }, two: { label: 'Öffnen', value: 'b' } };
    const tables = textTables({ ...richDesign, fields, translations: { de: { fields: translated } } }, 'en');
    for (const language of languages) expect(tables[language].has('Open')).toBe(false);
    expect(tables.de.get('value one')).toBe('a');
  });

  it('P36: are found wanting when one language lacks a text, or has one that cannot be written', () => {
    const tables = textTables(richDesign, 'en');
    expect(passStringsProblems(tables)).toEqual([]);
    const french = new Map(tables.fr);
    french.delete('Terms');
    french.set('Member', 'a\u0000b');
    expect(passStringsProblems({ ...tables, fr: french })).toEqual([
      'fr/Member: P36: must be whole characters, without control characters',
      'fr/Terms: P36: must be translated, as in the other languages',
    ]);
  });
});
