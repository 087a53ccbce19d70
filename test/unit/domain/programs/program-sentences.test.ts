import { describe, expect, it } from 'vitest';

import { languages } from '#app/domain/members/languages.ts';
import { describeOffer } from '#app/domain/programs/offer-sentences.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { countedUnit, describeProgram } from '#app/domain/programs/program-sentences.ts';

const document: ProgramDocument = {
  ...plainProgram,
  name: 'Rewards',
  units: [
    { kind: 'stamp', id: 'stamp', label: 'Stamps', stampsNeeded: 10 },
    { kind: 'point', id: 'point', label: 'Beans' },
  ],
  earnRules: [
    { kind: 'visit', id: 'a', unit: 'stamp', amount: 1, conditions: { channels: ['pos', 'online'] } },
    { kind: 'item', id: 'b', unit: 'stamp', amount: 2, conditions: { productIds: ['1'] } },
    {
      kind: 'spend',
      id: 'c',
      unit: 'point',
      rates: [{ currency: 'EUR', amount: 1, perMinor: 150 }],
      rounding: 'floor',
      conditions: {},
    },
  ],
  rewards: [
    { id: 'r', name: 'Free coffee', unit: 'stamp', cost: 10, benefit: { kind: 'custom', instructions: 'A coffee.' } },
    { id: 's', name: 'Less', unit: 'point', cost: 1_000, benefit: { kind: 'percent-off', percent: 10 } },
  ],
  settings: {
    ...plainProgram.settings,
    earnsOnTax: false,
    debtPolicy: 'carry',
    expiry: { mode: 'rolling', months: 1 },
  },
};

describe('a program in sentences', () => {
  it('says what earns, what it buys and how it ages', () => {
    expect(describeProgram(document)).toEqual({
      earning: [
        '1 stamp for every paid order, only at the till or online.',
        '2 stamps for every item of 1 chosen product.',
        '1 Beans for every €1.50 spent.',
      ],
      rewards: ['Free coffee for 10 stamps: A coffee.', 'Less for 1,000 Beans: 10 % off an order.'],
      aging: 'What members collect expires 1 month after they earned it.',
    });
  });

  it('keeps a merchant’s own word and counts the plain ones', () => {
    expect(countedUnit(1, { kind: 'stamp', label: 'Stamps' })).toBe('1 stamp');
    expect(countedUnit(2, { kind: 'point', label: 'points' })).toBe('2 points');
    expect(countedUnit(1, { kind: 'point', label: 'Beans' })).toBe('1 Beans');
  });
});

describe('an offer for shoppers', () => {
  it('is written in their language, with money as they write it', () => {
    const { earning, rewards } = describeOffer({ document, currency: 'EUR', language: 'de' });
    expect(earning.map((sentence) => sentence.replaceAll('\u00A0', ' '))).toEqual([
      '1 Stempel für jeden Besuch',
      '2 Stempel für jeden teilnehmenden Artikel',
      '1 Beans je 1,50 €',
    ]);
    expect(rewards).toEqual(['Free coffee für 10 Stempel', 'Less für 1.000 Beans']);
  });

  it.each(languages)('has a sentence for every rule and reward in %s', (language) => {
    const { earning, rewards } = describeOffer({ document, currency: 'EUR', language });
    expect(new Set([...earning, ...rewards]).size).toBe(5);
  });
});
