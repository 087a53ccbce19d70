/** The preferences page of a shopper, by its link and its forms, without scripts. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { JoinView } from '#app/components/shopper/join-view.tsx';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { PreferencesView } from '#app/components/shopper/preferences/preferences-view.tsx';
import { writeAccessSettings } from '#app/data/access/access-settings.ts';
import { codeOf } from '#app/data/members/mail-requests.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { writeProvenAddress } from '#app/data/members/proven-addresses.ts';
import { listOpenReports } from '#app/data/members/activity-reports.ts';
import { readConsents } from '#app/data/privacy/chains.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { languages } from '#app/domain/members/languages.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { confirmAddress } from '#app/flows/privacy/confirm-address.ts';
import { sendMemberMail } from '#app/flows/privacy/send-member-mail.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { cardPage } from '#app/queries/card-page.ts';
import { loader as joinLoader } from '#app/routes/join.$programSlug.tsx';
import { action, loader } from '#app/routes/preferences.$token.tsx';
import { loader as dataLoader } from '#app/routes/preferences.$token.data.tsx';
import { startMail, type MailPlatform } from '#test/platform/mail.ts';
import {
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { mailsWaiting } from '#test/support/member-mails.ts';

let system: TestSystem;
let mail: MailPlatform;
let shop: TestShop;
let memberId: MemberId;
let token: string;
const email = 'paula.canary@example.com';

beforeAll(async () => {
  mail = await startMail();
  process.env['SMTP_URL'] = mail.url;
  system = await openTestSystem('stampwell_web');
});
afterAll(async () => {
  await system.close();
  await mail.close();
});
beforeEach(async () => {
  shop = await makeShop();
  const made = await makeMember(shop, { email });
  memberId = made.memberId;
  const { content } = await cardPage(made.cardUrl.split('/').at(-1) ?? '');
  token = (content.preferencesUrl ?? '').split('/preferences/')[1] ?? '';
  mail.mails.length = 0;
});
afterEach(() => setClockOffsetMs(0));

type LoaderArguments = Parameters<typeof loader>[0];
const asked = (request: Request, of = token) =>
  ({ request, params: { token: of }, context: { clientAddress: '198.51.100.77' } }) as unknown as LoaderArguments;

async function open(query = '', of = token) {
  const { page } = await loader(asked(new Request(`http://localhost/preferences/${of}${query}`), of));
  if (page === null) throw new Error('there is no page');
  return page;
}
const htmlOf = async (query = '') => renderToStaticMarkup(createElement(PreferencesView, await open(query)));

/** Sends a form and answers where it leads: the query behind the page's address. */
async function send(fields: Record<string, string>): Promise<URLSearchParams> {
  const request = new Request('http://localhost/', { method: 'POST', body: new URLSearchParams(fields) });
  const answer: unknown = await action(asked(request)).catch((thrown: unknown) => thrown);
  if (!(answer instanceof Response)) throw answer;
  if (answer.status !== 303) throw new Error(`the form was answered with ${answer.status}`);
  return new URL(answer.headers.get('location') ?? '', 'http://localhost').searchParams;
}
const saidTo = async (fields: Record<string, string>) => (await send(fields)).get('said');
const wordingOf = async () => (await open()).wording.version;
const prove = (address = email) =>
  withShop(shop.shopId, (tx) => writeProvenAddress(tx, memberId, { email: address, at: new Date() }));

async function newestMail(): Promise<{ requestId: string; text: string; to: string }> {
  const waiting = await mailsWaiting(system, shop);
  for (const requestId of waiting) await sendMemberMail({ shopId: shop.shopId, requestId });
  const sent = mail.mails.at(-1);
  return { requestId: waiting.at(-1) ?? '', text: sent?.text ?? '', to: sent?.to ?? '' };
}
const codeIn = (text: string) => (/\b(\d{3}) (\d{3})\b/.exec(text) ?? []).slice(1).join('');
const download = async (query: string, of = token) => {
  const request = new Request(`http://localhost/preferences/${of}/data?${query}`);
  const answer: unknown = await dataLoader(asked(request, of)).catch((thrown: unknown) => thrown);
  if (!(answer instanceof Response)) throw answer;
  return { status: answer.status, text: await answer.text() };
};

