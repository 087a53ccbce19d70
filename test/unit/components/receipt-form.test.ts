import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { emptyContent } from '#app/components/card/empty-content.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

type Props = Parameters<typeof CardPageView>[0];

function pageOf(language: Language, answer: Props['receipt']['answer']): string {
  const design = starterDesign('Bluebird');
  return renderToStaticMarkup(
    createElement(CardPageView, {
      language,
      platform: 'unknown',
      design,
      content: emptyContent(makeProgram([spendRule()]), design, language),
      links: { apple: null, google: null },
      standing: { units: [], tier: null, rewards: [] },
      activity: [],
      timeZone: 'UTC',
      invitation: null,
      codeUrl: '',
      receipt: { action: '/card/token', answer },
      frozenBy: null,
    }),
  );
}

describe('the receipt form on the card’s page', () => {
  test('is a plain form with a label, closed until it is wanted', () => {
    const page = pageOf('en', null);
    expect(page).toContain('<form method="post" action="/card/token">');
    expect(page).toContain('<label for="receipt-code">Code on the receipt</label>');
    expect(page).not.toMatch(/<details[^>]* open[^>]*><summary>A receipt/);
  });

  test.each(languages)('says in %s what became of a code', (language) => {
    const { receiptAnswers } = shopperPhrases[language];
    for (const answer of ['claimed', 'expired', 'taken', 'unknown', 'too-many'] as const) {
      const page = pageOf(language, answer);
      expect(page).toContain(receiptAnswers[answer].replaceAll("'", '&#x27;'));
      expect(page.includes('aria-invalid="true"')).toBe(answer !== 'claimed');
    }
    expect(new Set(Object.values(receiptAnswers)).size).toBe(5);
  });

  test('speaks to a shopper as the rest of the page does: du, tú, je', () => {
    const formal = {
      de: /\b(?:Ihr|Ihre[mnrs]?|Ihnen)\b|\w+en Sie\b/,
      es: /\b(?:su|Escriba|Espere)\b/,
      nl: /\bu(?:w)?\b/,
    };
    for (const language of ['de', 'es', 'nl'] as const) {
      const { receipt, receiptHint, receiptAnswers } = shopperPhrases[language];
      expect([receipt, receiptHint, ...Object.values(receiptAnswers)].join(' ')).not.toMatch(formal[language]);
    }
  });
});
