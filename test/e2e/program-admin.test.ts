/** The merchant's pages for the engine, in a real browser: a whole program built, published, earned by and rolled back. */
import { readFile } from 'node:fs/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { type Admin, arrowTo, choosePin, retype, tabTo } from '#test/support/admin-browser.ts';
import { untilFinished } from '#test/support/books.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { everythingProgram } from '#test/support/everything-program.ts';
import { ask } from '#test/support/local-postgres.ts';
import { type CardHolder, coffee, joinShop, type OpenShop, openShop } from '#test/support/shop-floor.ts';

const settledWithinMs = 15_000;

const stage = setStage();
let shop: OpenShop;
let mara: CardHolder;

beforeAll(async () => {
  shop = await openShop(stage.system, 'tea-house.myshopify.com');
  mara = await joinShop(stage.system, shop, 'mara@example.com');
});

const pin = '482915';

const openAdmin = (path: string): Promise<Admin> => stage.openAdmin(shop.shopDomain, { path });

async function buy(unitPriceMinor: number): Promise<void> {
  await shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(unitPriceMinor)], cardCode: mara.cardCode });
  await untilFinished(stage.databaseUrl, settledWithinMs);
}

async function memberPath(): Promise<string> {
  const [row] = await ask(stage.databaseUrl, `select member_id from pass where serial = '${mara.serial}'`);
  return `/app/members/${String(row?.['member_id'])}`;
}

/** Goes back to the tabs, and on to one of them. */
async function openPart(admin: Admin, from: string, part: string): Promise<void> {
  await tabTo(admin, from, 'Shift+Tab');
  await arrowTo(admin, part, 'ArrowRight');
}

async function press(admin: Admin, name: string): Promise<void> {
  await tabTo(admin, name);
  await admin.page.keyboard.press('Enter');
}

