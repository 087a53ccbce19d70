/** The merchant's logo, from a click in the admin to the pass on a phone. */
import type { Frame } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { openAdmin } from '#test/platform/admin-visit.ts';
import { call } from '#test/platform/http.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { publishDesign } from '#test/support/card-admin.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { ask } from '#test/support/local-postgres.ts';
import { logoPicture } from '#test/support/logo-files.ts';
import { joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const stage = setStage();
let shop: OpenShop;
let other: OpenShop;
let holder: CardHolder;
let picture: Buffer;

beforeAll(async () => {
  shop = await openShop(stage.system, 'logo-shop.myshopify.com');
  other = await openShop(stage.system, 'other-logo-shop.myshopify.com');
  holder = await joinShop(stage.system, shop);
  picture = await logoPicture({ width: 640, height: 200 }).jpeg().toBuffer();
});

const openFrame = async (domain: string, path: string, width = 1280): Promise<Frame> =>
  (await stage.openAdmin(domain, { path, width })).frame;

const logoField = (frame: Frame) => frame.getByLabel('Logo', { exact: true });
const file = (buffer: Buffer, name = 'logo.png', mimeType = 'image/png') => ({ name, mimeType, buffer });

/** The logos a page shows that really loaded, by the width of what was loaded. */
function shownLogos(frame: Frame): Promise<number[]> {
  return frame.evaluate(() =>
    [...document.querySelectorAll<HTMLImageElement>('img[src^="/images/logo/"]')].map((image) => image.naturalWidth),
  );
}

describe('the Card page', () => {
  it('takes a logo, shows it on both cards, and brings it to the phone and the join page', async () => {
    const before = holder.pass().files.get('logo@3x.png');
    const frame = await openFrame(shop.shopDomain, '/app/card');
    await logoField(frame).setInputFiles(file(picture));
    await frame.getByText('The logo is on the preview.').waitFor();
    await frame.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>('img[src^="/images/logo/"]')].every((image) => image.complete),
    );
    expect(await shownLogos(frame)).toEqual([480, 480, 480]);
    expect(await accessibilityProblems(frame)).toEqual([]);
    expect(await overflowPixels(frame)).toBe(0);
    await publishDesign(frame);
    await expect
      .poll(
        () =>
          holder
            .pass()
            .files.get('logo@3x.png')
            ?.equals(before ?? Buffer.alloc(0)),
        { timeout: 30_000 },
      )
      .toBe(false);
    const page = await stage.newPage({ javaScriptEnabled: false });
    const [logo] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/images/logo/')),
      page.goto(`${stage.system.addresses.app}/join/${shop.programSlug}`),
    ]);
    expect(logo.status()).toBe(200);
    expect(await logo.body()).toEqual(holder.pass().files.get('logo@3x.png'));
  });

  it('takes the logo away again, and the focus stays in the form', async () => {
    const frame = await openFrame(shop.shopDomain, '/app/card');
    await frame.getByRole('button', { name: 'Remove logo' }).focus();
    await frame.page().keyboard.press('Enter');
    expect(await shownLogos(frame)).toEqual([]);
    expect(await logoField(frame).evaluate((input) => input === document.activeElement)).toBe(true);
  });

  it.each([
    ['too large a file', file(Buffer.alloc(2 * 1024 * 1024 + 1)), 'larger than 2 MB'],
    ['a drawing', file(Buffer.from('<svg/>'), 'logo.svg', 'image/svg+xml'), 'not a PNG, JPEG or WebP'],
    ['a text that calls itself a picture', file(Buffer.from('hello')), 'not a PNG, JPEG or WebP'],
  ])('says what is wrong with %s, and keeps what was there', async (_, wrong, words) => {
    const frame = await openFrame(shop.shopDomain, '/app/card', 390);
    await logoField(frame).setInputFiles(wrong);
    await frame.getByRole('alert').filter({ hasText: words }).waitFor();
    expect(await logoField(frame).getAttribute('aria-invalid')).toBe('true');
    expect(await accessibilityProblems(frame)).toEqual([]);
    expect(await overflowPixels(frame)).toBe(0);
  });
});

