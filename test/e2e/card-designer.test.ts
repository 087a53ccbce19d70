/** The merchant's designer, in a real browser: made, saved by itself, tried on a phone, published in steps, taken back. */
import type { Frame } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { type Admin, arrowTo, tabTo } from '#test/support/admin-browser.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { publishDesign, untilSaved } from '#test/support/card-admin.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import { logoPicture } from '#test/support/logo-files.ts';
import { type CardHolder, joinShop, type OpenShop, openShop } from '#test/support/shop-floor.ts';
import { fieldOf } from '#test/support/wallet-device.ts';

const teal = 'rgb(0, 85, 102)';
const withinMs = 30_000;

const stage = setStage();
let shop: OpenShop;
let mara: CardHolder;

beforeAll(async () => {
  shop = await openShop(stage.system, 'designer-shop.myshopify.com');
  mara = await joinShop(stage.system, shop, 'mara@example.com');
});

const openAdmin = (path: string, width = 1280): Promise<Admin> => stage.openAdmin(shop.shopDomain, { path, width });

const part = (frame: Frame, name: string) => frame.getByRole('tab', { name, exact: true }).click();
const preview = (frame: Frame) => frame.getByRole('region', { name: 'Preview' });
const colorOnPhone = () => mara.pass().passJson['backgroundColor'];
/** Asks instead of waiting to be pushed: one card is not pushed twice a minute for what changes all cards. */
const colorWhenAsked = async () => {
  await mara.phone.refresh();
  return colorOnPhone();
};

