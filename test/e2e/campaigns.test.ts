/** A message from the merchant's form to the lock screen of a phone, and the page that proves cards are fresh. */
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import type { Admin } from '#test/support/admin-browser.ts';
import { untilFinished } from '#test/support/books.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { ask } from '#test/support/local-postgres.ts';
import { type CardHolder, coffee, joinShop, type OpenShop, openShop } from '#test/support/shop-floor.ts';

const arrivesWithinMs = 20_000;
const text = 'Sunday: "croissants" for all — ☕ & more';

const stage = setStage();
let shop: OpenShop;
let mara: CardHolder;

beforeAll(async () => {
  shop = await openShop(stage.system, 'tea-house.myshopify.com');
  mara = await joinShop(stage.system, shop, 'mara@example.com', { wantsNews: true });
  await joinShop(stage.system, shop, 'silent@example.com');
});

const openAdmin = (address: string, width = 1280): Promise<Admin> =>
  stage.openAdmin(shop.shopDomain, { path: address, width });

async function picture({ page }: Admin, name: string): Promise<void> {
  const wanted = process.env['SCREENSHOTS'];
  if (wanted) await page.screenshot({ path: path.join(wanted, `${name}.png`), fullPage: true });
}

/** Everything a pass says, wherever on it. */
const wordsOn = ({ pass }: CardHolder) => JSON.stringify(pass().passJson);

describe('a campaign', () => {
  it('is written, forecast, started, shown on the phone of who agreed alone, and taken back', async () => {
    const admin = await openAdmin('/app/campaigns');
    const { frame, errors } = admin;
    await frame.getByText('Say something on every card').waitFor();
    await frame.getByRole('link', { name: 'Write the first message' }).click();
    await frame.getByRole('button', { name: 'Save' }).click();
    await frame.getByText('It must have a name.').waitFor();
    const complaint = frame.getByText('It must say something.');
    await complaint.waitFor();
    await frame.getByLabel('Name', { exact: true }).fill('Sunday');
    await frame.getByLabel('Text', { exact: true }).fill(text);
    expect(await complaint.count()).toBe(0);
    await frame.getByLabel('Quiet hours').uncheck();
    await frame.getByRole('region', { name: 'On the lock screen' }).getByText('croissants').waitFor();
    await picture(admin, 'campaign-new');
    await frame.getByRole('button', { name: 'Save' }).click();
    await frame.getByRole('button', { name: 'Forecast' }).click();
    await frame.getByText('1 get it at the start.').waitFor();
    await frame.getByText('1 who did not agree to such messages').waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
    await picture(admin, 'campaign-forecast');
    await frame.getByRole('button', { name: 'Start' }).click();
    await frame.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await mara.phone.waitFor(
      mara.serial,
      ({ passJson }) => JSON.stringify(passJson).includes('croissants'),
      arrivesWithinMs,
    );
    await frame.getByText('2 of 2 members looked at, 1 got the message').waitFor();
    await admin.page.reload();
    const again = await openAdmin('/app/campaigns');
    await again.frame.getByRole('link', { name: 'Sunday' }).click();
    await again.frame.getByText('1 of 1 wallets were seen to hold it.').waitFor();
    expect(await accessibilityProblems(again.frame)).toEqual([]);
    await picture(again, 'campaign-progress');
    await again.frame.getByRole('button', { name: 'Stop' }).click();
    await again.frame.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await again.frame.getByText('Stopped', { exact: true }).waitFor();
    await again.frame.getByText('On the cards until').waitFor();
    // In bulk a phone is not woken twice within a minute; whoever looks sees it at once.
    await mara.phone.refresh();
    expect([...errors, ...again.errors]).toEqual([]);
    expect(wordsOn(mara)).not.toContain('croissants');
  }, 120_000);

  it('fits a small screen', async () => {
    const admin = await openAdmin('/app/campaigns/new', 390);
    expect(await overflowPixels(admin.frame)).toBe(0);
    await admin.frame.getByLabel('To', { exact: true }).selectOption('segment');
    await admin.frame.getByLabel('Balance of').selectOption({ index: 1 });
    await admin.frame.getByLabel('Activity').selectOption('quiet');
    expect(await overflowPixels(admin.frame)).toBe(0);
    expect(await accessibilityProblems(admin.frame)).toEqual([]);
    await picture(admin, 'campaign-small');
  });
});

describe('the freshness of cards', () => {
  it('is a figure on Home and a chart, and a card that is behind is listed with its reason and sent again', async () => {
    const stamps = mara.shown().stamps ?? 0;
    await shop.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(450)], cardCode: mara.cardCode });
    await mara.phone.waitFor(mara.serial, () => (mara.shown().stamps ?? 0) > stamps, arrivesWithinMs);
    await untilFinished(stage.databaseUrl, arrivesWithinMs);
    const home = await openAdmin('/app');
    await home.frame.getByText('of the changes of the last 7 days were seen within 60 seconds.').waitFor();
    await home.frame.getByRole('link', { name: 'How fresh the cards are, and why some wait' }).click();
    await home.frame.getByRole('img', { name: /How long updates took: \d+ in all/ }).waitFor();
    await home.frame.getByText('Every card is up to date').waitFor();
    await picture(home, 'freshness');
    // A phone that was told and then fell silent.
    await ask(
      stage.databaseUrl,
      `update pass set version = version + 1, announced_version = version + 1 where serial = '${mara.serial}'`,
    );
    await ask(
      stage.databaseUrl,
      'update device_registration r set last_pushed_version = p.version from pass p where p.id = r.pass_id',
    );
    const { page, frame, errors } = await openAdmin('/app/freshness');
    await frame.getByText('Phone is silent').waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
    await picture({ page, frame, errors }, 'freshness-board');
    await frame.getByRole('button', { name: /^Send again/ }).click();
    await frame.getByText('The card is sent again').first().waitFor();
    await untilFinished(stage.databaseUrl, arrivesWithinMs);
    await mara.phone.refresh();
    const reloaded = await openAdmin('/app/freshness', 390);
    await reloaded.frame.getByText('Every card is up to date').waitFor();
    expect(await overflowPixels(reloaded.frame)).toBe(0);
    expect([...errors, ...reloaded.errors, ...home.errors]).toEqual([]);
  }, 120_000);
});