describe('the preferences page', () => {
  it('F34 F06 opens by the link on the card, nothing ticked that was not ticked, in five languages, without a script', async () => {
    const page = await open();
    for (const language of languages) {
      const html = renderToStaticMarkup(createElement(PreferencesView, { ...page, language }));
      expect(html).toContain(preferencePhrases[language].consentsHint);
      expect(html).not.toContain('<script');
      expect(html.match(/checked=""/g)).toHaveLength(1);
    }
    expect(Object.keys(preferencePhrases)).toHaveLength(5);
  });

  it('W16 refuses a link with any changed character, and the link of the card itself', async () => {
    const { cardUrl } = await open();
    const refused = [
      cardUrl.split('/').at(-1) ?? '',
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      'x',
      '',
    ];
    for (const other of refused) await expect(open('', other)).rejects.toMatchObject({ status: 403 });
    setClockOffsetMs(800 * 86_400_000);
    await expect(open()).rejects.toMatchObject({ status: 403 });
  });

  it('F06 F34 keeps each purpose and channel apart, and takes back what is unticked', async () => {
    const wording = await wordingOf();
    expect(await saidTo({ intent: 'consents', wording, 'program:wallet': 'yes', 'marketing:wallet': 'yes' })).toBe(
      'saved',
    );
    const given = async () =>
      (await withShop(shop.shopId, (tx) => readConsents(tx, memberId)))
        .filter(({ granted }) => granted)
        .map(({ purpose, channel }) => `${purpose}:${channel}`);
    expect((await given()).toSorted()).toEqual(['marketing:wallet', 'program:wallet']);
    expect(await saidTo({ intent: 'consents', wording, 'analytics:email': 'yes' })).toBe('saved');
    expect(await given()).toEqual(['analytics:email']);
    expect(await saidTo({ intent: 'consents', wording: 'old', 'program:wallet': 'yes' })).toBe('changed-meanwhile');
    expect(await saidTo({ intent: 'consents', wording, 'program:sms': 'yes' })).toBe('changed-meanwhile');
    expect(await given()).toEqual(['analytics:email']);
  });

  it('F36 shows what happened with the card, freezes it at once, and unfreezes it', async () => {
    await send({ intent: 'freeze' });
    const frozen = await htmlOf();
    expect(frozen).toContain('Card frozen');
    expect(frozen).toContain('This card is frozen');
    await send({ intent: 'unfreeze' });
    expect((await open()).activity.map(({ kind }) => kind)).toEqual(['unfrozen', 'frozen', 'joined']);
  });

  it('F35 takes a report on every line, once, and brings it to the shop', async () => {
    await adjustBalance({
      shopId: shop.shopId,
      memberId,
      unit: 'points',
      amount: 5,
      reason: 'goodwill',
      source: 'staff',
      actor: 'staff:1',
      idempotencyKey: 'a',
    });
    const { activity, entries } = await open();
    const subjects = [...activity, ...entries].map(({ subject }) => subject);
    expect(subjects).toHaveLength(3);
    for (const subject of [...subjects, ...subjects])
      expect(await saidTo({ intent: 'report', subject })).toBe('reported');
    const reports = await withShop(shop.shopId, (tx) => listOpenReports(tx, 10));
    expect(reports.map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted());
    expect((await htmlOf()).match(/>reported</g)).toHaveLength(3);
    await expect(send({ intent: 'report', subject: '<b>' })).rejects.toThrow('422');
  });

  it('K01 shows no address in the clear, and none of it in a link', async () => {
    const html = await htmlOf();
    expect(html).not.toContain('paula');
    expect(html).toContain('p•••@e•••.com');
  });
});

