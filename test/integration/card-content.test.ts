import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { writeProfile } from '#app/data/members/profiles.ts';
import { withShop } from '#app/data/tenancy.ts';
import { announcedChanges } from '#app/domain/cards/apple-pass-rules.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { changeLanguage } from '#app/flows/members/change-language.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { answerPreferences } from '#app/web/preference-forms.ts';
import { conformantPass, languagesOf } from '#test/support/conformant-pass.ts';
import {
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { hardNames, richDesign } from '#test/support/rich-card.ts';
import { fieldOf } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
  shop = await makeShop(
    makeDocument({
      tiers: {
        qualifiesBy: { kind: 'spend' },
        window: { kind: 'lifetime' },
        graceDays: 0,
        levels: [
          { id: 'silver', name: 'Silver', threshold: 1_000 },
          { id: 'gold', name: 'Gold', threshold: 10_000 },
        ],
      },
    }),
  );
  await giveDesign(richDesign);
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});

const giveDesign = (design: CardDesign, to: TestShop = shop) =>
  withShop(to.shopId, (tx) => insertCardDesign(tx, to.programId, { design, at: now() }));

/** What a phone gets from the card page, read by everything there is to say against it. */
async function download(cardUrl: string) {
  const { body } = await downloadApplePass({ token: cardUrl.split('/').at(-1) ?? '' });
  return conformantPass(body, wallets.pems.root);
}

const setName = (memberId: MemberId, name: string) =>
  withShop(shop.shopId, (tx) => writeProfile(tx, memberId, { name }));

const addStamps = (memberId: string, amount: number) =>
  adjustBalance({
    shopId: shop.shopId,
    memberId,
    unit: 'stamps',
    amount,
    reason: 'test',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });

describe('a member’s card', () => {
  it('tells tier, next tier, last entries and the shop’s own fields, in five languages', async () => {
    const { customerId, cardUrl } = await makeMember(shop, { name: 'Ada Lovelace' });
    await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
    await drain(shop);
    const pass = await download(cardUrl);
    expect(fieldOf(pass, 'tier')).toBe('Silver');
    expect(fieldOf(pass, 'next-tier')).toBe('Gold ($88.00)');
    expect(String(fieldOf(pass, 'activity')).split('\n').toSorted()).toEqual([
      expect.stringMatching(/: \+1 stamp$/),
      expect.stringMatching(/: \+12 points$/),
    ]);
    expect(fieldOf(pass, 'field-hours')).toBe('Mon–Fri 8–18');
    expect(fieldOf(pass, 'preferences')).toMatch(/^https:\/\/stampwell\.test\/preferences\/[\w-]+$/);
    expect([...languagesOf(pass).keys()].toSorted()).toEqual(['de', 'en', 'es', 'fr', 'nl']);
    expect(languagesOf(pass).get('de')?.get('Hours')).toBe('Öffnungszeiten');
    expect(pass.passJson['locations']).toHaveLength(2);
  });

  it('is redrawn in the language its member chooses, once however often it is asked, and not for another shop', async () => {
    const { memberId, cardUrl } = await makeMember(shop, { name: 'Hedy Lamarr' });
    const before = await download(cardUrl);
    const versionOf = async () =>
      Number((await system.sql<{ n: string }>('select version::text as n from pass where member_id = $1', [memberId]))[0]?.n); // prettier-ignore
    const first = await versionOf();
    const choose = (language: Language, shopId = shop.shopId) =>
      changeLanguage({ shopId, memberId, language, actor: 'shopper' });
    await Promise.all([1, 2, 3].map(() => choose('de')));
    await choose('de');
    expect(await versionOf()).toBe(first + 1);
    const after = await download(cardUrl);
    expect(announcedChanges(before.passJson, after.passJson)).toEqual(['announcement']);
    expect(fieldOf(after, 'announcement')).toMatch(/^Stempel: 0 \/ 10 · Punkte: 0 · /);
    expect(fieldOf(after, 'field-hours')).toBe('Mo–Fr 8–18');
    await expect(choose('fr', (await makeShop()).shopId)).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await versionOf()).toBe(first + 1);
    const send = (language: string) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ intent: 'language', language })) form.set(name, value);
      return answerPreferences({ owner: { shopId: shop.shopId, memberId }, form, language: 'de' });
    };
    for (const odd of ['xx', '', 'de-CH', '__proto__'])
      await expect(send(odd)).rejects.toMatchObject({ code: 'preference-language' });
    expect(await send('nl')).toEqual({ said: 'saved' });
    expect(fieldOf(await download(cardUrl), 'announcement')).toMatch(/^Stempels: 0/);
  });

  it('announces through one field alone when stamps, name and design change between two looks of a phone', async () => {
    const { memberId, cardUrl } = await makeMember(shop, { name: 'Grace Hopper' });
    const before = await download(cardUrl);
    await addStamps(memberId, 3);
    await setName(memberId, 'Grace Brewster Hopper');
    await giveDesign({ ...richDesign, terms: 'New terms', backgroundColor: '#203040' });
    const after = await download(cardUrl);
    expect(announcedChanges(before.passJson, after.passJson)).toEqual(['announcement']);
    expect(fieldOf(after, 'announcement')).toContain('Grace Brewster Hopper');
    await giveDesign(richDesign);
  });

  it('shows as much of the name as the design says', async () => {
    const { cardUrl } = await makeMember(shop, { name: 'Katherine Johnson' });
    for (const [privacy, shown] of [
      ['full-name', 'Katherine Johnson'],
      ['first-name', 'Katherine'],
      ['opaque', undefined],
    ] as const) {
      // prettier-ignore
      await giveDesign({ ...richDesign, privacy, poster: { isOn: false, actions: [] } });
      const pass = await download(cardUrl);
      const shownNames = JSON.stringify(pass.passJson).match(/Katherine( Johnson)?/g) ?? [];
      expect([...new Set(shownNames)]).toEqual(shown === undefined ? [] : [shown]);
    }
    await giveDesign(richDesign);
  });

  it.each(hardNames.slice(0, -1).map((name) => ({ name, shown: JSON.stringify(name.slice(0, 24)) })))(
    'renders and seals for a member called $shown',
    async ({ name }) => {
      const { memberId, cardUrl } = await makeMember(shop, { name: 'Somebody' });
      await setName(memberId, name);
      const pass = await download(cardUrl);
      expect(fieldOf(pass, 'announcement')).toMatch(/^Points: 0|^Stamps: 0/);
    },
  );

  it('never shows another shop’s design or member', async () => {
    const other = await makeShop();
    const { memberId } = await makeMember(shop, { name: 'Mary Jackson' });
    await expect(withShop(other.shopId, (tx) => readCardView(tx, memberId, { pass: null, at: now() }))).rejects.toThrow(
      /./,
    );
  });
});
