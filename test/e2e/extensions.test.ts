import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { openAdmin } from '#test/platform/admin-visit.ts';
import { createConsole } from '#test/platform/console.ts';
import type { Console } from '#test/platform/console.ts';
import { call } from '#test/platform/http.ts';
import { mintShopperToken } from '#test/platform/session-token.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { ask } from '#test/support/local-postgres.ts';
import { joinShop, openShop } from '#test/support/shop-floor.ts';
import type { OpenShop } from '#test/support/shop-floor.ts';

const domain = 'demo.myshopify.com';
const flatWhite = 7_001_001;
const withinMs = 15_000;

const stage = setStage(() => ({}));
let shown: Console;
let other: OpenShop;
let otherShopsCode: string;
const problems: string[] = [];

beforeAll(async () => {
  await openAdmin(stage.system, domain);
  const { programSlug } = await stage.system.addShop(domain);
  other = await openShop(stage.system, 'next-door.myshopify.com');
  otherShopsCode = (await joinShop(stage.system, other)).cardCode;
  shown = createConsole({ system: stage.system, domain, programSlug });
  stage.system.platform.add(shown.part);
}, 180_000);

afterAll(() => shown?.close());

async function openPage(path: string, width = 1280): Promise<Page> {
  const page = await stage.newPage({ viewport: { width, height: 860 }, locale: 'en' });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(new URL(path, stage.system.addresses.platform).href);
  return page;
}

const fieldSchema = z.object({ key: z.string(), value: z.string() });
const stateSchema = z.object({
  links: z.object({ thankYou: z.string().nullable(), orderStatus: z.string().nullable() }),
  card: z.object({ fields: z.array(fieldSchema) }).nullable(),
  orders: z.array(z.object({ name: z.string(), channel: z.string(), total: z.string() })),
});

type State = z.infer<typeof stateSchema>;

/** What the console shows, after an action of its own when one is given. */
async function consoleState(action?: { path: string; fields: object }): Promise<State> {
  const answer = await call({
    url: `${stage.system.addresses.platform}${action?.path ?? '/console/state'}`,
    headers: { 'content-type': 'application/json' },
    ...(action !== undefined && { body: JSON.stringify(action.fields) }),
  });
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw new Error(`the console answered ${answer.status}: ${text}`);
  return stateSchema.parse(JSON.parse(text));
}

/** The number in a field of the card on the phone. */
async function onPhone(key: 'stamps' | 'points'): Promise<number> {
  const { card } = await consoleState();
  const field = card?.fields.find((candidate) => candidate.key.startsWith(key));
  return Number(/\d+/.exec(field?.value ?? '')?.[0] ?? Number.NaN);
}

async function expectOnPhone(key: 'stamps' | 'points', amount: number): Promise<void> {
  await expect.poll(() => onPhone(key), { timeout: withinMs }).toBe(amount);
}

async function expectNoBarrier(page: Page): Promise<void> {
  // The modal's frame is empty until it opens.
  for (const frame of page.frames().filter((candidate) => candidate.url() !== 'about:blank')) {
    expect(await accessibilityProblems(frame)).toEqual([]);
    expect(await overflowPixels(frame)).toBe(0);
  }
}

/** The pages about an online order of somebody who has no card. */
async function buyOnline(): Promise<{ thankYou: string; orderStatus: string }> {
  await consoleState({ path: '/console/remove-card', fields: {} });
  const { links } = await consoleState({ path: '/console/buy', fields: { productId: flatWhite, channel: 'online' } });
  return { thankYou: links.thankYou ?? '', orderStatus: links.orderStatus ?? '' };
}

