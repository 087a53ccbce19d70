import { beforeAll, describe, expect, it } from 'vitest';

import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { joinProgram } from '#test/platform/shopper.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import { tabTo } from '#test/support/admin-browser.ts';
import { publishDesign } from '#test/support/card-admin.ts';
import { setStage } from '#test/support/browser-stage.ts';

const stage = setStage();
let shop: AddedShop;
let other: AddedShop;

beforeAll(async () => {
  shop = await stage.system.addShop('tea-house.myshopify.com');
  other = await stage.system.addShop('book-shop.myshopify.com');
  await joinProgram({ appUrl: stage.system.addresses.app, programSlug: shop.programSlug, email: 'mara@example.com' });
});

async function memberPath(): Promise<string> {
  const { frame } = await stage.openAdmin(shop.shopDomain, { path: '/app/members' });
  const href = await frame.locator('a[href^="/app/members/"]').first().getAttribute('href');
  return href?.split('?')[0] ?? '';
}

describe('the wizard', () => {
  it('W05 brings a new shop live in six screens with nothing but the keyboard, once the agreement is accepted', async () => {
    const admin = await stage.openAdmin('new-shop.myshopify.com');
    const { page, frame, errors } = admin;
    for (let step = 1; step <= 6; step += 1) {
      await frame.getByText(`Step ${step} of 6`).waitFor();
      expect(await accessibilityProblems(frame)).toEqual([]);
      await tabTo(admin, step === 6 ? 'Go live' : 'Next');
      await page.keyboard.press('Enter');
    }
    await frame.getByText('Please accept the agreement to go live').waitFor();
    await tabTo(admin, 'I accept the data processing agreement (version 1)', 'Shift+Tab');
    await page.keyboard.press('Space');
    await tabTo(admin, 'Go live');
    await page.keyboard.press('Enter');
    await frame.getByText('Your program is live').waitFor();
    expect(errors).toEqual([]);
  });

  it('remembers each step over a reload and the back button', async () => {
    const { page, frame } = await stage.openAdmin('forgetful-shop.myshopify.com');
    await frame.getByLabel('Name of the program').fill('Forget-me-not');
    await frame.getByRole('button', { name: 'Next' }).click();
    await frame.getByText('Step 2 of 6').waitFor();
    await page.reload();
    const again = await stage.openAdmin('forgetful-shop.myshopify.com');
    expect(await again.frame.getByLabel('Name of the program').inputValue()).toBe('Forget-me-not');
    await again.frame.getByRole('button', { name: 'Next' }).click();
    await again.frame.getByText('Step 2 of 6').waitFor();
    await again.frame.getByRole('link', { name: 'Back' }).click();
    await again.frame.getByText('Step 1 of 6').waitFor();
    expect(await again.frame.getByLabel('Name of the program').inputValue()).toBe('Forget-me-not');
  });

  it('says beside the field what to mend and moves the focus there', async () => {
    const { frame } = await stage.openAdmin('careless-shop.myshopify.com');
    await frame.getByLabel('Name of the program').fill('');
    await frame.getByRole('button', { name: 'Next' }).click();
    await frame.getByText('Enter a name of up to 40 characters.').waitFor();
    const field = frame.getByLabel('Name of the program');
    await expect
      .poll(() => field.evaluate((input) => input === document.activeElement), { timeout: 15_000 })
      .toBe(true);
  });
});

