import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';

import { emptyContent } from '#app/components/card/empty-content.ts';
import { JoinView } from '#app/components/shopper/join-view.tsx';
import { type CardDesign, cardDesignSchema } from '#app/domain/cards/card-design.ts';
import { storeCardFields } from '#app/domain/cards/apple-fields.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

const design: CardDesign = {
  ...starterDesign('Bluebird'),
  links: [
    { id: 'terms', label: 'Our terms', url: 'https://bluebird.example/terms', isForJoining: true },
    { id: 'menu', label: 'The menu', url: 'https://bluebird.example/menu' },
  ],
  translations: { de: { links: { terms: 'Unsere Bedingungen' } } },
};

function joinPageIn(language: Language): string {
  return renderToStaticMarkup(
    createElement(JoinView, {
      language,
      slug: 'bluebird',
      location: null,
      content: emptyContent(makeProgram([spendRule()]), design, language),
      design,
      offer: { earning: [], rewards: [] },
      wording: consentWordingFor(language, 'Bluebird'),
      hasBirthdays: false,
      invite: null,
      entries: { email: '', firstName: '', birthday: { day: '', month: '' }, program: false, marketing: false },
      problems: [],
    }),
  );
}

describe('a shop’s own terms', () => {
  it('C13 are linked where people join, in their language, and no other link of the card is', () => {
    const link = (words: string) => new RegExp(`<a href="https://bluebird.example/terms"[^>]*>${words}</a>`);
    expect(joinPageIn('en')).toMatch(link('Our terms'));
    expect(joinPageIn('de')).toMatch(link('Unsere Bedingungen'));
    expect(joinPageIn('en')).not.toContain('The menu');
  });

  it('C13 are linked on the back of the card', () => {
    const { backFields } = storeCardFields(emptyContent(makeProgram([spendRule()]), design, 'de'));
    expect(backFields).toContainEqual(
      expect.objectContaining({ label: 'Unsere Bedingungen', value: 'https://bluebird.example/terms' }),
    );
  });

  it('C13 are an address of the web by https, and nothing else', () => {
    const [terms] = design.links;
    for (const [url, isGood] of [
      ['https://bluebird.example/terms', true],
      ['http://bluebird.example/terms', false],
      ['javascript:alert(1)', false],
    ] as const)
      expect([url, cardDesignSchema.safeParse({ ...design, links: [{ ...terms, url }] }).success]).toEqual([
        url,
        isGood,
      ]);
  });
});