it('K06 the form to join asks by default for an e-mail address alone; a first name is offered, and nothing else', async () => {
  const request = new Request(`http://localhost/join/${shop.slug}`);
  const found = await joinLoader({
    request,
    params: { programSlug: shop.slug },
    context: {},
  } as unknown as LoaderArguments);
  const entries = { email: '', firstName: '', birthday: { day: '', month: '' }, program: false, marketing: false };
  const html = renderToStaticMarkup(createElement(JoinView, { ...found, entries, problems: [] }));
  const inputs = html.match(/<(?:input|select|textarea)\b[^>]*>/g) ?? [];
  const names = (tags: string[]) => tags.map((tag) => /name="([^"]*)"/.exec(tag)?.[1]);
  // `website` is the trap that people do not see, `wording` the version of the words they read.
  expect(names(inputs)).toEqual(['wording', 'email', 'firstName', 'website', 'program', 'marketing']);
  expect(names(inputs.filter((tag) => tag.includes('required')))).toEqual(['email']);
  expect(html).not.toContain('checked');
});

describe('what takes a mailed code', () => {
  it('F10 is a new address: a code to the old one, a link to the new one, and a word to the old one', async () => {
    await prove();
    expect(await saidTo({ intent: 'contact', email: 'new@example.com' })).toBe('code-mailed');
    const first = await newestMail();
    expect(first.to).toBe(email);
    expect(first.text).not.toContain('new@example.com');
    expect(await saidTo({ intent: 'code', code: codeIn(first.text) })).toBe('link-mailed');
    const second = await newestMail();
    expect(second.to).toBe('new@example.com');
    const link = /confirm\/([\w-]+)/.exec(second.text)?.[1] ?? '';
    const emailNow = async () =>
      (await withShop(shop.shopId, (tx) => readProfiles(tx, [memberId]))).get(memberId)?.email;
    expect(await emailNow()).toBe(email);
    await confirmAddress({ token: link, isTheirs: true });
    expect(await emailNow()).toBe('new@example.com');
    const told = await newestMail();
    expect([told.to, told.text.includes('/preferences/')]).toEqual([email, true]);
  });

  it('F10 W15 refuses wrong codes, a used one, one that is too old, and everything after five tries', async () => {
    await prove();
    await send({ intent: 'download' });
    const { requestId } = await newestMail();
    const right = codeOf(await withShop(shop.shopId, readShopKeys), requestId);
    const wrong = right === '000000' ? '111111' : '000000';
    expect(await saidTo({ intent: 'code', code: wrong })).toBe('code-wrong');
    expect(await saidTo({ intent: 'code', code: '' })).toBe('code-wrong');
    setClockOffsetMs(10 * 60_000 + 1_000);
    expect(await saidTo({ intent: 'code', code: right })).toBe('code-over');
    setClockOffsetMs(0);
    expect(await saidTo({ intent: 'code', code: ` ${right.slice(0, 3)} ${right.slice(3)}` })).toBe('may-download');
    expect(await saidTo({ intent: 'code', code: right })).toBe('code-over');
    await send({ intent: 'download' });
    const again = codeOf(await withShop(shop.shopId, readShopKeys), (await newestMail()).requestId);
    const guess = again === '222222' ? '333333' : '222222';
    const tried = await Promise.all(Array.from({ length: 12 }, () => saidTo({ intent: 'code', code: guess })));
    expect(tried.filter((said) => said === 'code-wrong')).toHaveLength(4);
    expect(await saidTo({ intent: 'code', code: again })).toBe('code-over');
    // Nor does trying for ever go on: the page itself takes forty forms in ten minutes.
    const many = Array.from({ length: 40 }, () =>
      saidTo({ intent: 'code', code: guess }).catch((error: unknown) => String(error)),
    );
    expect((await Promise.all(many)).filter((said) => said?.includes('429')).length).toBeGreaterThan(0);
  });

  it('W07 F28 is a copy of the data for whoever proved an address; it holds what we know, as JSON and CSV', async () => {
    expect(await saidTo({ intent: 'download' })).toBe('may-download');
    const plain = await download('format=json');
    expect(plain.status).toBe(200);
    expect(plain.text).toContain(email);
    await prove();
    expect((await download('format=json')).status).toBe(403);
    expect(await saidTo({ intent: 'download' })).toBe('code-mailed');
    const answer = await send({ intent: 'code', code: codeIn((await newestMail()).text) });
    const grant = answer.get('grant') ?? '';
    expect((await open(`?${answer.toString()}`)).downloads?.csv).toContain('format=csv');
    expect((await download(`format=csv&grant=${grant}`)).text).toContain(email);
    const other = await makeMember(shop);
    const theirs =
      (await cardPage(other.cardUrl.split('/').at(-1) ?? '')).content.preferencesUrl?.split('/preferences/')[1] ?? '';
    await withShop(shop.shopId, (tx) =>
      writeProvenAddress(tx, other.memberId, { email: 'o@example.com', at: new Date() }),
    );
    expect((await download(`format=csv&grant=${grant}`, theirs)).status).toBe(403);
    setClockOffsetMs(16 * 60_000);
    expect((await download(`format=csv&grant=${grant}`)).status).toBe(403);
  });

  it('W17 is erasure for whoever proved an address: only the code opens the case', async () => {
    const cases = () => system.sql('select kind, origin from erasure_case where shop_id = $1', [shop.shopId]);
    await prove();
    expect(await saidTo({ intent: 'erase' })).toBe('tick-missing');
    expect(await saidTo({ intent: 'erase', sure: 'yes' })).toBe('code-mailed');
    expect(await cases()).toEqual([]);
    expect((await send({ intent: 'code', code: codeIn((await newestMail()).text) })).get('lang')).toBe('en');
    expect(await cases()).toEqual([{ kind: 'erasure', origin: 'shopper' }]);
  });

  it('W07 opens the other requests, and a correction, as cases', async () => {
    expect(await saidTo({ intent: 'request', kind: 'objection' })).toBe('case-opened');
    expect(await saidTo({ intent: 'request', kind: 'restriction' })).toBe('case-opened');
    expect(await saidTo({ intent: 'name', name: 'Paula' })).toBe('case-opened');
    await expect(send({ intent: 'request', kind: 'erasure' })).rejects.toThrow('422');
    const kinds = await system.sql<{ kind: string }>('select kind from erasure_case where shop_id = $1 order by kind', [
      shop.shopId,
    ]);
    expect(kinds.map(({ kind }) => kind)).toEqual(['objection', 'rectification', 'restriction']);
  });
});

