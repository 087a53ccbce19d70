/** The public pages ask for a birthday where it is worth something, and carry invitations from member to friend. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import { JoinView } from '#app/components/shopper/join-view.tsx';
import { readProfiles } from '#app/data/members/profiles.ts';
import { withShop } from '#app/data/tenancy.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import { loader as loadCard } from '#app/routes/card.$token.tsx';
import { action, loader } from '#app/routes/join.$programSlug.tsx';
import {
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

const birthdayRule: ProgramDocument['earnRules'][number] = {
  kind: 'event',
  id: 'birthday',
  unit: 'stamps',
  event: 'birthday',
  amount: 3,
  conditions: {},
};
const referral: NonNullable<ProgramDocument['referral']> = {
  friend: { unit: 'stamps', amount: 2 },
  referrer: { unit: 'points', amount: 50 },
  pendingDays: 14,
  minimumMinor: 1_000,
  friendsMax: 1,
};

let system: TestSystem;
let shop: TestShop;
let plainShop: TestShop;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  shop = await makeShop(makeDocument({ earnRules: [...makeDocument().earnRules, birthdayRule], referral }));
  plainShop = await makeShop();
});
afterAll(() => system.close());

type Asked = { at?: TestShop; query?: string };

function openJoin({ at = shop, query = '' }: Asked = {}) {
  const request = new Request(`http://localhost/join/${at.slug}?${query}`);
  const call = { request, params: { programSlug: at.slug }, context: {} };
  return loader(call as unknown as Parameters<typeof loader>[0]);
}

const nothing = { email: '', firstName: '', birthday: { day: '', month: '' }, program: false, marketing: false };

async function joinHtml(asked: Asked = {}): Promise<string> {
  const page = await openJoin(asked);
  return renderToStaticMarkup(createElement(JoinView, { ...page, entries: nothing, problems: [] }));
}

let people = 0;

/** Sends the form as a browser without scripts does, and draws the page that answers. */
async function send(fields: Record<string, string>, { at = shop, query = 'lang=en' }: Asked = {}) {
  people += 1;
  const { design, language } = await openJoin({ at, query });
  const wording = consentWordingFor(language, design.organizationName).version;
  const email = `joiner-${people}@example.com`;
  const request = new Request(`http://localhost/join/${at.slug}?${query}`, {
    method: 'POST',
    body: new URLSearchParams({ email, wording, ...fields }),
  });
  const context = { clientAddress: `198.51.100.${people}` };
  const call = { request, params: { programSlug: at.slug }, context };
  const sent = await action(call);
  if (!('data' in sent)) return { status: sent.status, email, html: '', isMember: false };
  const { isMember, ...answer } = sent.data;
  const html = renderToStaticMarkup(createElement(JoinView, { ...(await openJoin({ at, query })), ...answer }));
  return { status: sent.init?.status ?? 200, email, html, isMember };
}

async function newest(at: TestShop = shop): Promise<string> {
  const rows = await system.sql<{ id: string }>(
    'select id from member where shop_id = $1 order by enrolled_at desc, id desc limit 1',
    [at.shopId],
  );
  return rows[0]?.id ?? '';
}

const countMembers = async () =>
  (await system.sql('select 1 as one from member where shop_id = $1', [shop.shopId])).length;
const birthdayOf = async (at: TestShop, memberId: string) =>
  (await withShop(at.shopId, (tx) => readProfiles(tx, [memberId]))).get(memberId)?.birthday ?? null;
const referralsOf = (at: TestShop, memberId: string) =>
  system.sql('select state, refusal from referral where shop_id = $1 and friend_id = $2', [at.shopId, memberId]);

async function invite(
  at: TestShop = shop,
): Promise<{ code: string; memberId: string; cardUrl: string; email: string }> {
  people += 1;
  const email = `inviter-${people}@example.com`;
  const { memberId, cardUrl } = await makeMember(at, { email });
  return { ...(await referFriend({ shopId: at.shopId, memberId, actor: 'shopper' })), memberId, cardUrl, email };
}

