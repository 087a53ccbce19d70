import { describe, expect, it } from 'vitest';

import { languages } from '#app/domain/members/languages.ts';
import { describeOffer } from '#app/domain/programs/offer-sentences.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { describeProgram } from '#app/domain/programs/program-sentences.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

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

/** Each part of the program by its title. */
function sectionsOf(described: ProgramDocument): Record<string, string[]> {
  return Object.fromEntries(
    describeProgram(described, 'EUR').map(({ title, sentences }) => [title, sentences.map(({ text }) => text)]),
  );
}

describe('a program in sentences', () => {
  it('says what earns, what it buys and how it ages', () => {
    expect(sectionsOf(document)).toEqual({
      Earning: [
        '1 stamp for every paid order, only at the till or online.',
        '2 stamps for every item of 1 chosen product.',
        '1 Beans for every €1.50 spent.',
      ],
      Cards: ['10 stamps fill a card; what is over goes onto the next.', 'Beans are collected and spent one by one.'],
      Rewards: ['Free coffee for 10 stamps: A coffee.', 'Less for 1,000 Beans: 10 % off an order.'],
      'Expiry and refunds': [
        'What members collect expires 1 month after they earned it. The card says so 30 days before.',
        'What members earn can be spent at once.',
        'When a refund takes back what was already spent, the balance goes below zero and the next orders repay it.',
        'What was spent on an order that is refunded comes back in proportion to the money paid back. What has expired by then is good for 14 more days.',
        'What was paid counts after discounts, without tax and shipping; gift cards count as money.',
      ],
    });
  });

  it('leaves out no condition, limit, campaign, tier, collection or referral', () => {
    const sections = sectionsOf(everythingProgram);
    expect(sections['Earning']).toEqual([
      '3 Beans for every €1.00 spent on 2 collections and the vendor “Acme”, rounded up, except products tagged “sale”, only online, in 1 market, paid in EUR or CHF, on Mondays or Tuesdays, between 07:30 and 10:00, for members tagged “vip”, for members in 1 segment, for members with Gold, on the first order only, from €10.00 on, at most 50 an order, 100 a day and 500 for each member, again after 24 hours.',
      '20 Beans for a birthday.',
      '5 Beans for “app-opened”.',
    ]);
    expect(sections['Campaigns']).toEqual([
      '“Double week”: 2 times as many by every rule, from 1 Dec 2026, 00:00 until 8 Dec 2026, 00:00.',
      '“Half more”: 4/3 times as many by 1 rule, from 1 Dec 2026, 00:00 until 8 Dec 2026, 18:30.',
    ]);
    expect(sections['Tiers']).toEqual([
      'Silver from €100.00 spent within 12 months, kept 30 days longer.',
      'Gold from €500.00 spent within 12 months, kept 30 days longer; gives 1.5 times as many.',
    ]);
    expect(sections['Collections']).toEqual(['“Breakfast”: any 1 of Coffees or Cakes.']);
    expect(sections['Rewards']).toEqual([
      'Cookie at stamp 5 of each card of Coffees: free shipping.',
      'Brunch for completing “Breakfast”: €5.00 of store credit, at most 1 for each member, at most 2 in 30 days, 100 in all, only for Gold, only online, at 1 location, from 1 Dec 2026, 00:00, until 8 Dec 2026, 00:00.',
    ]);
    expect(sections['Friends']).toEqual([
      'A friend gets 50 Beans and the member who brought them gets 100 Beans once the first order of at least €20.00 has stood for 14 days; for at most 10 friends.',
    ]);
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