describe('the page after an order', () => {
  it('takes a new customer to a card with the stamp of the order, with nothing ticked, and knows them next time', async () => {
    const page = await openPage((await buyOnline()).thankYou);
    const extension = page.frameLocator('#extension');
    await extension.getByRole('heading', { name: 'Join Bluebird Coffee Rewards' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Thank you, Alex!');
    for (const box of await extension.getByRole('checkbox').all()) expect(await box.isChecked()).toBe(false);
    await expectNoBarrier(page);

    await extension.getByRole('button', { name: 'Join' }).click();
    await extension.getByRole('heading', { name: 'Welcome to Bluebird Coffee Rewards' }).waitFor();
    const opening = page.context().waitForEvent('page');
    await extension.getByRole('link', { name: 'Add to wallet' }).click();
    const card = await opening;
    await card.waitForLoadState();
    expect(card.url()).toContain(`${stage.system.addresses.app}/card/`);
    await expect.poll(() => card.locator('body').innerText(), { timeout: withinMs }).toContain('1 / 10');

    await page.reload();
    await extension.getByRole('heading', { name: 'Your Bluebird Coffee Rewards card' }).waitFor();
    await extension.getByRole('link', { name: 'Open your card' }).waitFor();
    expect(await extension.getByRole('button', { name: 'Join' }).count()).toBe(0);
  });

  it('works for a guest with the keyboard alone, and keeps exactly what was ticked', async () => {
    const page = await openPage(`${(await buyOnline()).thankYou}&guest=1`, 400);
    const extension = page.frameLocator('#extension');
    const [first, second] = [extension.getByRole('checkbox').first(), extension.getByRole('checkbox').last()];
    await first.focus();
    await page.keyboard.press('Space');
    expect(await first.isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await second.evaluate((box) => box.matches(':focus'))).toBe(true);
    await expectNoBarrier(page);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await extension.getByRole('link', { name: 'Add to wallet' }).waitFor();
    const granted = await rowsOf('select purpose, granted from consent_record order by occurred_at desc limit 2');
    expect(granted).toEqual(
      expect.arrayContaining([
        { purpose: 'program', granted: true },
        { purpose: 'marketing', granted: false },
      ]),
    );
    // Nobody is logged in, so the page cannot know them; joining again leads to the same card.
    await page.reload();
    await extension.getByRole('button', { name: 'Join' }).click();
    await extension.getByRole('link', { name: 'Add to wallet' }).waitFor();
  });
});

describe('the status page of an order', () => {
  it('takes a logged-in customer to a card, and shows it from then on', async () => {
    const { orderStatus, thankYou } = await buyOnline();
    const page = await openPage(orderStatus);
    const extension = page.frameLocator('#extension');
    await extension.getByRole('heading', { name: 'Join Bluebird Coffee Rewards' }).waitFor();
    expect(await page.locator('#who').innerText()).toBe('Alex is logged in.');
    for (const box of await extension.getByRole('checkbox').all()) expect(await box.isChecked()).toBe(false);
    await expectNoBarrier(page);

    await extension.getByRole('button', { name: 'Join' }).click();
    await extension.getByRole('heading', { name: 'Welcome to Bluebird Coffee Rewards' }).waitFor();
    const link = await extension.getByRole('link', { name: 'Add to wallet' }).getAttribute('href');
    const card = await openPage(link ?? '');
    expect(card.url()).toContain(`${stage.system.addresses.app}/card/`);
    await expect.poll(() => card.locator('body').innerText(), { timeout: withinMs }).toContain('1 / 10');

    await page.reload();
    await extension.getByRole('link', { name: 'Open your card' }).waitFor();
    // The page after the same order knows them as well now.
    await page.goto(new URL(thankYou, page.url()).href);
    await extension.getByRole('link', { name: 'Open your card' }).waitFor();
    expect(await extension.getByRole('button', { name: 'Join' }).count()).toBe(0);
  });

  it('takes a guest to a card in their language, and does not show it to who only has the link', async () => {
    const { orderStatus } = await buyOnline();
    const page = await openPage(`${orderStatus}&guest=1&locale=de`, 400);
    const extension = page.frameLocator('#extension');
    await extension.getByRole('button', { name: 'Mitmachen' }).click();
    await extension.getByRole('link').waitFor();
    await expectNoBarrier(page);
    await page.reload();
    await extension.getByRole('button', { name: 'Mitmachen' }).waitFor();
    expect(await extension.getByRole('link').count()).toBe(0);
  });

  it('gives no card of another shop’s program for it, whatever shop the session is of', async () => {
    const page = await openPage((await buyOnline()).orderStatus);
    const token = await mintShopperToken(stage.system.shopify.app, other.shopDomain, null);
    await page.route('**/session-token?*', (route) => route.fulfill({ json: { token } }));
    await page.reload();
    const members = 'select shop_id, count(*) from member group by shop_id order by shop_id';
    const before = await rowsOf(members);
    const refusal = page.waitForResponse((answer) => answer.url().endsWith('/storefront/v1/enrollments'));
    await page.frameLocator('#extension').getByRole('button', { name: 'Join' }).click();
    expect((await refusal).status()).toBe(409);
    expect(await rowsOf(members)).toEqual(before);
  });
});

const rowsOf = (query: string) => ask(stage.databaseUrl, query);

async function openTill(width = 1280): Promise<Page> {
  const page = await openPage(`/pos/${domain}`, width);
  await page.frameLocator('#tile').getByRole('button', { name: 'Stampwell' }).waitFor();
  return page;
}

async function openModal(page: Page): Promise<FrameLocator> {
  await page.frameLocator('#tile').getByRole('button', { name: 'Stampwell' }).click();
  const modal = page.frameLocator('#modal-frame');
  await modal.getByRole('heading', { name: 'Scan a card' }).waitFor();
  return modal;
}

async function scanPhone(page: Page, modal: FrameLocator): Promise<void> {
  await page.getByRole('button', { name: /Hold the phone/ }).click();
  await modal.getByRole('heading', { name: 'Give Stamps' }).waitFor();
}

describe('the till', () => {
  it('scans the phone, gives a stamp that lands there, and takes it back', async () => {
    await consoleState({ path: '/console/join', fields: {} });
    const page = await openTill();
    await expectNoBarrier(page);
    const modal = await openModal(page);
    await expectNoBarrier(page);
    await scanPhone(page, modal);
    await modal.getByText('Stamps: 0 of 10').waitFor();
    await modal.getByRole('button', { name: 'Stamps +1' }).click();
    await modal.getByText('Stamps: 1 of 10').waitFor();
    await expectOnPhone('stamps', 1);
    await expectNoBarrier(page);
    await modal.getByRole('button', { name: 'Undo +1 stamp' }).click();
    await modal.getByText('Stamps: 0 of 10').waitFor();
    await expectOnPhone('stamps', 0);
  });

  it('lets a sale earn on the card, then takes a reward off the next one', async () => {
    await consoleState({ path: '/console/join', fields: {} });
    const page = await openTill();
    for (let bags = 0; bags < 7; bags += 1) await page.getByRole('button', { name: /^Bag of beans/ }).click();
    const modal = await openModal(page);
    await scanPhone(page, modal);
    await modal.getByText('This sale earns on this card.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Pay €101.50' }).click();
    await expectOnPhone('points', 101);
    await expectOnPhone('stamps', 1);

    await page.getByRole('button', { name: /^Bag of beans/ }).click();
    await openModal(page);
    await scanPhone(page, modal);
    await modal.getByRole('button', { name: 'Redeem €5.00 off' }).click();
    await page.locator('#facts').getByText(/^SW-/).waitFor();
    await page.getByText('Reward added to the sale').waitFor();
    expect(await rowsOf('select state from reservation')).toEqual([{ state: 'reserved' }]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Pay €9.50' }).click();
    // A point for each whole euro that was paid, less the hundred of the reward.
    await expectOnPhone('points', 10);
    expect(await rowsOf('select state from reservation')).toEqual([{ state: 'committed' }]);
    expect((await consoleState()).orders[0]).toMatchObject({ channel: 'till', total: '9.50' });
  });

  it('takes an undone reward off the cart again', async () => {
    await consoleState({ path: '/console/join', fields: {} });
    const page = await openTill();
    for (let bags = 0; bags < 7; bags += 1) await page.getByRole('button', { name: /^Bag of beans/ }).click();
    const modal = await openModal(page);
    await scanPhone(page, modal);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Pay €101.50' }).click();
    await expectOnPhone('points', 101);
    await page.getByRole('button', { name: /^Flat white/ }).click();
    await openModal(page);
    await scanPhone(page, modal);
    await modal.getByRole('button', { name: 'Redeem €5.00 off' }).click();
    await page.getByText('€0.00').first().waitFor();
    await modal.getByRole('button', { name: 'Undo €5.00 off' }).click();
    await modal.getByText('Points: 101').waitFor();
    await expect.poll(() => page.locator('#facts').innerText(), { timeout: withinMs }).not.toMatch(/SW-/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Pay €3.80' }).waitFor();
  });

  it('finds nobody behind the card of another shop, nor behind a code it cannot read', async () => {
    const page = await openTill(400);
    const modal = await openModal(page);
    for (const code of [otherShopsCode, 'not a card']) {
      await page.getByRole('textbox', { name: 'Code' }).fill(code);
      await page.getByRole('button', { name: 'Scan', exact: true }).click();
      await modal.getByText('No member has this card.').waitFor();
    }
    await expectNoBarrier(page);
    expect(await modal.getByText('Stamps').count()).toBe(0);
  });

  it('says that it is offline instead of losing a scan', async () => {
    const page = await openTill();
    await page.getByLabel('Offline').check();
    await page.frameLocator('#tile').getByText('Offline').waitFor();
    await page.frameLocator('#tile').getByRole('button', { name: 'Stampwell' }).click();
    const modal = page.frameLocator('#modal-frame');
    await modal
      .locator('s-banner')
      .getByText(/You are offline/)
      .waitFor();
    expect(await modal.getByRole('button', { name: 'Scan with camera' }).isDisabled()).toBe(true);
  });
});

describe('the pages of Shopify that run extensions', () => {
  it('are linked from the console and run without an error', async () => {
    const page = await openPage('/', 400);
    await page.locator('.product').first().waitFor();
    expect(await page.getByRole('link', { name: 'Point of sale' }).getAttribute('href')).toContain(`/pos/${domain}`);
    expect(await page.getByRole('link', { name: 'Thank-you page' }).getAttribute('href')).toContain(
      '/thank-you?order=',
    );
    expect(await page.getByRole('link', { name: 'Order status' }).getAttribute('href')).toContain(
      '/order-status?order=',
    );
    expect(await overflowPixels(page)).toBe(0);
    expect(problems).toEqual([]);
  });
});
