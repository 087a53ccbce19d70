/**
 * `npm run screenshot`: makes the picture of the README from the running product: a shop, a shopper, a coffee, and the
 * stamp that landed.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Page } from 'playwright-core';

import { resolveDatabase } from '#prisma/connect.ts';
import { openAdmin } from '#test/platform/admin-visit.ts';
import { createConsole } from '#test/platform/console.ts';
import { cardCodeOn, stampsOn } from '#test/platform/pass-figures.ts';
import { applePassLink, joinProgram } from '#test/platform/shopper.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';
import { createTill } from '#test/platform/till.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { createOwnDatabase } from '#test/platform/own-database.ts';

const images = path.join(import.meta.dirname, '..', '..', 'docs', 'images');
const coffees = 4;
const apartMs = 2_500;
const domain = 'demo.myshopify.com';

/** Another shopper goes first, so that the picture shows a system that runs, not one that has just started. */
async function warmUp(system: System, programSlug: string): Promise<void> {
  const { cardUrl } = await joinProgram({ appUrl: system.addresses.app, programSlug, email: 'first@example.com' });
  const phone = system.createPhone();
  const pass = await phone.install(await applePassLink(cardUrl));
  const till = createTill(system.shopify, domain);
  for (let bought = 1; bought <= coffees; bought += 1) {
    const lines = [{ title: 'Flat white', productId: 1, unitPriceMinor: 380, quantity: 1 }];
    await till.buy({ channel: 'pos', currency: 'EUR', lines, cardCode: cardCodeOn(pass.passJson) });
    await phone.waitFor(pass.serialNumber, (held) => stampsOn(held.passJson) === bought, 15_000);
  }
}

async function playThrough(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Join and add to wallet' }).click();
  await page.locator('.pass').waitFor();
  for (let bought = 1; bought <= coffees; bought += 1) {
    // Nobody buys two coffees in one second, which is the finest a wallet tells two versions of a card apart by.
    await page.waitForTimeout(apartMs);
    await page.getByRole('button', { name: /Flat white €/ }).click();
    await page.locator('.pass .top dd', { hasText: new RegExp(`^${bought}\\s`) }).waitFor();
  }
  // The notice has slid in, and the pictures of the new card are there.
  await page.waitForTimeout(900);
}

async function main(): Promise<void> {
  const database = await resolveDatabase();
  const own = await createOwnDatabase(database.url);
  const system = await startSystem({
    databaseUrl: own.url,
    stage: 'demo',
    onLine: (name, line) => process.stderr.write(`[${name}] ${line}\n`),
  });
  await openAdmin(system, domain);
  const { programSlug } = await system.addShop(domain);
  await warmUp(system, programSlug);
  const page = createConsole({ system, domain, programSlug });
  system.platform.add(page.part);
  const browser = await launchBrowser();
  try {
    await mkdir(images, { recursive: true });
    const tab = await browser.newPage({
      viewport: { width: 1280, height: 880 },
      deviceScaleFactor: 2,
      colorScheme: 'light',
    });
    await tab.goto(`${system.addresses.platform}/`);
    await playThrough(tab);
    const file = path.join(images, 'console.png');
    await tab.screenshot({ path: file });
    process.stdout.write(`${file}\n`);
  } finally {
    await browser.close();
    page.close();
    await system.stop();
    await own.drop();
    await database.close();
  }
}

await main();
process.exit();
