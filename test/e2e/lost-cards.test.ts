/** A shopper changes phones, loses one, and gets a new card: real processes, real pages, virtual phones. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { applePassLink } from '#test/platform/shopper.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { ask } from '#test/support/local-postgres.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

const patienceMs = 15_000;

const stage = setStage();
let shop: OpenShop;
let holder: CardHolder;

beforeAll(async () => {
  shop = await openShop(stage.system, 'lost-and-found.myshopify.com');
  holder = await joinShop(stage.system, shop, 'mara@example.com');
});

const isVoided = ({ passJson }: { passJson: Record<string, unknown> }) => passJson['voided'] === true;
const buyWith = (cardCode: string) =>
  shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(500)], cardCode });

/** In a browser that runs no script at all. */
async function visit(url: string): Promise<Page> {
  const page = await stage.newPage({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await page.goto(url);
  return page;
}

it('the link on the old phone puts the same card on the new one, and both learn of a sale', async () => {
  const newPhone = stage.system.createPhone();
  const installed = await newPhone.install(await applePassLink(holder.cardUrl));
  expect(installed.serialNumber).toBe(holder.serial);
  await buyWith(holder.cardCode);
  for (const phone of [holder.phone, newPhone])
    await phone.waitFor(holder.serial, ({ passJson }) => JSON.stringify(passJson).includes('1 / 10'), patienceMs);
});

it('a code from a receipt is taken by the plain form on the card’s page', async () => {
  const page = await visit(holder.cardUrl);
  await page.getByText('A receipt from before you joined?').click();
  await page.getByLabel('Code on the receipt').fill('no such code');
  await page.getByRole('button', { name: 'Add the purchase' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('We do not know this code');
});

it('the card’s page shows a code that follows the clock while it is looked at, without a script', async () => {
  const page = await visit(holder.cardUrl);
  const turns: string[] = [];
  const waits: number[] = [];
  // The next code is told to come when the half minute is over; the test does not wait that long.
  await page.route('**/code*', async (route) => {
    const answer = await route.fetch();
    const [, seconds, rest] = /^(\d+)(; url=.*)$/.exec(answer.headers()['refresh'] ?? '') ?? [];
    turns.push(new URL(route.request().url()).search);
    waits.push(Number(seconds));
    await route.fulfill({ response: answer, headers: { ...answer.headers(), refresh: `1${rest}` } });
  });
  await page.reload();
  await page.getByText('Show this at the till').click();
  await expect.poll(() => turns.slice(0, 2), { timeout: 20_000 }).toEqual(['', '?turn=1']);
  expect(waits.every((seconds) => seconds >= 1 && seconds <= 30)).toBe(true);
  const frame = page.frameLocator('iframe');
  expect(await frame.getByRole('img', { name: 'QR code of your card' }).locator('svg').count()).toBe(1);
  // A page that was forgotten stops asking, and shows no code that is over.
  const last = await page.request.get(`${page.url()}/code?turn=30`);
  expect([last.headers()['refresh'], last.headers()['cache-control']]).toEqual([undefined, 'private, no-store']);
  expect(await last.text()).toContain('<a href="?turn=0">Show a fresh code</a>');
  expect(await last.text()).not.toContain('<svg');
});

it('a page for shoppers says what to do when it is sent something that is no form, in the language of who sent it', async () => {
  for (const [type, body, status] of [
    ['application/json', '{}', 415],
    ['text/plain', 'email=a@example.com', 415],
    ['multipart/form-data; boundary=x', 'x', 400],
    ['application/x-www-form-urlencoded', `email=${'a'.repeat(20_000)}`, 413],
  ] as const) {
    const headers = { 'content-type': type, 'accept-language': 'de' };
    const answer = await fetch(`${stage.system.addresses.app}/join/${shop.programSlug}`, {
      method: 'POST',
      headers,
      body,
    });
    const page = await answer.text();
    expect([type, answer.status, /<html lang="(\w+)"/.exec(page)?.[1]]).toEqual([type, status, 'de']);
    expect(page).toContain('fülle das Formular dort aus');
  }
  const report = await fetch(`${stage.system.addresses.app}/security-report`, { method: 'POST', body: '{}' });
  expect([report.status, (await report.text()).includes('fill in the form there')]).toEqual([415, true]);
});

it('frozen on its page without a script, the card is grey on the phone until it is unfrozen', async () => {
  const page = await visit(holder.cardUrl);
  await page.getByText('Lost your phone?').click();
  await page.getByRole('button', { name: 'Freeze my card' }).click();
  expect(await page.getByRole('status').innerText()).toContain('This card is frozen');
  await holder.phone.waitFor(holder.serial, isVoided, patienceMs);
  const checked = await stage.newPage({ bypassCSP: true, viewport: { width: 390, height: 844 } });
  await checked.goto(holder.cardUrl);
  expect([await accessibilityProblems(checked), await overflowPixels(checked)]).toEqual([[], 0]);
  await page.getByRole('button', { name: 'Unfreeze my card' }).click();
  await holder.phone.waitFor(holder.serial, (pass) => !isVoided(pass), patienceMs);
});

it('F34 F29 the preferences are reached from the card, keep a choice without a script, and set no cookie', async () => {
  const page = await visit(holder.cardUrl);
  await page.getByRole('link', { name: /^Your choices at/ }).click();
  const ticks = await page.getByRole('checkbox').all();
  for (const tick of ticks) expect(await tick.isChecked()).toBe(false);
  const onCard = () => page.getByRole('group', { name: 'Offers and news' }).getByLabel('on the card');
  await onCard().check();
  await page.getByRole('button', { name: 'Save my choices' }).click();
  expect(await page.getByRole('status').first().innerText()).toBe('Saved.');
  expect(await onCard().isChecked()).toBe(true);
  // The people of the rig open the links they are mailed: the address is theirs, so a copy of the data takes a code.
  await expect.poll(() => stage.system.mail?.mails.length, { timeout: patienceMs }).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Get a copy' }).click();
  const told = () => stage.system.mail?.mails.findLast(({ subject }) => subject.includes('is your code'));
  await expect.poll(told, { timeout: patienceMs }).toBeDefined();
  await page.getByLabel('Code from the mail').fill(/(\d{3} \d{3})/.exec(told()?.subject ?? '')?.[1] ?? '');
  await page.getByRole('button', { name: 'Send' }).first().click();
  const link = await page.getByRole('link', { name: 'JSON' }).getAttribute('href');
  const copy = await call({ url: new URL(link ?? '', page.url()).href });
  expect([copy.status, copy.body.toString('utf8').includes('mara@example.com')]).toEqual([200, true]);
  expect(await page.context().cookies()).toEqual([]);
  for (const width of [390, 1280]) {
    const checked = await stage.newPage({ bypassCSP: true, viewport: { width, height: 844 } });
    await checked.goto(page.url());
    const scripts = await checked.locator('script').count();
    expect([await accessibilityProblems(checked), await overflowPixels(checked), scripts]).toEqual([[], 0, 0]);
  }
});

it('F34 the language chosen without a script is that of the page at once, and of the card on the phone', async () => {
  const page = await visit(holder.cardUrl);
  await page.getByRole('link', { name: /^Your choices at/ }).click();
  await page.getByLabel('Your card, this page and your mails').selectOption('Deutsch');
  await page.getByRole('button', { name: 'Change the language' }).click();
  expect(await page.getByRole('status').first().innerText()).toBe('Gespeichert.');
  const speaks = (word: string) => (pass: { passJson: unknown }) => JSON.stringify(pass.passJson).includes(word);
  await holder.phone.waitFor(holder.serial, speaks('"label":"Stempel"'), patienceMs);
  await page.getByRole('combobox').selectOption('English');
  await page.getByRole('button', { name: 'Sprache ändern' }).click();
  await holder.phone.waitFor(holder.serial, speaks('"label":"Stamps"'), patienceMs);
});

it('replaced by staff, the card is void on the phone and the link on the admin’s page gives a new one', async () => {
  const [row] = await ask(stage.databaseUrl, `select member_id from pass where serial = '${holder.serial}'`);
  const path = `/app/members/${String(row?.['member_id'])}`;
  const { frame, errors } = await stage.openAdmin(shop.shopDomain, { path });
  await frame.getByRole('button', { name: 'Replace card' }).click();
  const dialog = frame.getByRole('dialog');
  expect(await dialog.innerText()).toContain('This cannot be undone');
  await dialog.getByRole('button', { name: 'Replace card' }).click();
  await frame.getByText('The card was replaced; the old one is void.').first().waitFor();
  await holder.phone.waitFor(holder.serial, isVoided, patienceMs);
  await frame.getByText('Put the card on another phone').click();
  const linked = () => frame.getByRole('link', { name: 'Open the card’s page' }).getAttribute('href');
  // What was done is said as soon as it is done; the page around it is read anew after that.
  await expect.poll(linked, { timeout: patienceMs }).not.toBe(holder.cardUrl);
  const newUrl = (await linked()) ?? '';
  expect(await accessibilityProblems(frame)).toEqual([]);
  expect(errors).toEqual([]);
  const old = await visit(holder.cardUrl);
  expect(await old.getByRole('heading', { level: 1 }).innerText()).toBe('This card was replaced');
  const newPhone = stage.system.createPhone();
  const installed = await newPhone.install(await applePassLink(newUrl));
  expect(installed.serialNumber).not.toBe(holder.serial);
  expect(JSON.stringify(installed.passJson)).toContain('1 / 10');
  await buyWith(holder.cardCode);
  await buyWith(JSON.stringify(installed.passJson).match(/L1\.[\w-]{22}\.[A-Z2-7]{10}/)?.[0] ?? '');
  await newPhone.waitFor(
    installed.serialNumber,
    ({ passJson }) => JSON.stringify(passJson).includes('2 / 10'),
    patienceMs,
  );
  expect(JSON.stringify(newPhone.pass(installed.serialNumber)?.passJson)).not.toContain('3 / 10');
});
