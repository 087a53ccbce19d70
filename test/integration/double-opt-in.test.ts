/** Joining with an address that somebody merely typed: what is mailed, what the link does, and what nobody can get by it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { lockMailRequest } from '#app/data/members/mail-requests.ts';
import { findMembersByEmail, readProfiles, writeProfile } from '#app/data/members/profiles.ts';
import { readProvenAddress } from '#app/data/members/proven-addresses.ts';
import { readConsents } from '#app/data/privacy/chains.ts';
import { readEvidence } from '#app/data/privacy/consent-keys.ts';
import { withShop } from '#app/data/tenancy.ts';
import { wantsDoubleOptIn } from '#app/domain/members/double-opt-in.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { chooseDoubleOptIn } from '#app/flows/privacy/choose-double-opt-in.ts';
import { confirmAddress } from '#app/flows/privacy/confirm-address.ts';
import { endMails } from '#app/flows/privacy/end-mails.ts';
import { sendMemberMail } from '#app/flows/privacy/send-member-mail.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { mailLinkPage } from '#app/queries/mail-link-page.ts';
import { startMail, type MailPlatform } from '#test/platform/mail.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { mailsWaiting } from '#test/support/member-mails.ts';
import { capturedLog } from '#test/support/captured-log.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let mail: MailPlatform;
let shop: TestShop;

beforeAll(async () => {
  mail = await startMail();
  process.env['SMTP_URL'] = mail.url;
  process.env['MAIL_FROM'] = 'Stampwell <cards@stampwell.test>';
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await mail.close();
});
beforeEach(async () => {
  shop = await makeShop();
  mail.mails.length = 0;
  mail.refuseWith(null);
});
afterEach(() => setClockOffsetMs(0));

const join = (email: string, marketing = true, language = 'en') =>
  enrollMember({
    shopId: shop.shopId,
    programId: shop.programId,
    via: 'link',
    profile: { email },
    locale: language,
    consents: [
      { purpose: 'program', channel: 'wallet', granted: true },
      { purpose: 'marketing', channel: 'email', granted: marketing },
    ],
    wordingVersion: '1',
    source: 'join-page',
    isAddressTyped: true,
  });
const always = () => chooseDoubleOptIn({ shopId: shop.shopId, choice: 'always', actor: 'staff:1' });

/** Sends what waits, and answers the token of the link in the newest mail to an address. */
async function linkTo(email: string, path = 'confirm'): Promise<string> {
  for (const requestId of await mailsWaiting(system, shop)) await sendMemberMail({ shopId: shop.shopId, requestId });
  const text = mail.mails.findLast(({ to }) => to === email)?.text ?? '';
  return new RegExp(`/${path}/([\\w-]+)`).exec(text)?.[1] ?? '';
}
const marketingOf = async (memberId: MemberId) => {
  const consents = await withShop(shop.shopId, (tx) => readConsents(tx, memberId));
  return consents.find(({ purpose }) => purpose === 'marketing');
};
const holdersOf = (email: string) => withShop(shop.shopId, (tx) => findMembersByEmail(tx, email));