describe('a birthday on the join page', () => {
  it('is asked for only where it is worth something, empty at first and with the reason', async () => {
    const html = await joinHtml({ query: 'lang=en' });
    expect(html).toContain('<label for="birthday-day">Day</label>');
    expect(html).toContain('<label for="birthday-month">Month</label>');
    expect(html).toContain('So that there is something for you on that day.');
    expect(html.match(/<option[^>]* selected[^>]*>[^<]*/g)).toEqual([
      '<option value="" selected="">None',
      '<option value="" selected="">None',
    ]);
    expect(await joinHtml({ at: plainShop })).not.toContain('birthday');
  });

  it('is kept sealed, 29 February too; who leaves it out joins without one', async () => {
    expect(await send({ birthdayDay: '29', birthdayMonth: '2' })).toMatchObject({ status: 303 });
    const memberId = await newest();
    expect(await birthdayOf(shop, memberId)).toBe('02-29');
    const [row] = await system.sql<{ birthday: Buffer }>('select birthday from member_profile where member_id = $1', [
      memberId,
    ]);
    expect(row?.birthday.length).toBeGreaterThan(5);
    expect(row?.birthday.includes('02-29')).toBe(false);
    expect(await send({ birthdayDay: '', birthdayMonth: '' })).toMatchObject({ status: 303 });
    expect(await birthdayOf(shop, await newest())).toBeNull();
  });

  it('that is half given, or a day of no month, is refused at the field, and nothing is lost', async () => {
    const before = await countMembers();
    const half = await send({ firstName: 'Ada', birthdayDay: '7', birthdayMonth: '', program: 'yes' });
    expect(half.status).toBe(422);
    expect(half.html).toMatch(/id="birthday-problem">Please choose both the day and the month/);
    expect(half.html).toMatch(
      /<select[^>]*id="birthday-month"[^>]*aria-describedby="birthday-problem birthday-why"[^>]*/,
    );
    expect(half.html.match(/<select[^>]*aria-invalid="true"/g)).toHaveLength(1);
    expect(half.html).toContain('<option value="7" selected="">');
    expect(half.html).toContain(`value="${half.email}"`);
    expect(half.html).toContain('value="Ada"');
    expect(half.html).toMatch(/name="program" (checked="" )?value="yes"( checked="")?/);
    const wrong = await send({ birthdayDay: '30', birthdayMonth: '2' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toMatch(/id="birthday-problem">This month does not have that day/);
    for (const made of ['99', '-1', 'xx'])
      expect((await send({ birthdayDay: made, birthdayMonth: '1' })).status).toBe(422);
    const both = await send({ email: 'nobody', birthdayDay: '1', birthdayMonth: '' });
    expect(both.html).toContain('Please enter an e-mail address');
    expect(both.html).toContain('Please choose both the day and the month');
    expect(await countMembers()).toBe(before);
  });

  it('that nobody asked for is not kept', async () => {
    expect(await send({ birthdayDay: '7', birthdayMonth: '' }, { at: plainShop })).toMatchObject({ status: 303 });
    expect(await send({ birthdayDay: '7', birthdayMonth: '3' }, { at: plainShop })).toMatchObject({ status: 303 });
    expect(await birthdayOf(plainShop, await newest(plainShop))).toBeNull();
  });
});

describe('a form', () => {
  it('that says nothing of who brought the shopper is sent to an address that does', async () => {
    const { code, memberId } = await invite();
    expect(await send({}, { query: `lang=en&loc=till-9&ref=${code}` })).toMatchObject({ status: 303 });
    const friendId = await newest();
    expect(
      await system.sql(
        `select m.enrolled_location as location, r.referrer_id as referrer from member m
         join referral r on r.shop_id = m.shop_id and r.friend_id = m.id where m.id = $1`,
        [friendId],
      ),
    ).toEqual([{ location: 'till-9', referrer: memberId }]);
  });

  it('needs the words of consent only where something is agreed to', async () => {
    for (const wording of ['', 'old']) {
      expect(await send({ wording })).toMatchObject({ status: 303 });
      expect(await send({ wording, marketing: 'yes' })).toMatchObject({ status: 422 });
      expect(await send({ wording, program: 'yes' })).toMatchObject({ status: 422 });
    }
  });
});

describe('an invitation', () => {
  const welcome = 'This invitation does not count here, but you are just as welcome.';

  it('says what the friend gets, and goes along through errors and languages into the enrollment', async () => {
    const { code, memberId } = await invite();
    const html = await joinHtml({ query: `lang=en&loc=till-2&ref=${code.toLowerCase()}` });
    expect(html).toContain('A friend invited you: you get 2 stamps.');
    expect(html).toContain('It comes 14 days after your first purchase of $10.00 or more.');
    expect(html).toContain(`<input type="hidden" name="ref" value="${code.toLowerCase()}"/>`);
    expect(html).toContain(`lang=de&amp;loc=till-2&amp;ref=${code.toLowerCase()}`);
    const refused = await send({ email: 'nobody', ref: code, loc: 'till-2' });
    expect(refused.html).toContain(`<input type="hidden" name="ref" value="${code}"/>`);
    expect(refused.html).toContain('<input type="hidden" name="loc" value="till-2"/>');
    expect(refused.html).toContain('A friend invited you: you get 2 stamps.');
    expect(await send({ ref: code })).toMatchObject({ status: 303 });
    const friendId = await newest();
    expect(await system.sql('select referrer_id from referral where friend_id = $1', [friendId])).toEqual([
      { referrer_id: memberId },
    ]);
    expect(await referralsOf(shop, friendId)).toEqual([{ state: 'waiting', refusal: null }]);
  });

  it('of another shop, of nobody, used up or not offered is gently ignored, with one answer for all', async () => {
    const stranger = await invite(plainShop);
    const used = await invite();
    await send({ ref: used.code });
    await system.sql(
      `update referral set state = 'paid', booked = '{"referrer":{"points":50}}' where referrer_id = $1`,
      [used.memberId],
    );
    const erased = await invite();
    await system.sql("update member set state = 'erased' where id = $1", [erased.memberId]);
    for (const code of [stranger.code, 'NOBODY', used.code, erased.code, "0'%20or%201=1"]) {
      const html = await joinHtml({ query: `lang=en&ref=${code}` });
      expect(html).toContain(welcome);
      expect(html).not.toContain('A friend invited you');
    }
    expect(await joinHtml({ at: plainShop, query: `lang=en&ref=${stranger.code}` })).toContain(welcome);
    expect(await joinHtml({ query: 'lang=en&ref=%00%20' })).not.toContain(welcome);
    expect(await send({ ref: stranger.code })).toMatchObject({ status: 303 });
    expect(await referralsOf(shop, await newest())).toEqual([]);
  });

  it('to oneself is refused, and only the merchant reads why', async () => {
    const { code, memberId, email } = await invite();
    const answer = await send({ email: email.toUpperCase(), ref: code });
    expect(answer).toMatchObject({ status: 409, isMember: true });
    const plain = await send({ email });
    expect(answer.html.replaceAll(email.toUpperCase(), email)).toBe(plain.html);
    expect(await referralsOf(shop, memberId)).toEqual([{ state: 'refused', refusal: 'self' }]);
    const detail = await memberDetail(shop.shopId, memberId, {});
    expect(JSON.stringify(detail)).toContain('"refusal":"self"');
  });
});

describe('the card page', () => {
  async function openCard(cardUrl: string) {
    const token = cardUrl.split('/').at(-1) ?? '';
    const request = new Request(`http://localhost/card/${token}`);
    return loadCard({ request, params: { token }, context: { clientAddress: '203.0.113.7' } });
  }

  async function cardHtml(cardUrl: string): Promise<string> {
    const { receiptAction, ...page } = await openCard(cardUrl);
    return renderToStaticMarkup(
      createElement(CardPageView, { ...page, receipt: { action: receiptAction, answer: null } }),
    );
  }

  it('gives a member a link for friends, the same each time, and says what both get', async () => {
    const { memberId, cardUrl } = await makeMember(shop);
    const html = await cardHtml(cardUrl);
    const [, address = ''] = /<input id="invite-link"[^>]*readOnly=""[^>]*value="([^"]*)"/i.exec(html) ?? [];
    const { code } = await referFriend({ shopId: shop.shopId, memberId, actor: 'shopper' });
    expect(address).toBe(`https://stampwell.test/join/${shop.slug}?ref=${code}`);
    expect(html).toContain('<label for="invite-link">Your link for friends</label>');
    expect(html).toContain('Your friend gets 2 stamps.');
    expect(html).toContain('You get 50 points.');
    expect(await cardHtml(cardUrl)).toContain(address);
    const { search } = new URL(address);
    expect(await joinHtml({ query: search.slice(1) })).toContain('A friend invited you: you get 2 stamps.');
  });

  it('offers none for a frozen or erased card, a program without, one nobody joins by link, or friends enough', async () => {
    const makeCard = async (at: TestShop, text: string) => {
      const { memberId, cardUrl } = await makeMember(at);
      await system.sql(text, text.includes('$1') ? [memberId] : []);
      return (await openCard(cardUrl)).invitation;
    };
    expect(await makeCard(shop, "update member set state = 'active' where id = $1")).not.toBeNull();
    expect(await makeCard(shop, "update member set state = 'frozen' where id = $1")).toBeNull();
    await expect(makeCard(shop, "update member set state = 'erased' where id = $1")).rejects.toMatchObject({
      status: 403,
    });
    expect(await makeCard(plainShop, 'select 1')).toBeNull();
    const paid = await invite();
    await send({ ref: paid.code });
    await system.sql(
      `update referral set state = 'paid', booked = '{"referrer":{"points":50}}' where referrer_id = $1`,
      [paid.memberId],
    );
    expect((await openCard(paid.cardUrl)).invitation).toBeNull();
    const closed = await makeShop(makeDocument({ referral }));
    await system.sql("update program set sign_up_places = '{pos}' where shop_id = $1", [closed.shopId]);
    expect(await makeCard(closed, 'select 1')).toBeNull();
  });
});

