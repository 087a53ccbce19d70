import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { untilFinished } from '#test/support/books.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { createCallers, jsonOf } from '#test/support/callers.ts';
import type { Callers } from '#test/support/callers.ts';
import { everythingKept } from '#test/support/other-shop.ts';
import { ask } from '#test/support/local-postgres.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const pageBytesMax = 50 * 1024;
const withinMs = 15_000;
const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1';
const android = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36';

const stage = setStage();
let shop: OpenShop;
let nextDoor: OpenShop;

beforeAll(async () => {
  shop = await openShop(stage.system, 'corner-cafe.myshopify.com');
  nextDoor = await openShop(stage.system, 'next-door.myshopify.com');
});

type Visitor = { userAgent?: string; locale?: string; width?: number };

/** A visitor whose browser runs no script at all. */
function visit(visitor: Visitor = {}): Promise<Page> {
  return stage.newPage({
    javaScriptEnabled: false,
    locale: visitor.locale ?? 'en-US',
    userAgent: visitor.userAgent ?? iPhone,
    viewport: { width: visitor.width ?? 390, height: 844 },
  });
}

function joinUrl(): string {
  return `${stage.system.addresses.app}/join/${shop.programSlug}`;
}

async function join(page: Page, email: string): Promise<void> {
  await page.goto(joinUrl());
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Get my card' }).click();
}