describe('double opt-in', () => {
  it('F06 is asked for where the law of the shop’s country wants proof, and where nobody knows the country', () => {
    const wanting = ['DE', 'AT', 'CH', 'LI', 'LU', 'GR', 'NO', 'de', null];
    expect(wanting.every((country) => wantsDoubleOptIn('by-country', country))).toBe(true);
    expect(['US', 'GB', 'FR', 'NL'].some((country) => wantsDoubleOptIn('by-country', country))).toBe(false);
    expect(wantsDoubleOptIn('never', 'DE')).toBe(false);
  });

  it('F06 grants offers by mail only once the mailed link was confirmed, and keeps both steps as proof', async () => {
    await always();
    const { memberId } = await join('vera@example.com', true, 'de');
    expect(await marketingOf(memberId)).toMatchObject({ granted: false, confirmation: 'asked' });
    const token = await linkTo('vera@example.com');
    expect(mail.mails[0]?.subject).toMatch(/^Bitte bestätige/);
    expect(mail.mails[0]?.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    // Programs that look into mails open links: that confirms nothing.
    expect(await mailLinkPage(token, 'confirm')).toMatchObject({ isOver: false });
    expect(await marketingOf(memberId)).toMatchObject({ granted: false });
    const twice = [await confirmAddress({ token, isTheirs: true }), await confirmAddress({ token, isTheirs: true })];
    expect(twice.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed']);
    expect(await marketingOf(memberId)).toMatchObject({
      granted: true,
      confirmation: 'confirmed',
      source: 'join-page',
    });
    const evidence = await withShop(shop.shopId, (tx) => readEvidence(tx, memberId));
    expect([...evidence.values()]).toEqual([{ address: 'vera@example.com' }]);
    expect(await verifyChain({ shopId: shop.shopId, chain: 'consent' })).toEqual({ checked: 3, firstBad: null });
  });

  it('F34 ends with one click in the mail, also before it was confirmed: the old link brings nothing back', async () => {
    await always();
    const { memberId } = await join('vera@example.com');
    const token = await linkTo('vera@example.com');
    const header = mail.mails[0]?.headers['list-unsubscribe'] ?? '';
    const unsubscribe = /unsubscribe\/([\w-]+)/.exec(header)?.[1] ?? '';
    await endMails({ token: unsubscribe });
    await confirmAddress({ token, isTheirs: true });
    expect(await marketingOf(memberId)).toMatchObject({ granted: false, confirmation: null, source: 'unsubscribe' });
    await expect(endMails({ token: token })).rejects.toMatchObject({ code: 'link-invalid' });
  });

  it('W16 refuses a link with any changed character, of another purpose, of another shop, or too old', async () => {
    await join('vera@example.com');
    const token = await linkTo('vera@example.com');
    for (let index = 0; index < token.length; index += 7) {
      const changed = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      await expect(confirmAddress({ token: changed, isTheirs: true })).rejects.toMatchObject({ code: 'link-invalid' });
    }
    await expect(mailLinkPage(token, 'unsubscribe')).rejects.toMatchObject({ code: 'link-invalid' });
    setClockOffsetMs(8 * 86_400_000);
    await expect(confirmAddress({ token, isTheirs: true })).rejects.toMatchObject({ code: 'link-expired' });
  });
});

describe('an address that was only typed', () => {
  it('F13 tells nobody whether it is known: both get a card of their own, and only its holder gets a mail', async () => {
    const owner = await join('owner@example.com');
    await confirmAddress({ token: await linkTo('owner@example.com'), isTheirs: true });
    const stranger = await join('OWNER@example.com');
    const newcomer = await join('newcomer@example.com');
    const shape = ({ kind, isMailed, cardUrl }: typeof owner) => [kind, isMailed, new URL(cardUrl).pathname.length];
    expect(shape(stranger)).toEqual(shape(newcomer));
    expect(stranger.memberId).not.toBe(owner.memberId);
    expect(await holdersOf('owner@example.com')).toEqual([owner.memberId]);
    const card = await linkTo('OWNER@example.com', 'card');
    expect(mail.mails.findLast(({ to }) => to === 'OWNER@example.com')?.subject).toBe(
      `You already have a card of ${shop.slug}`,
    );
    expect(new URL(owner.cardUrl).pathname).toBe(`/card/${card}`);
  });

  it('gets no link to a replaced card; once it is proven, its holder gets each new link once, in their language', async () => {
    const { memberId } = await join('lost@example.com', false, 'de');
    const token = await linkTo('lost@example.com');
    const replace = () => reissueCard({ shopId: shop.shopId, memberId, actor: 'staff:1', ifGeneration: null });
    expect(await replace()).toMatchObject({ kind: 'reissued', isMailed: false });
    await confirmAddress({ token, isTheirs: true });
    const { cardUrl, isMailed } = await replace();
    expect(isMailed).toBe(true);
    expect(`/card/${await linkTo('lost@example.com', 'card')}`).toBe(new URL(cardUrl).pathname);
    const subject = `Deine neue Karte von ${shop.slug}`;
    expect(mail.mails.filter((sent) => sent.subject === subject).map(({ to }) => to)).toEqual(['lost@example.com']);
    expect(await reissueCard({ shopId: shop.shopId, memberId, actor: 'staff:1', ifGeneration: 0 })).toMatchObject({
      kind: 'already-reissued',
      isMailed: false,
    });
  });

  it('F13 is lost to whoever proves it, and never given back to the one who only typed it', async () => {
    const squatter = await join('victim@example.com');
    const squatted = await linkTo('victim@example.com');
    const victim = await join('victim@example.com');
    const token = await linkTo('victim@example.com');
    await confirmAddress({ token, isTheirs: true });
    expect(await holdersOf('victim@example.com')).toEqual([victim.memberId]);
    expect((await confirmAddress({ token: squatted, isTheirs: true })).kind).toBe('over');
    expect(
      (await withShop(shop.shopId, (tx) => readProfiles(tx, [squatter.memberId]))).get(squatter.memberId)?.email,
    ).toBeNull();
  });

  it('F13 brings nobody the orders of the customer whose address it is, until the link in the mail was opened', async () => {
    const joined = await join('buyer@example.com');
    const token = await linkTo('buyer@example.com');
    const customer = {
      id: 7_318_204_999_001,
      email: 'buyer@example.com',
      verified_email: true,
      first_name: 'B',
      last_name: 'C',
    };
    await deliver(shop, 'customers/update', { ...customer, updated_at: new Date().toISOString() });
    await deliver(shop, 'orders/paid', orderBody({ customer: { id: customer.id } }));
    await drain(shop);
    const isLinked = async () => {
      const [row] = await system.sql<{ id: string | null }>(
        'select shopify_customer_id as id from member where id = $1',
        [joined.memberId],
      );
      return row?.id === String(customer.id);
    };
    expect(await isLinked()).toBe(false);
    expect((await balancesOf(system, joined.memberId))['points']).toBe(0);
    await confirmAddress({ token, isTheirs: true });
    expect(await isLinked()).toBe(true);
    expect(await balancesOf(system, joined.memberId)).toEqual({ points: 12, stamps: 1 });
  });

  it('F13 has to be proven anew when Shopify names another one: the proof was of the old one', async () => {
    const joined = await join('old@example.com');
    await confirmAddress({ token: await linkTo('old@example.com'), isTheirs: true });
    const provenOf = () => withShop(shop.shopId, (tx) => readProvenAddress(tx, joined.memberId));
    expect(await provenOf()).toBe('old@example.com');
    await withShop(shop.shopId, (tx) => writeProfile(tx, joined.memberId, { email: 'OLD@example.com', name: 'Vera' }));
    expect(await provenOf()).toBe('OLD@example.com');
    await withShop(shop.shopId, (tx) => writeProfile(tx, joined.memberId, { email: 'other@example.com' }));
    expect(await provenOf()).toBeNull();
  });

  it('F13 is taken off the card when its holder says that it was not them', async () => {
    const joined = await join('not-me@example.com');
    expect(await confirmAddress({ token: await linkTo('not-me@example.com'), isTheirs: false })).toEqual({
      kind: 'denied',
    });
    expect(await holdersOf('not-me@example.com')).toEqual([]);
    expect(await marketingOf(joined.memberId)).toBeDefined();
  });

  it('W15 is mailed no more than a few times a day, whoever types it, and rests nowhere in the clear', async () => {
    const address = 'flooded.canary@example.com';
    const joined = [];
    for (let count = 0; count < 8; count += 1) joined.push(await join(count % 2 ? address : address.toUpperCase()));
    expect(joined.filter(({ isMailed }) => isMailed)).toHaveLength(6);
    await linkTo(address);
    expect(mail.mails).toHaveLength(6);
    expect(await findInDatabase(system, [address, address.toUpperCase()])).toEqual([]);
    expect(capturedLog()).not.toContain('flooded.canary');
  });
});

describe('the mail itself', () => {
  it('F14 waits for a server that asks to come back later, and is given up when it is refused for good', async () => {
    await join('vera@example.com');
    const [requestId = ''] = await mailsWaiting(system, shop);
    const send = () => sendMemberMail({ shopId: shop.shopId, requestId });
    mail.refuseWith(451);
    await expect(send()).rejects.toMatchObject({ name: 'Unavailable', message: expect.not.stringContaining('vera') });
    mail.refuseWith(550);
    await expect(send()).rejects.toMatchObject({ name: 'Rejected', message: expect.not.stringContaining('vera') });
    mail.refuseWith(null);
    await send();
    await send();
    expect(mail.mails.map(({ to }) => to)).toEqual(['vera@example.com']);
    expect((await withShop(shop.shopId, (tx) => lockMailRequest(tx, requestId)))?.sentAt).not.toBeNull();
  });

  it('experiment 22 goes to one address only, whatever was typed, and carries no headers of others', async () => {
    for (const to of [
      'a@example.com, b@example.com',
      'a@example.com\r\nBcc: b@example.com',
      '<a@example.com>',
      '"a b"@example.com',
    ]) {
      await join(to);
      const waiting = await mailsWaiting(system, shop);
      await expect(sendMemberMail({ shopId: shop.shopId, requestId: waiting.at(-1) ?? '' })).rejects.toMatchObject({
        code: 'mail-address',
      });
    }
    expect(mail.mails).toEqual([]);
  });
});
