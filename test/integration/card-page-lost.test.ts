/** The card's page for somebody who lost the phone, and for links that open nothing any more; all of it without scripts. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import { freezePhrases } from '#app/components/shopper/freeze-phrases.ts';
import { languages } from '#app/domain/members/languages.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { action, loader } from '#app/routes/card.$token.tsx';
import { signUpLimits } from '#app/web/sign-up-limits.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { cardAuditOf, tokenOf } from '#test/support/lost-cards.ts';

let system: TestSystem;
let shop: TestShop;
let memberId: string;
let cardUrl: string;

beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  shop = await makeShop();
});
afterAll(() => system.close());
beforeEach(async () => {
  ({ memberId, cardUrl } = await makeMember(shop));
});
afterEach(() => setClockOffsetMs(0));

const twoYearsMs = 25 * 31 * 24 * 3_600_000;

async function open(url = cardUrl, acceptLanguage = 'en') {
  const token = tokenOf(url);
  const request = new Request(`http://localhost/card/${token}`, { headers: { 'accept-language': acceptLanguage } });
  return loader({ request, params: { token }, context: { clientAddress: '' } });
}

async function pageHtml(): Promise<string> {
  const { receiptAction, ...page } = await open();
  return renderToStaticMarkup(
    createElement(CardPageView, { ...page, receipt: { action: receiptAction, answer: null } }),
  );
}

/** Sends the form and answers where it leads, or with what it is refused. */
async function send(intent: string, url = cardUrl): Promise<{ status: number; location: string | null }> {
  const token = tokenOf(url);
  const request = new Request(`http://localhost/card/${token}`, {
    method: 'POST',
    body: new URLSearchParams({ intent }),
  });
  const asked = { request, params: { token }, context: { clientAddress: '203.0.113.9' } };
  const answer: unknown = await action(asked as unknown as Parameters<typeof action>[0]).catch(
    (thrown: unknown) => thrown,
  );
  if (!(answer instanceof Response)) throw new Error('the form was not answered by a response');
  return { status: answer.status, location: answer.headers.get('location') };
}

async function refusalOf(url: string, language = 'en'): Promise<unknown> {
  const refused: unknown = await open(url, language).catch((thrown: unknown) => thrown);
  if (!(refused instanceof Response)) throw new Error('the page opened');
  expect(refused.status).toBe(403);
  expect(refused.headers.get('cache-control')).toContain('no-store');
  return refused.json();
}

describe('a shopper who lost the phone', () => {
  it('freezes the card with a plain form, sees that it is, and unfreezes it', async () => {
    expect(await pageHtml()).toContain('name="intent" value="freeze"');
    expect(await send('freeze')).toEqual({ status: 303, location: `/card/${tokenOf(cardUrl)}` });
    const frozen = await pageHtml();
    expect(frozen).toContain(freezePhrases.en.frozenTitle);
    expect(frozen).toContain('name="intent" value="unfreeze"');
    expect(frozen).not.toContain('value="freeze"');
    expect((await send('freeze')).status).toBe(303);
    expect((await send('unfreeze')).status).toBe(303);
    expect(await pageHtml()).not.toContain(freezePhrases.en.frozenTitle);
    expect(await cardAuditOf(system, memberId)).toEqual(['card.freeze by shopper: member', 'card.unfreeze by shopper: member']); // prettier-ignore
  });

  it('is sent to the till when it was the shop who froze it', async () => {
    await freezeCard({ shopId: shop.shopId, memberId, by: 'staff', actor: 'staff:1' });
    const page = await pageHtml();
    expect(page).toContain(freezePhrases.en.frozenByShop);
    expect(page).not.toContain('name="intent"');
    await send('unfreeze');
    expect(await pageHtml()).toContain(freezePhrases.en.frozenByShop);
  });

  it('cannot do so with a link that is not genuine, and not without end', async () => {
    const forged = cardUrl.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    expect((await send('freeze', forged)).status).toBe(403);
    for (let time = 0; time < signUpLimits.receiptsPerCard.points; time += 1) await send('freeze');
    expect((await send('freeze')).status).toBe(429);
  });
});

describe('a link that opens nothing any more', () => {
  it.each(languages)('says what to do, in %s', async (language) => {
    const forged = cardUrl.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    expect(await refusalOf(forged, language)).toEqual({ refusal: 'link-invalid', language });
    const { cardUrl: newUrl } = await reissueCard({ shopId: shop.shopId, memberId, actor: 'staff:1', ifGeneration: 0 });
    expect(await refusalOf(cardUrl, language)).toEqual({ refusal: 'link-replaced', language });
    setClockOffsetMs(twoYearsMs);
    expect(await refusalOf(newUrl, language)).toEqual({ refusal: 'link-expired', language });
    for (const words of Object.values(freezePhrases[language])) expect(words.length).toBeGreaterThan(5);
  });
});
