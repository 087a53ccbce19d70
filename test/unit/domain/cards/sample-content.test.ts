import { describe, expect, it } from 'vitest';

import { storeCardFields } from '#app/domain/cards/apple-fields.ts';
import { plainSample, sampleContent, trialCards } from '#app/domain/cards/sample-content.ts';
import { languages } from '#app/domain/members/languages.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { sampleDesign } from '#test/support/pass-samples.ts';

const document = defaultProgram({ shopName: 'Blue Door', currency: 'EUR' });
const levels = ['Bronze', 'Silver', 'Gold'].map((name, index) => ({
  id: name.toLowerCase(),
  name,
  threshold: 100 * (index + 1),
}));
const tiered: ProgramDocument = {
  ...document,
  tiers: { qualifiesBy: { kind: 'spend' }, window: { kind: 'lifetime' }, graceDays: 0, levels },
};

const frontOf = (share: number, shown = tiered) => {
  const { headerFields, primaryFields, secondaryFields, auxiliaryFields } = storeCardFields(
    sampleContent(shown, sampleDesign, { ...plainSample, share }),
  );
  return [...headerFields, ...primaryFields, ...secondaryFields, ...auxiliaryFields];
};

describe('the card of nobody', () => {
  it('has a tier where the program has tiers, as every member’s will, and the highest when it is full', () => {
    const tierOf = (share: number) => frontOf(share).find(({ key }) => key === 'tier')?.value;
    expect([0, 0.3, 0.6, 1].map(tierOf)).toEqual([undefined, 'Bronze', 'Silver', 'Gold']);
    expect(frontOf(1, document).map(({ key }) => key)).not.toContain('tier');
  });

  it('speaks the language of whoever would carry it', () => {
    const spoken = languages.map((language) => {
      const { stamps, points } = sampleContent(document, sampleDesign, { ...plainSample, language });
      return [stamps?.label, points[0]?.label];
    });
    expect(spoken).toEqual([
      ['Stamps', 'Points'],
      ['Stempel', 'Punkte'],
      ['Tampons', 'Points'],
      ['Sellos', 'Puntos'],
      ['Stempels', 'Punten'],
    ]);
  });

  it('is tried in every language and state, with every tier, before a member carries the design', () => {
    const contents = trialCards({ cardUrl: 'https://x.example/c', barcodeValue: 'L1.x.y' }).map(({ card }) =>
      sampleContent(tiered, sampleDesign, card),
    );
    expect(contents).toHaveLength(languages.length * 4);
    expect(new Set(contents.map(({ tier }) => tier?.name ?? null))).toEqual(new Set([null, 'Silver', 'Gold']));
  });
});