it('F13 lets no reward of high value go for a day after a change of address, and cheap ones at once', async () => {
  const custom = { kind: 'custom', instructions: 'Hand it over' } as const;
  const rewards = [
    { id: 'coffee', name: 'Coffee', unit: 'stamps', cost: 10, benefit: custom },
    { id: 'machine', name: 'Machine', unit: 'points', cost: 100, benefit: custom },
  ];
  shop = await makeShop(makeDocument({ rewards }));
  ({ memberId } = await makeMember(shop, { email }));
  await withShop(shop.shopId, (tx) =>
    writeAccessSettings(
      tx,
      { defaultRole: 'viewer', isTillOpen: true, tillCostMax: 50, apiCostMax: 50 },
      { actor: 'test', at: new Date() },
    ),
  );
  for (const [unit, amount] of [
    ['points', 200],
    ['stamps', 20],
  ] as const)
    // prettier-ignore
    await adjustBalance({ shopId: shop.shopId, memberId, unit, amount, reason: 'goodwill', source: 'staff', actor: 'staff:1', idempotencyKey: unit });
  await system.sql('update member set contact_changed_at = now() where id = $1', [memberId]);
  let key = 0;
  const reserve = (rewardId: string) =>
    reserveReward({
      shopId: shop.shopId, memberId, rewardId, channel: 'pos', locationId: null, cart: null, idempotencyKey: `k${(key += 1)}`,
      holdMinutes: 5, actor: 'staff:1', staff: null, claim: {}, approvedBy: 'staff:2',
    }); // prettier-ignore
  await expect(reserve('machine')).rejects.toMatchObject({ code: 'contact-changed' });
  expect((await reserve('coffee')).kind).toBe('reserved');
  setClockOffsetMs(24 * 3_600_000 - 60_000);
  await expect(reserve('machine')).rejects.toMatchObject({ code: 'contact-changed' });
  setClockOffsetMs(24 * 3_600_000 + 60_000);
  expect((await reserve('machine')).kind).toBe('reserved');
});
