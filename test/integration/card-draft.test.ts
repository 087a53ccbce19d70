/** The draft of a card: saved, tried on a phone, and shown exactly as it would be issued. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { AppleBack, ApplePreview, GoogleDetails, GooglePreview } from '#app/components/card/card-preview.tsx';
import { testLinkMs } from '#app/data/cards/test-links.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatWhole } from '#app/domain/cards/card-phrases.ts';
import { toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { plainSample, sampleContent } from '#app/domain/cards/sample-content.ts';
import { stampStripSvg } from '#app/domain/cards/stamp-svg.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { languages } from '#app/domain/members/languages.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { downloadTestCard } from '#app/flows/cards/download-test-card.ts';
import { drawDesign } from '#app/flows/cards/draw-design.ts';
import { saveCardDraft } from '#app/flows/cards/save-card-draft.ts';
import { startRollout } from '#app/flows/cards/start-rollout.ts';
import { uploadStripPicture } from '#app/flows/cards/upload-strip-picture.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { cardDesigner, testCardPage, testLink } from '#app/queries/card-designer.ts';
import {
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import { logoPicture } from '#test/support/logo-files.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

const actor = 'staff:1';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_web');
}, 60_000);
afterAll(async () => {
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
});
afterEach(() => setClockOffsetMs(0));

const hardDesign = (): CardDesign => ({
  ...starterDesign('He said "hi" & <b>'),
  logoText: 'שלום 茶 🎉',
  terms: 'Line one\nLine "two" \\ three',
  privacy: 'full-name',
  fields: [
    { id: 'hours', side: 'front', label: 'Open', value: '8 to 18' },
    { id: 'door', side: 'back', label: 'Door', value: 'Ring "Tea"' },
  ],
  links: [{ id: 'menu', label: 'Menu & more', url: 'https://tea.example/menu' }],
  translations: { de: { logoText: 'Grüß Gott', fields: { hours: { label: 'Offen', value: '8 bis 18' } } } },
});

const save = (design: unknown, expectedRevision = 0, where = shop) =>
  saveCardDraft({ ...where, design, expectedRevision, actor });
const tokenOf = async (where = shop) => (await testLink(where.shopId, where.programId)).split('/').at(-1) ?? '';

/** What a page's markup says, as a person reads it. */
function wordsOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');
}

type Field = { label?: string; value: string | number };

describe('the preview', () => {
  it.each(languages)('says in %s what the sealed pass and the Google object say, field by field', async (language) => {
    await save(hardDesign());
    const token = await tokenOf();
    const { content, design } = await testCardPage(token, language);
    const sealed = await conformantPass(await downloadTestCard({ token, language }), wallets.pems.root);
    const groups = sealed.passJson['storeCard'] as Record<string, Field[]>;
    const front = wordsOf(renderToStaticMarkup(createElement(ApplePreview, { content, design })));
    const back = wordsOf(renderToStaticMarkup(createElement(AppleBack, { content })));
    for (const [group, fields] of Object.entries(groups))
      for (const { label = '', value } of fields) {
        const shown = group === 'backFields' ? back : front;
        expect(shown).toContain(label);
        expect(shown).toContain(typeof value === 'number' ? formatWhole(value, language) : value);
      }
    expect(front).toContain(sealed.passJson['logoText']);
    const object = toGoogleObject(content, { objectId: 'i.o', classId: 'i.c', heroUrl: null });
    const google = wordsOf(renderToStaticMarkup(createElement(GooglePreview, { content, design })));
    expect(google).toContain(object.accountName);
    expect(google).toContain(content.organizationName);
    const details = wordsOf(renderToStaticMarkup(createElement(GoogleDetails, { content })));
    for (const { header, body } of object.textModulesData) {
      expect(details).toContain(header);
      expect(details).toContain(body);
    }
  });

  it('shows the very pixels of the strip that is sealed, with a picture and without', async () => {
    const picture = await logoPicture({ width: 1200, height: 500, isNoisy: true }).jpeg().toBuffer();
    const { hash } = await uploadStripPicture({ shopId: shop.shopId, content: picture, actor });
    const { stamps } = sampleContent(makeDocument(), hardDesign(), plainSample);
    for (const stripImage of [null, hash]) {
      const design = { ...hardDesign(), stripImage };
      const { revision } = await cardDesigner(shop.shopId, shop.programId);
      await save(design, revision);
      const body = await downloadTestCard({ token: await tokenOf(), language: 'en' });
      const sealed = await conformantPass(body, wallets.pems.root);
      const drawn = await drawDesign({ shopId: shop.shopId, design, stamps });
      expect(drawn.strip?.equals(sealed.files.get('strip@2x.png') ?? Buffer.alloc(0))).toBe(true);
      expect(drawn.hero).not.toBeNull();
    }
    // Without a picture the browser draws the same drawing by itself.
    const { content, design } = {
      content: sampleContent(makeDocument(), hardDesign(), plainSample),
      design: hardDesign(),
    };
    const markup = renderToStaticMarkup(createElement(ApplePreview, { content, design }));
    const state = { total: stamps?.needed ?? 0, filled: stamps?.collected ?? 0 };
    expect(markup).toContain(encodeURIComponent(stampStripSvg(design, state, { width: 375, height: 144 })));
  });
});

