import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openAdmin } from '#test/platform/admin-visit.ts';
import { createConsole } from '#test/platform/console.ts';
import type { Console } from '#test/platform/console.ts';
import { call } from '#test/platform/http.ts';
import { createTill } from '#test/platform/till.ts';
import { untilFinished } from '#test/support/books.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { jsonOf } from '#test/support/callers.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';

const domain = 'demo.myshopify.com';

const stage = setStage(() => ({}));
let shown: Console;
let programSlug: string;
const problems: string[] = [];

beforeAll(async () => {
  await openAdmin(stage.system, domain);
  ({ programSlug } = await stage.system.addShop(domain));
  shown = createConsole({ system: stage.system, domain, programSlug });
  stage.system.platform.add(shown.part);
}, 120_000);

afterAll(() => shown?.close());

async function openConsole(width = 1280): Promise<Page> {
  const page = await stage.newPage({ viewport: { width, height: 880 } });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${stage.system.addresses.platform}/`);
  await page.locator('.product').first().waitFor();
  return page;
}

async function waitForStamps(page: Page, stamps: number): Promise<void> {
  await page.locator('.pass .top dd', { hasText: new RegExp(`^${stamps}\\s`) }).waitFor({ timeout: 15_000 });
}

describe('the console', () => {
  it('lets a newcomer join, buy a coffee and refund it in three clicks', async () => {
    const page = await openConsole();
    await page.getByRole('button', { name: 'Join and add to wallet' }).click();
    await waitForStamps(page, 0);
    const focused = () => page.locator('button:focus').textContent({ timeout: 2_000 });
    await page.getByRole('button', { name: /Flat white €/ }).press('Enter');
    await waitForStamps(page, 1);
    // The page was drawn anew, and whoever works with the keyboard still stands where they stood.
    expect(await focused()).toContain('Flat white');
    await page.getByRole('button', { name: 'Refund', exact: true }).click();
    await waitForStamps(page, 0);
    expect(await page.locator('.figure').textContent()).toContain('from the refund to the new card');
    await expect.poll(() => page.locator('#guide .done').count(), { timeout: 15_000 }).toBe(4);
    expect(await page.locator('.steps').first().textContent()).toContain('Signature verified');
    await page.getByRole('button', { name: 'Remove the card' }).click();
    await page.getByRole('button', { name: 'Join and add to wallet' }).waitFor();
    await page.close();
  }, 60_000);

  it('takes the real pages in the browser of the phone to the wallet, and an online order to the card', async () => {
    const page = await openConsole();
    await page.getByRole('button', { name: 'Fill in the join page myself' }).click();
    const frame = page.frameLocator('#browser');
    await frame.locator('input[type=email]').fill('newcomer@example.com');
    await frame.locator('form button').first().click();
    await frame.locator('a[href*="apple.pkpass"]').first().click();
    await waitForStamps(page, 0);
    await page.getByText('Online', { exact: true }).click();
    await page.getByRole('button', { name: /Flat white €/ }).click();
    await waitForStamps(page, 1);
    expect(await page.locator('.order').first().textContent()).toContain('online');
    await page.close();
  }, 60_000);

  it('fits a narrow screen without scrolling sideways', async () => {
    const page = await openConsole(400);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await page.close();
  });

  it('opens the merchant admin with the app inside', async () => {
    const page = await stage.newPage({ viewport: { width: 1280, height: 880 } });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${stage.system.addresses.platform}/admin/${domain}`);
    await page.getByRole('navigation').getByRole('link', { name: 'Members' }).click();
    await page.frameLocator('#app').getByRole('heading', { name: 'Members' }).first().waitFor();
    // The frame tells the page around it where it is, which may be a moment later.
    await expect.poll(() => page.url(), { timeout: 15_000 }).toContain(encodeURIComponent('/app/members'));
    await page.close();
  }, 60_000);

  it('shows nothing of another shop, to which nothing of this one is known', async () => {
    const ask = async (path: string) => jsonOf(await call({ url: `${stage.system.addresses.platform}${path}` }));
    // What the tests before began must have come to its end.
    await untilFinished(stage.databaseUrl, 15_000);
    const before = await ask('/console/state');
    const nextDoor = await openShop(stage.system, 'next-door.myshopify.com');
    const neighbour = await joinShop(stage.system, nextDoor);
    const { code } = await ask(`/pos/${domain}/scan`);
    expect(code).not.toBeNull();
    // The till next door scans the card of this shop first, and one of its own afterwards.
    for (const cardCode of [String(code), neighbour.cardCode])
      await nextDoor.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(900)], cardCode });
    await neighbour.phone.waitFor(neighbour.serial, () => neighbour.shown().points === 9, 15_000);
    expect(neighbour.phone.passes().map((pass) => pass.serialNumber)).toEqual([neighbour.serial]);
    expect(await ask('/console/state')).toEqual(before);
    for (const path of ['/pos/next-door.myshopify.com', '/checkout/next-door.myshopify.com/thank-you'])
      expect((await call({ url: `${stage.system.addresses.platform}${path}` })).status).toBe(404);
    const members = await openAdmin(stage.system, nextDoor.shopDomain, '/app/members');
    expect(members.body.toString('utf8').match(/\/app\/members\/[0-9a-f-]{36}/g)).toHaveLength(1);
  });

  it('says on the shop’s own pages, in a real browser, exactly what the sale then brings', async () => {
    const holder = await joinShop(stage.system, { programSlug });
    const page = await stage.newPage({ viewport: { width: 390, height: 844 } });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${stage.system.addresses.platform}/shop/${domain}/products/7001001`);
    const line = page.locator('.stampwell-estimate');
    await line.getByText('Join our loyalty program and earn 1 stamp + 3 points').waitFor();
    await page.getByLabel('Quantity').fill('3');
    await page.getByLabel('Quantity').press('Tab');
    await line.getByText('earn 1 stamp + 11 points').waitFor();
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('heading', { name: 'Cart' }).waitFor();
    await line.getByText('earn 1 stamp + 11 points').waitFor();
    const till = createTill(stage.system.shopify, domain);
    await till.buy({ channel: 'online', currency: 'EUR', lines: [coffee(380, 3)], cardCode: holder.cardCode });
    await expect.poll(() => holder.shown(), { timeout: 15_000 }).toEqual({ points: 11, stamps: 1 });
  });

  it('runs without an error on any page', () => {
    expect(problems).toEqual([]);
  });
});