describe('the designer', () => {
  it.each([1280, 390])('meets WCAG 2.2 AA in every part and fits at %i pixels', async (width) => {
    const { frame, errors } = await openAdmin('/app/card', width);
    for (const name of ['Look', 'Texts', 'Fields and links', 'Places', 'Privacy and extras']) {
      await part(frame, name);
      expect({ name, problems: await accessibilityProblems(frame) }).toEqual({ name, problems: [] });
      expect({ name, overflow: await overflowPixels(frame) }).toEqual({ name, overflow: 0 });
    }
    expect(errors).toEqual([]);
  });

  it('takes texts, a field, a link and a translation, saves them by itself, and shows them on both cards', async () => {
    const { frame, errors } = await openAdmin('/app/card');
    await part(frame, 'Texts');
    await frame.getByLabel('Text beside the logo').fill('Tea „Kännchen" 茶');
    await part(frame, 'Fields and links');
    await frame.getByRole('button', { name: 'Add a field' }).click();
    await frame.getByLabel('Label', { exact: true }).fill('Open');
    await frame.getByLabel('Text', { exact: true }).fill('8 to 18');
    await frame.getByLabel('Shown on').selectOption({ label: 'The front of the card' });
    await frame.getByRole('button', { name: 'Add a link' }).click();
    await frame.getByLabel('Words', { exact: true }).fill('Our menu');
    await frame.getByLabel('Web address').fill('javascript:alert(1)');
    await frame.getByText('Enter a whole web address that begins with https://.').waitFor();
    await frame.getByRole('status').filter({ hasText: 'Not saved: one field needs you' }).waitFor();
    await frame.getByLabel('Web address').fill('https://tea.example/menu');
    await untilSaved(frame);
    await part(frame, 'Texts');
    await frame.getByRole('tab', { name: 'German' }).click();
    await frame.getByLabel('Label of “Open” in German').fill('Offen');
    await frame.getByLabel('Text of “Open” in German').fill('8 bis 18 Uhr');
    await preview(frame).getByText('8 bis 18 Uhr').first().waitFor();
    await untilSaved(frame);
    await frame.getByLabel('Language', { exact: true }).selectOption({ label: 'English' });
    await preview(frame).getByText('8 to 18').first().waitFor();
    expect(await preview(frame).getByText('Tea „Kännchen" 茶').count()).toBe(1);
    expect(errors).toEqual([]);
    const again = await openAdmin('/app/card');
    await preview(again.frame).getByText('8 to 18').first().waitFor();
  });

  it('can be used with the keyboard alone: a template, a tab, the stamps on the card', async () => {
    const admin = await openAdmin('/app/card');
    const { page, frame } = admin;
    await tabTo(admin, 'Look');
    await arrowTo(admin, 'Look', 'ArrowRight');
    await tabTo(admin, 'Night');
    await page.keyboard.press('Enter');
    expect(await frame.getByRole('button', { name: 'Night' }).getAttribute('aria-pressed')).toBe('true');
    const slider = frame.getByRole('slider');
    const before = await slider.inputValue();
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    expect(Number(await slider.inputValue())).toBe(Number(before) + 1);
    await preview(frame)
      .getByText(`${Number(before) + 1} / 10`)
      .first()
      .waitFor();
    await untilSaved(frame);
  });

  it('refuses to publish what is not finished, opens the part that needs the merchant, and moves the focus there', async () => {
    const { frame } = await openAdmin('/app/card');
    await part(frame, 'Places');
    await frame.getByRole('button', { name: 'Add a place' }).click();
    expect(await frame.getByText('Write something here.').count()).toBe(0);
    await part(frame, 'Look');
    await frame.getByRole('button', { name: 'Publish', exact: true }).click();
    await frame.getByText('Write something here.').waitFor();
    const field = frame.getByLabel('Name of the place');
    await expect
      .poll(() => field.evaluate((input) => input === document.activeElement), { timeout: withinMs })
      .toBe(true);
    expect(await accessibilityProblems(frame)).toEqual([]);
    await frame.getByRole('button', { name: 'Remove the place “Place 1”' }).click();
    await untilSaved(frame);
  });

  it('asks before it writes over what somebody else saved meanwhile', async () => {
    const [one, two] = [await openAdmin('/app/card'), await openAdmin('/app/card')];
    await one.frame.getByLabel('Card colour', { exact: true }).fill('#223344');
    await untilSaved(one.frame);
    await two.frame.getByLabel('Card colour', { exact: true }).fill('#443322');
    await two.frame.getByText('Somebody else saved this card meanwhile').waitFor();
    await two.frame.getByRole('button', { name: 'Take theirs' }).click();
    expect(await two.frame.getByLabel('Card colour', { exact: true }).inputValue()).toBe('#223344');
    await two.frame.getByLabel('Card colour', { exact: true }).fill('#553322');
    await untilSaved(two.frame);
    await one.frame.getByLabel('Card colour', { exact: true }).fill('#114422');
    await one.frame.getByRole('button', { name: 'Keep mine' }).click();
    await untilSaved(one.frame);
    const third = await openAdmin('/app/card');
    expect(await third.frame.getByLabel('Card colour', { exact: true }).inputValue()).toBe('#114422');
  });

  it('shows a picture across the card the way it is put on the pass', async () => {
    const { frame } = await openAdmin('/app/card');
    const picture = await logoPicture({ width: 1200, height: 500 }).jpeg().toBuffer();
    await frame
      .getByLabel('Picture across the card')
      .setInputFiles({ name: 'strip.jpg', mimeType: 'image/jpeg', buffer: picture });
    await frame.getByText('The picture is on the preview.').waitFor();
    await frame.locator('.apple-strip[src^="data:image/png"]').waitFor();
    await frame.getByRole('button', { name: 'Remove picture' }).click();
    await untilSaved(frame);
    expect(await frame.locator('.apple-strip').getAttribute('src')).toMatch(/^data:image\/svg/);
  });
});