describe('the admin of another shop', () => {
  const logoHashes = (shopId: string) =>
    ask(
      stage.databaseUrl,
      `select hash, content, created_at from shop_image where shop_id = '${shopId}' order by hash`,
    );

  /** A form sent by the other shop's admin, with its own session token. */
  async function send(path: string, form: FormData): Promise<Response> {
    const token = await stage.system.shopify.mintSessionToken(other.shopDomain);
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'Mozilla/5.0 Chrome/140', accept: 'text/html' };
    return fetch(`${stage.system.addresses.app}${path}`, { method: 'POST', headers, body: form });
  }

  it('sees no logo on its card, and its design cannot name the one of this shop', async () => {
    const [{ hash } = {}] = await logoHashes(shop.shopId);
    expect(String(hash)).toMatch(/^[0-9a-f]{64}$/);
    expect((await openAdmin(stage.system, shop.shopDomain, '/app/card/history')).body.toString('utf8')).toContain(
      String(hash),
    );
    expect((await openAdmin(stage.system, other.shopDomain, '/app/card/history')).body.toString('utf8')).not.toContain(
      String(hash),
    );
    const form = new FormData();
    form.set('intent', 'save');
    form.set('revision', '0');
    form.set('design', JSON.stringify({ ...starterDesign('Other'), logoImage: hash }));
    expect(await (await send('/app/card', form)).text()).toContain('The logo is not there any more');
    expect(await ask(stage.databaseUrl, `select 1 from card_draft where shop_id = '${other.shopId}'`)).toEqual([]);
  });

  it('replaces nothing here when it uploads a logo of its own, the same one included', async () => {
    const before = await logoHashes(shop.shopId);
    const onPhone = holder.pass().files.get('logo@3x.png');
    const red = await logoPicture({ width: 300, height: 300 }).png().toBuffer();
    for (const content of [red, picture]) {
      const form = new FormData();
      form.set('logo', new Blob([new Uint8Array(content)]));
      expect((await send('/app/logo', form)).status).toBe(200);
    }
    expect(await logoHashes(other.shopId)).toHaveLength(2);
    expect(await logoHashes(shop.shopId)).toEqual(before);
    await holder.phone.refresh();
    expect(holder.pass().files.get('logo@3x.png')).toEqual(onPhone);
    const page = await call({ url: `${stage.system.addresses.app}/join/${other.programSlug}` });
    expect(page.body.toString('utf8')).not.toContain('/images/logo/');
  });
});

describe('the wizard', () => {
  it('keeps the logo of the card step to the end', async () => {
    const frame = await openFrame('new-logo-shop.myshopify.com', '/app');
    for (let step = 1; step <= 6; step += 1) {
      await frame.getByText(`Step ${step} of 6`).waitFor();
      if (step === 4) {
        await logoField(frame).setInputFiles(file(picture));
        await frame.getByText('The logo is on the preview.').waitFor();
      }
      if (step === 6) await frame.getByLabel('I accept the data processing agreement').check();
      await frame.getByRole('button', { name: step === 6 ? 'Go live' : 'Next' }).click();
    }
    await frame.getByText('Your program is live').waitFor();
    const card = await openFrame('new-logo-shop.myshopify.com', '/app/card');
    expect(await card.getByRole('button', { name: 'Remove logo' }).count()).toBe(1);
  });
});

it('nobody uploads a logo without the shop’s own session', async () => {
  const form = new FormData();
  form.set('logo', new Blob([new Uint8Array(picture)]));
  const answer = await fetch(`${stage.system.addresses.app}/app/logo`, { method: 'POST', body: form });
  expect(answer.status).toBe(401);
});
