/** What every suite in a real browser needs: the running system on a database of its own, a browser, and pages that close. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { startSystem, type System } from '#test/platform/system.ts';
import { type Admin, openAdminPage } from '#test/support/admin-browser.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

export type Stage = {
  readonly system: System;
  readonly databaseUrl: string;
  /** A page of the shop's admin; closed after the test. */
  openAdmin: (shopDomain: string, place?: { path?: string; width?: number }) => Promise<Admin>;
  /** An empty page in a browser context of its own; both are closed after the test. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>;
};

type Settings = Omit<Parameters<typeof startSystem>[0], 'databaseUrl'>;

function started<Part>(part: Part | null): Part {
  if (part === null) throw new Error('the stage is set before the first test of a file, not earlier');
  return part;
}

/** Sets the stage before the tests of the file that calls it, and clears it after them. */
export function setStage(settings: () => Promise<Settings> | Settings = () => ({ stage: 'test' })): Stage {
  let database: TestDatabase | null = null;
  let system: System | null = null;
  let browser: Browser | null = null;
  // A merchant opens the app in the browser of the day before, which has its scripts already. What a page keeps ends with it.
  let merchants: BrowserContext | null = null;
  let open: { close: () => Promise<void> }[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    system = await startSystem({ ...(await settings()), databaseUrl: database.url });
    browser = await launchBrowser();
    merchants = await browser.newContext();
  });
  afterEach(async () => {
    await Promise.all(open.map((place) => place.close()));
    open = [];
    await merchants?.clearCookies();
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    await database?.drop();
  });
  return {
    get system() {
      return started(system);
    },
    get databaseUrl() {
      return started(database).url;
    },
    openAdmin: async (shopDomain, place) => {
      const admin = await openAdminPage({ system: started(system), context: started(merchants) }, shopDomain, place);
      open.push(admin.page);
      return admin;
    },
    newPage: async (options) => {
      const page = await started(browser).newPage(options);
      open.push(page.context());
      return page;
    },
  };
}