describe('trying a draft on a phone', () => {
  it('gives a real sealed card that says what the preview says, and is no member’s', async () => {
    const { frame } = await openAdmin('/app/card');
    await frame.getByRole('button', { name: 'Try it on your phone' }).click();
    const link = frame.getByRole('link', { name: /Open the test card/ });
    const url = String(await link.getAttribute('href'));
    expect(await frame.getByRole('img', { name: 'QR code of the test card' }).locator('svg').count()).toBe(1);
    const page = await call({ url, headers: { accept: 'text/html' } });
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'private, no-store']);
    const [first, second] = await Promise.all([1, 2].map(() => call({ url: `${url}/apple.pkpass` })));
    const root = stage.system.certificates.root;
    const passes = await Promise.all(
      [first, second].map((answer) => conformantPass(answer?.body ?? Buffer.alloc(0), root)),
    );
    const serials = passes.map(({ passJson }) => passJson['serialNumber']);
    expect(new Set([...serials, mara.serial]).size).toBe(3);
    const [pass] = passes;
    if (pass === undefined) throw new Error('there is no pass');
    expect(fieldOf(pass, 'field-field-1')).toBe('8 to 18');
    await preview(frame).getByText('8 to 18').first().waitFor();
    // What stands under the code of every card of a system that is not the real one stands under it here, too.
    const [{ altText } = {}] = pass.passJson['barcodes'] as { altText?: string }[];
    const underCodes = await preview(frame).locator('.card-code small').allInnerTexts();
    expect([altText, ...underCodes]).toEqual(['TEST', 'TEST', 'TEST']);
    expect((await call({ url: `${url.slice(0, -3)}abc/apple.pkpass` })).status).toBe(403);
  });
});

describe('a design', () => {
  it('reaches the cards step by step, is found again after a reload, and can be taken back', async () => {
    const designer = await openAdmin('/app/card');
    await designer.frame.getByLabel('Card colour', { exact: true }).fill('#005566');
    await publishDesign(designer.frame, 'Step by step');
    await designer.frame.getByText('Design 2 is on its way: 10 % of the cards').waitFor();
    const { frame } = await openAdmin('/app/card/rollout');
    await frame.getByRole('button', { name: 'Pause' }).click();
    await frame.getByText('Paused', { exact: true }).waitFor();
    const again = await openAdmin('/app/card/rollout');
    await again.frame.getByText('Paused', { exact: true }).waitFor();
    expect(await accessibilityProblems(again.frame)).toEqual([]);
    await again.frame.getByRole('button', { name: 'Continue' }).click();
    await again.frame.getByRole('button', { name: 'Go on to 50 % now' }).click();
    await again.frame.getByRole('button', { name: 'Go on to 100 % now' }).click();
    await expect.poll(colorOnPhone, { timeout: withinMs }).toBe(teal);
    await again.frame.getByText('1 of 1 cards are redrawn; 1 are on a phone already').waitFor();
    await again.frame.getByRole('button', { name: 'Take it back' }).click();
    await again.frame.getByText('It was taken back').waitFor();
    await expect.poll(colorWhenAsked, { timeout: withinMs }).not.toBe(teal);
  });

  it('is on all cards when it is finished, and an earlier one comes back from the history', async () => {
    const designer = await openAdmin('/app/card');
    await publishDesign(designer.frame);
    await expect.poll(colorWhenAsked, { timeout: withinMs }).toBe(teal);
    const watching = await openAdmin('/app/card/rollout');
    await watching.frame.getByRole('button', { name: 'Finish now' }).click();
    await watching.frame.getByText('It is on all cards').waitFor();
    const { frame } = await openAdmin('/app/card/history');
    expect(await frame.getByText('Taken back', { exact: true }).count()).toBe(1);
    expect(await accessibilityProblems(frame)).toEqual([]);
    await frame.getByRole('button', { name: 'Bring back design 1' }).click();
    await frame.getByRole('dialog').getByRole('button', { name: 'Bring it back' }).click();
    await frame.getByText('Design 1 again').waitFor();
    await expect.poll(colorWhenAsked, { timeout: withinMs }).not.toBe(teal);
  });
});
