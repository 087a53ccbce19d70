/** The admin as a merchant sees it: framed by Shopify's admin, driven in a real browser. */
import type { BrowserContext, Frame, Page } from 'playwright-core';

import type { System } from '#test/platform/system.ts';

export type Admin = { page: Page; frame: Frame; errors: string[] };

const tabsMax = 250;

/** Opens a page of the app for a shop and waits until it can be used. Whoever opens it closes the page. */
export async function openAdminPage(
  { context, system }: { context: BrowserContext; system: System },
  domain: string,
  { path = '/app', width = 1280 }: { path?: string; width?: number } = {},
): Promise<Admin> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`${system.addresses.platform}/admin/${domain}?path=${encodeURIComponent(path)}`);
  await page.waitForLoadState('networkidle');
  const frame = page.frames().find((candidate) => candidate.url().startsWith(`${system.addresses.app}/app`));
  if (frame === undefined) throw new Error('the app was not framed');
  await untilAwake(frame).catch((cause: unknown) => {
    throw new Error(`${path} never became usable: ${errors.join('; ')}`, { cause });
  });
  return { page, frame, errors };
}

/** A click counts only once React has taken over what the server drew. */
async function untilAwake(frame: Frame): Promise<void> {
  await frame.waitForFunction(() => {
    const heading = document.querySelector('h1');
    return heading !== null && Object.keys(heading).some((key) => key.startsWith('__reactFiber'));
  });
}

/** What the focused element is called: by its label, or by what is written on it. */
const focusedName = `(() => {
  const { activeElement } = document;
  const label = activeElement?.getAttribute('aria-label') ?? activeElement?.labels?.[0]?.textContent;
  return (label ?? activeElement?.textContent ?? '').trim();
})()`;

/** Presses Tab (or Shift+Tab) until what has this name has the focus; throws when it cannot be reached. */
export async function tabTo({ page, frame }: Admin, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let count = 0; count < tabsMax; count += 1) {
    await page.keyboard.press(key);
    if ((await frame.evaluate(focusedName)) === name) return;
  }
  throw new Error(`${name} cannot be reached with the keyboard`);
}

/** Presses an arrow key until the menu item or tab of this name has the focus. */
export async function arrowTo({ page, frame }: Admin, name: string, key: 'ArrowDown' | 'ArrowRight'): Promise<void> {
  for (let count = 0; count < tabsMax; count += 1) {
    if ((await frame.evaluate(focusedName)) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${name} cannot be reached with ${key}`);
}

/** Replaces what stands in the focused field. */
export async function retype({ page }: Admin, text: string): Promise<void> {
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Gives the person at the screen a PIN, on the Staff page: without one no file leaves the app. */
export async function choosePin({ frame }: Admin, pin: string): Promise<void> {
  await frame.getByLabel('New PIN, 6 to 10 digits').fill(pin);
  await frame.getByLabel('New PIN again').fill(pin);
  await frame.getByRole('button', { name: 'Set PIN' }).click();
  await frame.getByRole('button', { name: 'Change PIN' }).waitFor();
}