describe('the pages', () => {
  it.each([1280, 390])('all meet WCAG 2.2 AA and fit at %i pixels', async (width) => {
    const paths = ['/app', '/app/program', '/app/program/simulate', '/app/program/versions', '/app/program/versions/1', '/app/card', '/app/card/history', '/app/card/rollout', '/app/members', '/app/liability', '/app/privacy', await memberPath()]; // prettier-ignore
    for (const path of paths) {
      const { frame, errors } = await stage.openAdmin(shop.shopDomain, { path, width });
      await frame.locator('h1').first().waitFor();
      expect({ path, problems: await accessibilityProblems(frame) }).toEqual({ path, problems: [] });
      expect({ path, overflow: await overflowPixels(frame) }).toEqual({ path, overflow: 0 });
      expect({ path, errors }).toEqual({ path, errors: [] });
    }
  });

  it('find a member by the whole e-mail address and by nothing less', async () => {
    const { frame } = await stage.openAdmin(shop.shopDomain, { path: '/app/members' });
    await frame.getByLabel('Find a member').fill('mara@example.com');
    await frame.getByRole('button', { name: 'Search' }).click();
    await frame.waitForURL(/search=mara%40example\.com/);
    expect(await frame.locator('a[href^="/app/members/"]').count()).toBe(1);
    await frame.getByLabel('Find a member').fill('mara@');
    await frame.getByRole('button', { name: 'Search' }).click();
    await frame.getByText('Nobody was found').waitFor();
    expect(await frame.locator('a[href^="/app/members/"]').count()).toBe(0);
  });

  it('adjust a balance only with a reason, and show what came of it', async () => {
    const { frame } = await stage.openAdmin(shop.shopDomain, { path: await memberPath() });
    await frame.getByRole('button', { name: 'Adjust balance' }).click();
    const dialog = frame.getByRole('dialog');
    await dialog.getByLabel('How many').fill('3');
    await dialog.getByRole('button', { name: 'Adjust', exact: true }).click();
    await dialog.getByText('Say why').waitFor();
    await dialog.getByLabel('Reason').fill('Spilled coffee');
    await dialog.getByRole('button', { name: 'Adjust', exact: true }).click();
    await frame.getByText('The balance is now 3').waitFor();
    await frame.getByText('Spilled coffee').waitFor();
    await frame.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await frame.getByRole('heading', { level: 1 }).count()).toBe(1);
  });

  it('publish changed rules only after asking', async () => {
    const { frame } = await stage.openAdmin(shop.shopDomain, { path: '/app/program?part=cards' });
    await frame.getByLabel('Stamps that fill the card').fill('7');
    await frame.getByText('Unpublished changes').waitFor();
    await frame.getByRole('button', { name: 'Save draft' }).click();
    await frame
      .getByRole('status')
      .filter({ hasText: /^Saved$/ })
      .waitFor();
    await frame.getByRole('button', { name: 'Publish' }).click();
    await frame.getByRole('dialog').getByText('stamps for a full card: 10 → 7').waitFor();
    await frame.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await frame.getByText('Version 2 is live', { exact: true }).waitFor();
    await frame.getByText('Unpublished changes').waitFor({ state: 'detached' });
    await frame.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await frame.getByRole('heading', { level: 1 }).count()).toBe(1);
  });

  it('warn about colours that cannot be read, and publish a design', async () => {
    const { frame } = await stage.openAdmin(shop.shopDomain, { path: '/app/card' });
    await frame.getByLabel('Text colour', { exact: true }).fill('#111111');
    await frame.getByLabel('Card colour', { exact: true }).fill('#222222');
    await frame.getByText('The text is hard to read').waitFor();
    await frame.getByLabel('Text colour', { exact: true }).fill('#ffffff');
    await frame.getByText('easy to read').waitFor();
    await frame.getByLabel('Label and stamp colour', { exact: true }).fill('#ffe9c4');
    await publishDesign(frame);
    const { frame: history } = await stage.openAdmin(shop.shopDomain, { path: '/app/card/history' });
    // Few cards have it in no time; before that it is on its way.
    await history.getByText('Design 2', { exact: true }).first().waitFor();
    expect(await history.getByText(/^(On the cards|On its way)$/).count()).toBeGreaterThan(0);
  });

  it('do not show a member of another shop', async () => {
    const { frame } = await stage.openAdmin(other.shopDomain, { path: await memberPath() });
    await frame.getByRole('heading', { name: 'This does not exist, or not any more' }).waitFor();
    expect(await frame.content()).not.toContain('example.com');
  });
});
