/** A design is tried before any card carries it, and what is sealed for the trial is read back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { plainSample, sampleContent, trialCards } from '#app/domain/cards/sample-content.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { languages } from '#app/domain/members/languages.ts';
import { type AppleIssuer, appleIssuerOf, closeAppleIssuers } from '#app/gateways/apple-issuers.ts';
import { sealApplePass } from '#app/gateways/apple-pass.ts';
import { tryDesign } from '#app/gateways/design-trial.ts';
import { sealedPassProblems } from '#app/gateways/pass-verifier.ts';
import { newSerial } from '#app/lib/ids.ts';
import { makeDocument } from '#test/support/factories.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let issuer: AppleIssuer;
beforeAll(async () => {
  wallets = await startWallets();
  issuer = appleIssuerOf(null);
});
afterAll(async () => {
  await closeAppleIssuers();
  await wallets.close();
});

const document = makeDocument();
const design = starterDesign('Blue Door');
const brokenImage = 'b'.repeat(64);
const readImage = async (hash: string) => (hash === brokenImage ? Buffer.from('no picture') : null);

describe('the trial of a design', () => {
  it('goes through every language on a new, a used, a full and a void card', () => {
    const cards = trialCards({ cardUrl: '', barcodeValue: '' });
    for (const language of languages) {
      const own = cards.filter(({ card }) => card.language === language);
      expect(own.map(({ card }) => [card.share, card.isVoid])).toEqual([
        [0, false],
        [0.4, false],
        [1, false],
        [0.4, true],
      ]);
    }
  });

  it.each([
    ['a plain one', {}],
    ['one with every text as long as it may be, in quotes and other scripts', {
      organizationName: '"東京" '.repeat(7).slice(0, 40),
      logoText: 'שלום'.repeat(6),
      terms: '\\"\n'.repeat(500),
      fields: Array.from({ length: 6 }, (_, index) => ({ id: `f${index}`, side: index < 2 ? 'front' as const : 'back' as const, label: 'W'.repeat(24), value: '茶'.repeat(40) })),
      links: [{ id: 'l', label: '<b>&"', url: 'https://tea.example/?a=1&b="2"' }],
      poster: { isOn: true, actions: [{ kind: 'order' as const, title: 'Order', url: 'https://tea.example' }] },
    }],
    ['one whose colours nobody could read', { foregroundColor: '#0f4c43', labelColor: '#0f4c43' }],
  ] satisfies [string, Partial<CardDesign>][])('lets %s through, sealed and unsealed', async (_, changes) => {
    const tried = { document, design: { ...design, ...changes }, readImage };
    expect(await tryDesign({ ...tried, issuer })).toEqual([]);
    expect(await tryDesign({ ...tried, issuer: null })).toEqual([]);
  }); // prettier-ignore

  it('says on which cards a design fails', async () => {
    const problems = await tryDesign({ document, design: { ...design, logoImage: brokenImage }, readImage, issuer });
    expect(problems).toHaveLength(4 * languages.length);
    expect(problems[0]).toBe('new card in en: its pictures cannot be drawn');
  });
});

describe('reading a sealed pass back', () => {
  const seal = () =>
    sealApplePass({
      issuer,
      serial: newSerial(),
      token: 't'.repeat(43),
      content: sampleContent(document, design, {
        ...plainSample,
        cardUrl: 'https://x.example',
        barcodeValue: 'L1.A.B',
      }),
      design,
      readImage,
    });
  const problemsOf = (body: Buffer) => sealedPassProblems(body, issuer.passTypeIdentifier);

  it('finds nothing wrong with what we seal', async () => {
    expect(problemsOf(await seal())).toEqual([]);
  });

  it('finds a changed byte in the pass, in a picture, in the manifest and in the signature', async () => {
    const body = await seal();
    const changedAt = (text: string | Buffer, shift = 0) => {
      const copy = Buffer.from(body);
      const at = copy.indexOf(text) + shift;
      expect(at).toBeGreaterThan(0);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    expect(problemsOf(changedAt('"serialNumber"', 20))).toEqual(['pass.json differs from the manifest']);
    expect(problemsOf(changedAt(Buffer.from('IDAT'), 8))[0]).toMatch(/\.png differs from the manifest$/);
    expect(problemsOf(changedAt('"icon.png":"', 14))).toContain('the signature is of another manifest');
    const signature = body.indexOf(Buffer.from('signature'));
    const end = body.readUInt32LE(body.length - 6);
    expect(signature).toBeLessThan(end);
    const broken = Buffer.from(body);
    broken.writeUInt8(broken.readUInt8(end - 5) ^ 1, end - 5);
    expect(problemsOf(broken)).toEqual(['the signature does not verify']);
  });

  it('finds the signature of another pass type, and what is no archive at all', async () => {
    expect(sealedPassProblems(await seal(), 'pass.com.example.other')).toEqual([
      'the signature carries no certificate of this pass type',
    ]);
    expect(problemsOf(Buffer.from('hello'))).toEqual(['it cannot be read back']);
    expect(problemsOf(Buffer.alloc(0))).toEqual(['it cannot be read back']);
  });
});