describe('a program', () => {
  it('gets a cap, a campaign, tiers and a reward in the middle of a card with nothing but the keyboard', async () => {
    const admin = await openAdmin('/app/program');
    const { page, frame, errors } = admin;
    await press(admin, 'Add a condition or limit');
    await arrowTo(admin, 'At most so many an order', 'ArrowDown');
    await page.keyboard.press('Enter');
    await arrowTo(admin, 'At most so many an order', 'ArrowDown');
    await retype(admin, '30');
    await frame.getByText('gives 30 points, the most for an order.').waitFor();
    await openPart(admin, 'Earning', 'Campaigns');
    await press(admin, 'Add a campaign');
    await retype(admin, 'Double week');
    await frame.getByText('during it gives 30 points instead of 30 points.').waitFor();
    await openPart(admin, 'Campaigns', 'Tiers');
    await press(admin, 'Begin with two tiers');
    await tabTo(admin, 'From');
    await retype(admin, '20');
    await openPart(admin, 'Tiers', 'Rewards');
    await press(admin, 'Add a reward');
    await retype(admin, 'Cookie');
    await tabTo(admin, 'How members come by it');
    await page.keyboard.press('ArrowDown');
    await frame.getByText('got it twice: once on each card.').waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
    await tabTo(admin, 'Publish', 'Shift+Tab');
    await page.keyboard.press('Enter');
    const dialog = frame.getByRole('dialog');
    await dialog.getByText('at most an order: none → 30').waitFor();
    await dialog.getByText('Tier added: Silver from 20 points').waitFor();
    await press(admin, 'Publish');
    await frame.getByText('Version 2 is live', { exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  it('gives what its example said, and the member’s page says why', async () => {
    await buy(1_000);
    await buy(5_000);
    await buy(5_000);
    const { frame } = await openAdmin(await memberPath());
    await frame.getByText('Silver', { exact: true }).waitFor();
    const points = await frame.getByRole('region', { name: 'Points', exact: true }).innerText();
    expect(points.replaceAll(/\s+/g, ' ')).toBe(
      'Points 80 Can be spent 80 Pending 0 Held for a sale 0 Collected in all 80',
    );
    const cookie = frame.getByRole('listitem').filter({ hasText: 'Cookie' });
    expect(await cookie.innerText()).toContain('Ready');
    const capped = frame
      .getByRole('listitem')
      .filter({ hasText: 'Earned by order #1002' })
      .filter({ hasText: '+30 points' });
    await capped.getByText('Why this many?').click();
    const why = await capped.innerText();
    expect(why).toContain('× 2 by “Double week”');
    expect(why).toContain('limited to the most for one order');
    expect(await accessibilityProblems(frame)).toEqual([]);
  });

  it('says which refund took points back, and adds up', async () => {
    const [sale] = shop.till.orders().filter(({ body }) => body.order_number === 1_001);
    const [line] = sale?.body.line_items ?? [];
    if (sale === undefined || line === undefined) throw new Error('the first sale is gone');
    await shop.till.refundLine(sale.body.id, line.id, 1);
    await untilFinished(stage.databaseUrl, settledWithinMs);
    const { frame } = await openAdmin(await memberPath());
    const refunded = frame
      .getByRole('listitem')
      .filter({ hasText: 'on order #1001' })
      .filter({ hasText: '−20 points' });
    await refunded.getByText('Why this many?').click();
    const why = await refunded.innerText();
    expect(why).toContain('Refund of €10.00 on order #1001');
    expect(why.replaceAll(/\s+/g, ' ')).toContain(
      'The order gives now 0 It had given before 20 So this was booked −20',
    );
  });

  it('is simulated on past orders, with progress that a reload finds again', async () => {
    const program = await openAdmin('/app/program');
    await program.frame.getByLabel('How many are given').first().fill('3');
    await program.frame.getByRole('button', { name: 'Save draft' }).click();
    await program.frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
    const { frame } = await openAdmin('/app/program/simulate');
    await frame.getByText('1 → 3').waitFor();
    await frame.getByRole('button', { name: 'Start' }).click();
    await frame.getByText('3 orders of one member').waitFor({ timeout: 30_000 });
    const again = await openAdmin('/app/program/simulate');
    const points = again.frame.getByRole('region', { name: 'Points', exact: true });
    expect(await points.innerText()).toContain('The draft gives');
    await points.getByText('Show as a table').click();
    await points.getByRole('columnheader', { name: 'by the draft', exact: true }).waitFor();
    expect(await accessibilityProblems(again.frame)).toEqual([]);
  });

  it('is rolled back after asking, and earlier orders keep what they earned', async () => {
    const list = await openAdmin('/app/program/versions');
    await press(list, 'Show version 1');
    await list.frame.getByRole('heading', { name: 'Version 1' }).waitFor();
    await press(list, 'Roll back to this version');
    await list.frame.getByRole('dialog').getByText('at most an order: 30 → none').waitFor();
    await press(list, 'Roll back');
    await list.frame.getByText('Version 3 is live, with the rules of version 1').waitFor();
    await buy(5_000);
    const { frame } = await openAdmin(await memberPath());
    await frame
      .getByRole('listitem')
      .filter({ hasText: 'Earned by order #1004' })
      .filter({ hasText: '+50 points' })
      .waitFor();
    const again = await openAdmin('/app/program/versions');
    const newest = again.frame.getByRole('listitem').filter({ hasText: 'Version 1 again' });
    expect(await newest.innerText()).toContain('Live');
  });
});

describe('the draft', () => {
  it('is asked about before it is left, kept over a reload, and taken back step by step', async () => {
    const { page, frame } = await openAdmin('/app/program?part=joining');
    await frame.getByLabel('Name of the program').fill('Tea and more');
    await frame.getByRole('link', { name: 'Simulate' }).click();
    await frame.getByRole('dialog').getByRole('button', { name: 'Stay here' }).click();
    expect(await frame.getByLabel('Name of the program').inputValue()).toBe('Tea and more');
    page.on('dialog', (dialog) => void dialog.accept());
    await frame.evaluate('location.reload()');
    await frame.getByText('Your unsaved changes are still here').waitFor();
    expect(await frame.getByLabel('Name of the program').inputValue()).toBe('Tea and more');
    await frame.getByRole('button', { name: 'Undo' }).click();
    expect(await frame.getByLabel('Name of the program').inputValue()).toBe('Tea House Rewards');
    await frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
  });

  it('is not saved while something has to be mended, and says where', async () => {
    const { frame } = await openAdmin('/app/program?part=aging');
    await frame.getByLabel('When it expires').selectOption('rolling');
    await frame.getByLabel('Months until it expires').fill('0');
    await frame.getByRole('tab', { name: 'Rewards' }).click();
    await frame.getByRole('button', { name: 'Save draft' }).click();
    await frame.getByText('Enter a whole number from 1 to 120.').waitFor();
    const field = frame.getByLabel('Months until it expires');
    await frame.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await frame.getByRole('tab', { name: 'Expiry and refunds 1 field to mend' }).waitFor();
    await field.fill('12');
    await frame.getByRole('button', { name: 'Save draft' }).click();
    await frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
  });

  it('is not overwritten by somebody who began with an older one', async () => {
    const mine = await openAdmin('/app/program?part=joining');
    const theirs = await openAdmin('/app/program?part=joining');
    await theirs.frame.getByLabel('Name of the program').fill('Theirs');
    await theirs.frame.getByRole('button', { name: 'Save draft' }).click();
    await theirs.frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
    await mine.frame.getByLabel('Name of the program').fill('Mine');
    await mine.frame.getByRole('button', { name: 'Save draft' }).click();
    await mine.frame.getByText('Somebody else saved this draft').waitFor();
    expect(await mine.frame.getByLabel('Name of the program').inputValue()).toBe('Mine');
    await mine.frame.getByRole('button', { name: 'Discard' }).click();
    const shown = () => mine.frame.getByLabel('Name of the program').inputValue();
    await expect.poll(shown, { timeout: settledWithinMs }).toBe('Theirs');
  });

  it('that must not be published is refused with the reason before it is sent', async () => {
    const { frame } = await openAdmin('/app/program');
    await frame.getByRole('button', { name: 'Add a condition or limit' }).first().click();
    await frame.getByRole('menuitem', { name: 'Only certain products' }).click();
    await frame.getByRole('textbox', { name: 'Products that count' }).fill('123,');
    await frame.getByRole('button', { name: 'Add a condition or limit' }).first().click();
    await frame.getByRole('menuitem', { name: 'All but certain products' }).click();
    await frame.getByRole('textbox', { name: 'Products left out' }).fill('123,');
    await frame.getByRole('button', { name: 'Publish' }).click();
    await frame.getByRole('dialog').getByText('This must be mended before it can be published').waitFor();
    const publish = frame.getByRole('dialog').getByRole('button', { name: 'Publish' });
    expect(await publish.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('several programs', () => {
  it('are added and switched between, and every page stays with the one that was chosen', async () => {
    const two = await openShop(stage.system, 'two-programs.myshopify.com');
    const { frame } = await stage.openAdmin(two.shopDomain, { path: '/app/program' });
    await frame.getByRole('button', { name: 'Add a program' }).click();
    await frame.getByLabel('Name of the program').fill('Wholesale');
    await frame.getByRole('button', { name: 'Save draft' }).click();
    await frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
    await frame.getByRole('link', { name: 'Versions' }).click();
    await frame.getByText('Nothing is published yet').waitFor();
    await frame.getByRole('link', { name: 'Open the draft' }).click();
    await frame.getByRole('heading', { level: 1, name: 'Wholesale' }).waitFor();
    await frame.getByLabel('Program', { exact: true }).selectOption({ label: 'Two Programs Rewards' });
    await frame.getByRole('heading', { level: 1, name: 'Two Programs Rewards' }).waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
  });
});

describe('a program that uses everything', () => {
  it.each([1280, 390])('meets WCAG 2.2 AA in every part, and fits at %i pixels', async (width) => {
    const rich = await openShop(stage.system, `rich-${width}.myshopify.com`);
    const draft = JSON.stringify(everythingProgram).replaceAll("'", "''");
    await ask(stage.databaseUrl, `update program set draft = '${draft}' where id = '${rich.programId}'`);
    const parts = ['earning', 'campaigns', 'tiers', 'cards', 'rewards', 'friends', 'aging', 'joining'];
    for (const part of parts) {
      const admin = await stage.openAdmin(rich.shopDomain, {
        path: `/app/program?part=${part}`,
        width,
      });
      const { frame, errors } = admin;
      expect({ part, problems: await accessibilityProblems(frame) }).toEqual({ part, problems: [] });
      expect({ part, overflow: await overflowPixels(frame) }).toEqual({ part, overflow: 0 });
      expect({ part, errors }).toEqual({ part, errors: [] });
    }
  });
});

describe('the liability report', () => {
  it('shows what members hold, and hands it out as a file', async () => {
    await choosePin(await openAdmin('/app/staff'), pin);
    const { page, frame, errors } = await openAdmin('/app/liability');
    const points = frame.getByRole('region', { name: 'Points', exact: true });
    await points.getByText('Outstanding').first().waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
    await frame.getByRole('button', { name: 'Download months (CSV)' }).click();
    await frame.getByLabel('What the file is for').fill('The auditors asked');
    await frame.getByLabel('Your PIN').fill(pin);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      frame.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('liability-months.csv');
    const file = await readFile(await download.path(), 'utf8');
    expect(file.split('\n')[0]).toContain('Outstanding');
    expect(file).toContain('Points');
    expect(errors).toEqual([]);
  });
});
