import { afterAll, beforeAll, expect, it } from 'vitest';

import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { testEnvironment } from '#test/support/factories.ts';
import { runRedesign } from '#test/load/redesign.ts';

let database: TestDatabase;
beforeAll(async () => {
  Object.assign(process.env, testEnvironment);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('W30 a new design reaches 2,000 phones at the pace they can be served: no fetch fails, and a worker killed on the way loses none', async () => {
  const perSecond = 80;
  const figures = await runRedesign({ databaseUrl: database.url, devices: 2_000, perSecond, timeoutMs: 150_000 });
  expect(figures).toMatchObject({ renewed: 2_000, failedFetches: 0, troubles: [] });
  // A share of a quarter of a second may fall beside the one before.
  expect(figures.mostPushesInASecond).toBeLessThanOrEqual(perSecond * 1.5);
  // Only what the dead worker had no time to write down is told twice.
  expect(figures.pushedAgain).toBeLessThanOrEqual(perSecond);
}, 180_000);