describe('in German', () => {
  it('the pages say all of it', async () => {
    const { code } = await invite();
    const html = await joinHtml({ query: `lang=de&ref=${code}` });
    expect(html).toContain('Eine Freundin oder ein Freund hat dich eingeladen: Du bekommst 2 Stempel.');
    expect(html).toMatch(/Das kommt 14 Tage nach deinem ersten Einkauf ab 10,00\s\$\./);
    expect(html).toContain('3 Stempel zum Geburtstag');
    expect(html).toContain('<legend>Geburtstag <span class="hint">(freiwillig)</span></legend>');
    expect(html).toContain('<option value="3">März</option>');
    const half = await send({ birthdayDay: '7' }, { query: 'lang=de' });
    expect(half.html).toContain('Bitte wähle Tag und Monat deines Geburtstags, oder keins von beiden.');
    expect(await joinHtml({ query: 'lang=de&ref=NOBODY' })).toContain('Diese Einladung zählt hier nicht');
  });

  it('and every other language has words of its own', async () => {
    const { code } = await invite();
    const pages = await Promise.all(languages.map((language) => joinHtml({ query: `lang=${language}&ref=${code}` })));
    const leads = pages.map((html) => /<strong>([^<]*)<\/strong>/.exec(html)?.[1]);
    const legends = pages.map((html) => /id="birthday-why">([^<]*)</.exec(html)?.[1]);
    expect(new Set(leads).size).toBe(languages.length);
    expect(new Set(legends).size).toBe(languages.length);
  });
});
