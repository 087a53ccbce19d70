/** The package rules P14 to P28 and P32 to P38: what stands in pass.json and in the strings files beside it. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import { announcedChanges, applePassProblems } from '#app/domain/cards/apple-pass-rules.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { buildPassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import { stringsFiles } from '#app/gateways/pass-strings.ts';
import { writePassDocument } from '#app/gateways/pass-document.ts';
import { languages } from '#app/domain/members/languages.ts';
import { readStrictJson, readStringsFile } from '#test/support/pass-texts.ts';
import { brokenPasses, sampleNfc } from '#test/support/broken-passes.ts';
import { samplePassJson } from '#test/support/pass-samples.ts';
import { hardNames, hardTexts, richDesign, richPassInput } from '#test/support/rich-card.ts';

const drawn = (changes: Partial<PassInput> = {}) => samplePassJson(buildPassContent(richPassInput(changes)));
const pass = drawn();
const style = pass.storeCard;

describe('pass.json', () => {
  it('breaks no rule, whatever the card shows', () => {
    const designs: Partial<CardDesign>[] = [{}, { poster: { isOn: false, actions: [] } }, { privacy: 'opaque' }];
    for (const design of designs)
      for (const changes of [{}, { isVoid: true }, { locale: 'de' }, { tier: null, news: null, rewards: [] }])
        expect(applePassProblems(drawn({ design: { ...richDesign, ...design }, ...changes }))).toEqual([]);
  });

  it.each(brokenPasses(pass))(
    '$id: is refused for $why, by the name of the field and what would be right',
    ({ change, says }) => {
      const broken: Record<string, unknown> = { ...pass, ...change };
      for (const [key, value] of Object.entries(change)) if (value === undefined) delete broken[key];
      expect(applePassProblems(pass)).toEqual([]);
      expect(applePassProblems(broken).join('; ')).toContain(says);
    },
  );

  it('P14: is UTF-8 without a byte order mark or a key that comes twice', () => {
    const bytes = writePassDocument(pass);
    expect(readStrictJson(bytes)).toEqual(pass);
    expect(() => readStrictJson(Buffer.concat([Buffer.from('\uFEFF'), bytes]))).toThrow('P14');
    expect(() => readStrictJson(Buffer.from('{"a":1,"b":{"a":2},"a":3}'))).toThrow(
      'P14: pass.json has the key a twice',
    );
    expect(() => readStrictJson(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow(/./);
    for (const nothing of [null, 'pass', [], 7]) expect(applePassProblems(nothing).join()).toContain('P14');
  });

  it('P22: names nobody: neither serial nor token follows from who the member is', () => {
    const { serialNumber, authenticationToken } = pass;
    for (const memberName of ['Ada King Lovelace', 'ada@example.com', 'Grace Hopper', null])
      expect(toApplePass(buildPassContent(richPassInput({ memberName })), pass)).toMatchObject({
        serialNumber,
        authenticationToken,
      });
    expect(applePassProblems({ ...pass, serialNumber: randomBytes(16).toString('base64url') })).toEqual([]);
  });

  it('P27: may lead with a newer barcode when a classic one follows', () => {
    const [classic] = pass.barcodes;
    expect(
      applePassProblems({ ...pass, barcodes: [{ ...classic, format: 'PKBarcodeFormatCode39' }, classic] }),
    ).toEqual([]);
  });

  it('P35: may carry NFC with the certificate for it', () => {
    expect(applePassProblems({ ...pass, nfc: sampleNfc }, { nfc: true })).toEqual([]);
  });

  it('P37: features at most two actions, those a poster has an address for', () => {
    expect(pass.featuredActions).toEqual([
      { identifier: 'action-1', type: 'order', url: 'https://shop.example/order' },
    ]);
    const place = { identifier: 'p', type: 'place', placeIdentifier: 'I1234' };
    expect(applePassProblems({ ...pass, featuredActions: [...(pass.featuredActions ?? []), place] })).toEqual([]);
  });
});

describe('one change of a card', () => {
  const changes: [string, Partial<PassInput>][] = [
    ['a stamp', { balances: [{ unit: 'stamps', balance: 15, held: 0 }, { unit: 'points', balance: 1_250, held: 0 }] }], // prettier-ignore
    ['a name', { memberName: 'Grace Hopper' }],
    ['terms, colours or texts of a new design', { designNumber: 4, design: { ...richDesign, terms: 'New terms.' } }],
    ['a tier', { tier: { name: 'Gold', next: null, qualifiesBy: { kind: 'spend' }, currency: 'EUR' } }],
    ['what expires', { expiringNext: { unit: 'points', amount: 80, lastDay: '2027-04-30' } }],
    ['what no longer expires', { expiringNext: null }],
    ['news', { news: { text: 'Closed on Monday', at: new Date('2026-11-22T09:00:00Z') } }],
    ['the end of a card', { isVoid: true }],
    ['all of it at once', { memberName: 'Grace', designNumber: 9, tier: null, expiringNext: null, news: null }],
  ];

  it.each(changes)('P25: announces %s through exactly one field', (_what, change) => {
    expect(announcedChanges(pass, drawn(change))).toEqual(['announcement']);
  });

  it('P25: announces nothing when nothing changed', () => {
    expect(announcedChanges(pass, drawn())).toEqual([]);
  });

  it('P24: says itself what is new', () => {
    const all = [pass.storeCard, pass.posterGeneric ?? style].flatMap((fields) => Object.values(fields).flat());
    expect(
      all.flatMap(({ key, changeMessage }) => (changeMessage === undefined ? [] : [[key, changeMessage]])),
    ).toEqual([
      ['announcement', '%@'],
      ['announcement', '%@'],
    ]);
  });
});

describe('the languages', () => {
  it.each(['en', 'de', 'fr', 'es', 'nl', 'pt-BR', ''])(
    'P36: of a member of locale "%s" all know the same texts',
    (locale) => {
      const tables = languages.map((language) =>
        readStringsFile(stringsFiles(richDesign, locale)[`${language}.lproj/pass.strings`] ?? Buffer.alloc(0)),
      );
      for (const table of tables) expect([...table.keys()]).toEqual([...(tables[0]?.keys() ?? [])]);
      expect(tables.flatMap((table) => [...table.values()])).not.toContain('');
    },
  );

  it('P36: translate every label and every text of the merchant that stands on the card', () => {
    const { storeCard, logoText } = drawn({ locale: 'de' });
    const table = readStringsFile(stringsFiles(richDesign, 'de')['en.lproj/pass.strings'] ?? Buffer.alloc(0));
    const labels = Object.values(storeCard).flat().flatMap(({ label }) => label ?? []); // prettier-ignore
    expect(labels).toEqual(expect.arrayContaining(['Stempel', 'Punkte', 'Nächste Prämie', 'Stufe']));
    for (const label of labels) expect([label, table.has(label)]).toEqual([label, true]);
    expect([table.get('Öffnungszeiten'), table.get('Stempel')]).toEqual(['Hours', 'Stamps']);
    expect(table.get(logoText ?? '')).toBe('Blue Door');
  });

  it('P36: keep quotes, backslashes and line ends as the merchant wrote them', () => {
    for (const text of hardTexts) {
      const design = { ...richDesign, fields: [{ id: 'hard', side: 'back' as const, label: 'Hard', value: text }] };
      const table = readStringsFile(stringsFiles(design, 'en')['de.lproj/pass.strings'] ?? Buffer.alloc(0));
      expect(table.get(text)).toBe(text);
    }
  });
});

describe('texts in any script', () => {
  const named = hardNames.map((text) => ({ text, shown: JSON.stringify(text.slice(0, 24)) }));
  it.each(named)('leave the card a card: $shown', ({ text }) => {
    const design = { ...richDesign, organizationName: `A${text.slice(0, 39)}`, logoText: text, terms: text };
    const changed = drawn({ design, memberName: text, programName: `A${text}`, news: { text, at: new Date(0) } });
    expect(applePassProblems(changed)).toEqual([]);
    expect(readStrictJson(writePassDocument(changed))).toEqual(changed);
    expect(JSON.stringify(changed)).not.toMatch(/[\u202a-\u202e]|\\u0007|\\ud83d"/);
  });
});