describe('saving a draft', () => {
  it('keeps one revision for one content, however often it is sent', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => save(hardDesign())));
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ revision: 1 })));
    expect(await save(hardDesign(), 7)).toEqual({ revision: 1 });
  });

  it('lets one of two who began with the same revision through, and tells the other', async () => {
    await save(hardDesign());
    const answers = await Promise.allSettled(
      ['#112233', '#223344', '#334455'].map((backgroundColor) => save({ ...hardDesign(), backgroundColor }, 1)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'draft-changed' });
    expect((await cardDesigner(shop.shopId, shop.programId)).revision).toBe(2);
  });

  it('refuses what is no design and names the field, and touches no card', async () => {
    await expect(save({ ...hardDesign(), labelColor: 'javascript:#fff' })).rejects.toThrow(
      /^labelColor: must be a colour/,
    );
    await expect(save({ ...hardDesign(), extra: 1 })).rejects.toMatchObject({ code: 'card-design-invalid' });
    await expect(save(null)).rejects.toMatchObject({ code: 'card-design-invalid' });
    const hours = { label: 'Ouvert', value: 'x'.repeat(41) };
    await expect(save({ ...hardDesign(), translations: { fr: { fields: { hours } } } })).rejects.toThrow(
      'translations.fr.fields.hours.value: fits the front of a card with at most 40 characters',
    );
    await save(hardDesign());
    expect(
      await system.sql('select 1 from outbox where shop_id = $1 and job like $2', [shop.shopId, 'touch%']),
    ).toEqual([]);
    expect((await cardDesigner(shop.shopId, shop.programId)).live?.number).toBe(1);
  });

  it('is the shop’s own: another shop sees, changes and publishes nothing of it', async () => {
    await save(hardDesign());
    const other = await makeShop();
    const asOther = { shopId: other.shopId, programId: shop.programId };
    await expect(saveCardDraft({ ...asOther, design: hardDesign(), expectedRevision: 0, actor })).rejects.toMatchObject(
      {
        code: 'program-not-found',
      },
    );
    await expect(startRollout({ ...asOther, expectedRevision: 1, isStaged: false, actor })).rejects.toMatchObject({
      code: 'draft-changed',
    });
    expect((await cardDesigner(other.shopId, other.programId)).revision).toBe(0);
  });

  it('takes no picture of another shop', async () => {
    const other = await makeShop();
    const content = await logoPicture({ width: 1200, height: 500 }).png().toBuffer();
    const { hash } = await uploadStripPicture({ shopId: other.shopId, content, actor });
    await expect(save({ ...hardDesign(), stripImage: hash })).rejects.toMatchObject({ code: 'strip-not-found' });
    const stamps = { needed: 10, collected: 1 };
    await expect(
      drawDesign({ shopId: shop.shopId, design: { ...hardDesign(), stripImage: hash }, stamps }),
    ).rejects.toMatchObject({ code: 'strip-not-found' });
  });
});

describe('a test card', () => {
  it('has a serial of its own each time, stores nothing, and is no member’s to a till', async () => {
    const before = await system.sql(
      'select (select count(*) from pass) as passes, (select count(*) from member) as members',
    );
    const token = await tokenOf();
    const cards = await Promise.all([1, 2].map(() => downloadTestCard({ token, language: 'en' })));
    const [one, two] = await Promise.all(cards.map((body) => conformantPass(body, wallets.pems.root)));
    expect(one?.passJson['serialNumber']).not.toBe(two?.passJson['serialNumber']);
    expect(one?.passJson['barcodes']).not.toEqual(two?.passJson['barcodes']);
    expect(
      await system.sql('select (select count(*) from pass) as passes, (select count(*) from member) as members'),
    ).toEqual(before);
  });

  it('shows the live design where there is no draft, and the draft as it is now', async () => {
    const token = await tokenOf();
    expect((await testCardPage(token, 'en')).design).toEqual(starterDesign(shop.slug));
    await save(hardDesign());
    expect((await testCardPage(token, 'de')).content.logoText).toBe('Grüß Gott');
  });

  it('cannot be reached with a changed link, after an hour, or with a member’s link', async () => {
    const token = await tokenOf();
    const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    await expect(downloadTestCard({ token: changed, language: 'en' })).rejects.toMatchObject({ code: 'link-invalid' });
    await expect(downloadTestCard({ token: '', language: 'en' })).rejects.toMatchObject({ code: 'link-invalid' });
    const { cardUrl } = await makeMember(shop);
    const membersToken = cardUrl.split('/').at(-1) ?? '';
    await expect(testCardPage(membersToken, 'en')).rejects.toMatchObject({ code: 'link-invalid' });
    await expect(downloadApplePass({ token })).rejects.toMatchObject({ code: 'link-invalid' });
    setClockOffsetMs(testLinkMs + 1_000);
    await expect(downloadTestCard({ token, language: 'en' })).rejects.toMatchObject({ code: 'link-invalid' });
  });
});
