import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';

import { emptyContent } from '#app/components/card/empty-content.ts';
import { CardStanding, type ShownStanding } from '#app/components/shopper/card-standing.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

const standing: ShownStanding = {
  units: [
    { unit: 'points', kind: 'point', label: 'Points', available: 1_200, pending: 30, collected: 2_000, card: null },
    { unit: 'stamps', kind: 'stamp', label: 'Stamps', available: 7, pending: 0, collected: 27, card: { onCard: 7 } },
  ],
  tier: { name: 'Silver', progress: 0.456, next: { name: 'Gold', missing: '80 Points', missingOrders: null } },
  rewards: [
    { rewardId: 'a', name: 'Mug', unit: 'points', cost: 500, reason: null, timesReady: 2 },
    { rewardId: 'b', name: 'Coffee', unit: 'stamps', cost: 10, reason: 'not-enough', timesReady: 0 },
    { rewardId: 'c', name: 'Beans', unit: 'points', cost: 100, reason: 'stock', timesReady: 1 },
    { rewardId: 'd', name: 'Muffin', unit: 'stamps', cost: 0, reason: 'not-enough', timesReady: 0 },
  ],
};

function pageOf(part: Partial<ShownStanding> = {}, content: Partial<PassContent> = {}, language: Language = 'en') {
  const base = emptyContent(makeProgram([spendRule()]), starterDesign('Bluebird'), language);
  const props = { content: { ...base, ...content }, standing: { ...standing, ...part }, language };
  const markup = renderToStaticMarkup(createElement(CardStanding, { ...props, phrases: shopperPhrases[language] }));
  return { markup, text: markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ') };
}

describe('where a shopper stands, on the card’s page', () => {
  test('tells what can be used, what is pending, and what is collected and on the card', () => {
    const { text } = pageOf();
    expect(text).toContain('Points 30 pending 1,200 to use now');
    expect(text).toContain('Stamps 27 collected, 7 on the card 7 to use now');
  });

  test('tells the tier and the way to the next, drawn and in words', () => {
    const { markup, text } = pageOf();
    expect(text).toContain('Your tier: Silver');
    expect(markup).toContain('<progress max="100" value="45" aria-label="80 Points to Gold">');
    const byOrders = pageOf({
      tier: { name: null, progress: 0, next: { name: 'Gold', missing: null, missingOrders: 3 } },
    });
    expect(byOrders.text).toContain('3 orders to Gold');
    expect(byOrders.text).not.toContain('Your tier');
  });

  test('tells of each reward whether it can be had, and why not', () => {
    const { markup, text } = pageOf();
    expect(text).toContain('2 × Mug Ready for you');
    expect(text).toContain('Coffee 3 stamps to go');
    expect(markup).toContain('<progress max="10" value="7" aria-label="Coffee">');
    expect(pageOf({}, {}, 'de').text).toContain('Coffee noch 3 Stempel');
    expect(text).toContain('Beans all gone');
    expect(text).toContain('Muffin not available right now');
  });

  test('tells what ends next', () => {
    const expiringNext = { unit: 'points', amount: 120, label: 'Points', lastDay: '2027-03-19' };
    expect(pageOf({}, { expiringNext }).text).toContain('120 Points');
    expect(pageOf().text).not.toContain('120 Points');
  });

  test('says nothing of a card that is void', () => {
    expect(pageOf({}, { isVoid: true }).markup).toBe('');
  });

  test.each(languages)('needs no scripts, and speaks %s', (language) => {
    const { markup } = pageOf({}, {}, language);
    expect(markup).not.toMatch(/<script|onclick/);
    expect(markup).toContain(shopperPhrases[language].refusals.stock.replaceAll("'", '&#x27;'));
  });
});
