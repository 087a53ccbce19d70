import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openSystem } from '#app/flows/system/open-system.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { deliver, makeShop, orderBody } from '#test/support/factories.ts';

let database: TestDatabase;
let close: () => Promise<void>;
const bell = new EventTarget();
let wakes = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const system = await openSystem({
    databaseUrl: database.url,
    role: 'stampwell_worker',
    connectionsMax: 8,
    onInbox: () => {
      wakes += 1;
      bell.dispatchEvent(new Event('wake'));
    },
  });
  close = system.close;
  // The first call says that the listener is there.
  await once(bell, 'wake');
});
afterAll(async () => {
  await close();
  await database.drop();
});

it('a stored delivery wakes the drainer within 50 ms', async () => {
  const shop = await makeShop();
  const waits: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    await deliver(shop, 'orders/paid', orderBody());
    const storedAt = performance.now();
    await once(bell, 'wake');
    waits.push(performance.now() - storedAt);
    await delay(20);
  }
  const median = waits.toSorted((one, two) => one - two)[4];
  expect(median).toBeLessThanOrEqual(50);
});

it('many deliveries at once wake it a few times, not once each', async () => {
  const shop = await makeShop();
  wakes = 0;
  await Promise.all(Array.from({ length: 200 }, () => deliver(shop, 'orders/paid', orderBody())));
  await delay(100);
  expect(wakes).toBeGreaterThan(0);
  expect(wakes).toBeLessThan(50);
});