/** The same page in a browser that runs scripts, which the checker needs; the page itself still brings none. */
async function checked(url: string, width: number): Promise<{ problems: string[]; overflow: number; scripts: number }> {
  const page = await stage.newPage({ bypassCSP: true, viewport: { width, height: 844 } });
  await page.goto(url);
  const scripts = await page.locator('script').count();
  const overflow = await overflowPixels(page);
  const light = await accessibilityProblems(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  return { problems: [...light, ...(await accessibilityProblems(page))], overflow, scripts };
}

/** All that a first visit brings, unpacked, and that nothing stays behind. */
async function expectLight(page: Page, url: string): Promise<void> {
  const sizes: Promise<number>[] = [];
  page.on('response', (response) => sizes.push(response.body().then((body) => body.length)));
  await page.goto(url, { waitUntil: 'networkidle' });
  const weights = await Promise.all(sizes);
  expect(weights.length).toBeGreaterThan(1);
  expect(weights.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(pageBytesMax);
  expect(await page.context().cookies()).toEqual([]);
}

describe('joining', () => {
  it('takes an e-mail address and one tap, without JavaScript and with nothing ticked', async () => {
    const page = await visit();
    await page.goto(joinUrl());
    for (const box of await page.getByRole('checkbox').all()) expect(await box.isChecked()).toBe(false);
    await join(page, 'mara@example.com');
    expect(new URL(page.url()).pathname).toMatch(/^\/card\/[A-Za-z0-9_-]+$/);
    expect(await page.getByRole('link', { name: 'Add to Apple Wallet' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Add to Google Wallet' }).count()).toBe(1);
  });

  it('keeps what was typed and says what to do when the address is no address', async () => {
    const page = await visit();
    await page.goto(joinUrl());
    await page.getByLabel('E-mail address').fill('mara@');
    await page.getByLabel('First name').fill('Mara');
    await page.getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Get my card' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('name@example.com');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('mara@');
    expect(await page.getByLabel('First name').inputValue()).toBe('Mara');
    expect(await page.getByRole('checkbox').first().isChecked()).toBe(true);
    expect(await page.getByRole('checkbox').last().isChecked()).toBe(false);
  });

  it('does not open the card of somebody whose address a stranger types', async () => {
    await join(await visit(), 'owner@example.com');
    const unsent = () => ask(stage.databaseUrl, 'select from mail_request where done_at is null');
    await expect.poll(unsent, { timeout: withinMs }).toEqual([]);
    const stranger = await visit();
    await join(stranger, 'OWNER@example.com');
    expect(new URL(stranger.url()).pathname).toMatch(/^\/card\//);
    const mails = () => JSON.stringify(stage.system.mail?.mails);
    await expect.poll(mails, { timeout: withinMs }).toContain('You already have a card');
  });

  it('turns away a program that fills in the field people cannot see', async () => {
    const page = await visit();
    await page.goto(joinUrl());
    await page.getByLabel('E-mail address').fill('robot@example.com');
    await page.locator('input[name=website]').fill('https://spam.example', { force: true });
    await page.getByRole('button', { name: 'Get my card' }).click();
    expect(new URL(page.url()).pathname).toBe(`/join/${shop.programSlug}`);
  });

  it('speaks the language of the visitor, and another one on request', async () => {
    const page = await visit({ locale: 'de-CH' });
    await page.goto(joinUrl());
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.getByRole('button').innerText()).toBe('Meine Karte holen');
    await page.getByRole('link', { name: 'Français' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
  });

  it('answers an unknown program with a page that says what to do', async () => {
    const page = await visit();
    const answer = await page.goto(`${stage.system.addresses.app}/join/no-such-program`);
    expect(answer?.status()).toBe(404);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('This page does not exist');
  });

  it.each([390, 1280])('meets WCAG 2.2 AA without a script at %i pixels', async (width) => {
    expect(await checked(joinUrl(), width)).toEqual({ problems: [], overflow: 0, scripts: 0 });
    const poster = await checked(`${joinUrl()}/poster`, width);
    expect(poster).toEqual({ problems: [], overflow: 0, scripts: 0 });
  });

  it('weighs no more than 50 KB with everything it loads, and sets no cookie', async () => {
    await expectLight(await visit(), joinUrl());
  });
});

describe('the card page', () => {
  it('offers the wallet of the visitor’s own phone first', async () => {
    const apple = await visit();
    await join(apple, 'first@example.com');
    expect(await apple.locator('.wallet-button').first().innerText()).toContain('Apple Wallet');
    const google = await visit({ userAgent: android });
    await google.goto(apple.url());
    expect(await google.locator('.wallet-button').first().innerText()).toContain('Google Wallet');
  });

  it('hands an iPhone a pass', async () => {
    const page = await visit();
    await join(page, 'pass@example.com');
    const answer = await page.request.get(`${page.url()}/apple.pkpass`);
    expect(answer.headers()['content-type']).toBe('application/vnd.apple.pkpass');
    expect((await answer.body()).subarray(0, 2).toString()).toBe('PK');
  });

  it('refuses a link with one changed character, and says what to do', async () => {
    const page = await visit();
    await join(page, 'link@example.com');
    const url = new URL(page.url());
    const last = url.pathname.at(-1);
    url.pathname = `${url.pathname.slice(0, -1)}${last === 'A' ? 'B' : 'A'}`;
    const answer = await page.goto(url.href);
    expect(answer?.status()).toBe(403);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('This link does not work');
    const download = await page.request.get(`${url.href}/apple.pkpass`);
    expect(download.status()).toBe(403);
  });

  it('weighs no more than 50 KB with everything it loads, and sets no cookie', async () => {
    const page = await visit();
    await join(page, 'light@example.com');
    await expectLight(await visit(), page.url());
  });

  it('is kept out of caches, search engines and referrers', async () => {
    const page = await visit();
    await join(page, 'quiet@example.com');
    const headers = (await page.goto(page.url()))?.headers() ?? {};
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-robots-tag']).toBe('noindex');
    expect(headers['content-security-policy']).toContain("script-src 'none'");
  });

  it.each([390, 1280])('meets WCAG 2.2 AA without a script at %i pixels', async (width) => {
    const page = await visit();
    await join(page, `reader-${width}@example.com`);
    expect(await checked(page.url(), width)).toEqual({ problems: [], overflow: 0, scripts: 0 });
  });
});

describe('the shop next door', () => {
  const linkBodyBytes = 37;
  const shopIdBytes = [1, 17] as const;
  let callers: Callers;
  let here: CardHolder;
  let there: CardHolder;

  beforeAll(async () => {
    callers = createCallers(stage.system);
    here = await joinShop(stage.system, shop, 'both@example.com');
    there = await joinShop(stage.system, nextDoor, 'both@example.com');
    await shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(700)], cardCode: here.cardCode });
    await untilFinished(stage.databaseUrl, 15_000);
  });

  const tokenOf = ({ cardUrl }: CardHolder): string => new URL(cardUrl).pathname.split('/')[2] ?? '';

  async function expectNothingChanges(attempt: () => Promise<void>): Promise<void> {
    const before = await everythingKept(stage.databaseUrl);
    await attempt();
    await untilFinished(stage.databaseUrl, 15_000);
    expect(await everythingKept(stage.databaseUrl)).toEqual(before);
  }

  it('gives the same person a card of its own, and does not know them from here', async () => {
    expect(there.serial).not.toBe(here.serial);
    expect(there.shown()).toEqual({ points: 0, stamps: 0 });
    await expect.poll(() => here.shown(), { timeout: withinMs }).toEqual({ points: 7, stamps: 1 });
    const page = await visit();
    await page.goto(`${stage.system.addresses.app}/join/${nextDoor.programSlug}`);
    await page.getByLabel('E-mail address').fill('owner@example.com');
    await page.getByRole('button', { name: 'Get my card' }).click();
    // A member here, but nobody there: there is nothing to say "already" about.
    expect(new URL(page.url()).pathname).toMatch(/^\/card\//);
  });

  it('opens no card, pass or save link with a link that it signed for a card of this shop', async () => {
    const [ours, theirs] = [here, there].map((holder) => Buffer.from(tokenOf(holder), 'base64url'));
    if (ours === undefined || theirs === undefined) throw new Error('there are no links');
    const theirSignature = theirs.subarray(linkBodyBytes);
    const withTheirShop = Buffer.from(ours);
    theirs.copy(withTheirShop, shopIdBytes[0], ...shopIdBytes);
    const forged = [
      Buffer.concat([ours.subarray(0, linkBodyBytes), theirSignature]),
      withTheirShop,
      Buffer.concat([withTheirShop.subarray(0, linkBodyBytes), theirSignature]),
    ].map((bytes) => bytes.toString('base64url'));
    await expectNothingChanges(async () => {
      for (const token of forged)
        for (const address of ['', '/apple.pkpass', '/google']) {
          const answer = await call({ url: `${stage.system.addresses.app}/card/${token}${address}` });
          expect({ address, status: answer.status }).toEqual({ address, status: 403 });
          expect(answer.body.toString('utf8')).not.toContain(here.serial);
        }
    });
  });

  it('neither reads, registers for nor silences a pass of this shop with the token of its own', async () => {
    const { deviceLibraryIdentifier, pushToken } = there.phone;
    const theirs = `devices/${deviceLibraryIdentifier}/registrations/{type}/${here.serial}`;
    const ours = `devices/${here.phone.deviceLibraryIdentifier}/registrations/{type}/${here.serial}`;
    await expectNothingChanges(async () => {
      expect((await callers.askWallet(there, `passes/{type}/${here.serial}`)).status).toBe(401);
      const body = JSON.stringify({ pushToken });
      expect((await callers.askWallet(there, theirs, { method: 'POST', body })).status).toBe(401);
      expect((await callers.askWallet(there, ours, { method: 'DELETE' })).status).toBe(401);
    });
    const listed = await callers.askWallet(there, `devices/${deviceLibraryIdentifier}/registrations/{type}`);
    expect(jsonOf(listed)['serialNumbers']).toEqual([there.serial]);
  });

  it('finds no shopper of this shop with the session of its own checkout or till', async () => {
    const customer = await shop.till.addCustomer({
      email: 'checkout@example.com',
      firstName: 'Kim',
      lastName: 'Example',
      phone: null,
    });
    const sale = await shop.till.buy({ channel: 'online', currency: 'EUR', lines: [coffee(500)], customer });
    const checkout = await callers.openCheckout(shop, customer.id);
    expect((await checkout.join(sale.body.id)).status).toBe(200);
    expect((await callers.openCheckout(shop, customer.id)).program.member).not.toBeNull();
    await untilFinished(stage.databaseUrl, 15_000);
    await expectNothingChanges(async () => {
      const loggedIn = await callers.openCheckout(nextDoor, customer.id);
      expect(loggedIn.program.member).toBeNull();
      expect(loggedIn.program.programName).not.toBe(checkout.program.programName);
      const guest = await callers.openCheckout(nextDoor, null);
      const refusal = await guest.join(sale.body.id);
      expect({ status: refusal.status, code: jsonOf(refusal)['code'] }).toEqual({
        status: 409,
        code: 'order-not-confirmed',
      });
      expect((await callers.askTill(nextDoor, `members?code=${encodeURIComponent(here.cardCode)}`)).status).toBe(404);
    });
  });
});

it('leads whoever Shopify sends to the root on to the admin, with everything it said', async () => {
  const query = '?shop=corner-cafe.myshopify.com&host=abc&embedded=1';
  const answer = await fetch(`${stage.system.addresses.app}/${query}`, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe(`/app${query}`);
  const plain = await fetch(`${stage.system.addresses.app}/`);
  expect(plain.status).toBe(200);
  expect(await plain.text()).toContain('Loyalty that lives in the wallet');
});

// Last, because it uses up what this machine's network may ask for.
it('too many forms at once are answered in the shopper’s language, with the time to come back', async () => {
  const statuses = new Set<number>();
  let refusal: Response | null = null;
  for (let count = 0; count < 400 && refusal === null; count += 1) {
    const answer = await fetch(joinUrl(), {
      method: 'POST',
      headers: {
        'accept-language': 'de',
        origin: stage.system.addresses.app,
        'x-forwarded-for': `198.51.${count % 100}.${count % 250}`,
      },
      body: new URLSearchParams({ email: 'nobody' }),
    });
    statuses.add(answer.status);
    if (answer.status === 429) refusal = answer;
  }
  expect([...statuses]).toEqual([422, 429]);
  expect(Number(refusal?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refusal?.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await refusal?.text()).toContain('Bitte warte einen Moment');
});
