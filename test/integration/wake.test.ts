import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { handleTestClock } from '#app/edge/test-clock.ts';
import { lockOrders } from '#app/data/orders/orders.ts';
import { withShop } from '#app/data/tenancy.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { clockOffsetMs, setClockOffsetMs } from '#app/lib/clock.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { ask, until } from '#test/support/local-postgres.ts';
import { startDrainer } from '#workers/drain-inbox.ts';
import { wakeDrainers } from '#app/data/system/wake.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { deliver, makeShop, orderBody, type TestShop } from '#test/support/factories.ts';
import { leastMs } from '#test/support/timing.ts';

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
  const median = async () => {
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      // The bell may ring before the answer to the storing is here.
      const woken = once(bell, 'wake');
      await deliver(shop, 'orders/paid', orderBody());
      const storedAt = performance.now();
      await woken;
      waits.push(performance.now() - storedAt);
      await delay(20);
    }
    return waits.toSorted((one, two) => one - two)[4] ?? Infinity;
  };
  expect(await leastMs(50, median)).toBeLessThanOrEqual(50);
});

it('many deliveries at once wake it a few times, not once each', async () => {
  const shop = await makeShop();
  wakes = 0;
  await Promise.all(Array.from({ length: 200 }, () => deliver(shop, 'orders/paid', orderBody())));
  await expect.poll(() => wakes, { timeout: 10_000 }).toBeGreaterThan(0);
  for (let before = -1; before !== wakes; await delay(300)) before = wakes;
  // However slowly those were stored: what asks in one moment rings once.
  wakes = 0;
  for (let asked = 0; asked < 200; asked += 1) wakeDrainers();
  await expect.poll(() => wakes, { timeout: 10_000 }).toBeGreaterThan(0);
  await delay(100);
  expect(wakes).toBe(1);
});

it('an order that has to wait holds up no other shop', async () => {
  const [busy, free] = [await makeShop(), await makeShop()];
  const isSettled = async ({ shopId }: TestShop) =>
    (await ask(database.url, `select 1 from inbox where shop_id = '${shopId}' and state = 'pending'`)).length === 0;
  const orders = Array.from({ length: 3 }, () => orderBody());
  const [held, waited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = withShop(busy.shopId, async (tx) => {
    await lockOrders(
      tx,
      orders.map((order) => String(order['id'])),
    );
    held.resolve();
    await waited.promise;
  });
  await held.promise;
  const drainer = startDrainer(() => undefined);
  bell.addEventListener('wake', drainer.wake);
  for (const order of orders) {
    await deliver(busy, 'orders/paid', order);
    await delay(100);
  }
  await deliver(free, 'orders/paid', orderBody());
  await until(() => isSettled(free), 10_000);
  expect(await isSettled(busy)).toBe(false);
  waited.resolve();
  await holding;
  await until(() => isSettled(busy), 10_000);
  await drainer.stop();
});

it('a clock that was moved while nobody listened is followed once somebody does', async () => {
  const offsetMs = 86_400_000;
  const heard = once(bell, 'wake');
  await ask(database.url, `insert into system_fact (key, value) values ('clock-offset-ms', to_jsonb(${offsetMs}))
    on conflict (key) do update set value = excluded.value`); // prettier-ignore
  await ask(
    database.url,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'stampwell_listen'`,
  );
  await heard;
  await vi.waitFor(() => expect(clockOffsetMs()).toBe(offsetMs), 5_000);
  setClockOffsetMs(0);
});

it('the test clock is moved by the calendar where years and months are said, also from the end of a month', async () => {
  const server = http.createServer((request, response) => void handleTestClock(request, response));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  const move = async (body: object) => {
    const answer = await call({ url, method: 'POST', body: JSON.stringify(body) });
    return (JSON.parse(answer.body.toString('utf8')) as { now: string }).now.slice(0, 16);
  };
  for (const [from, advance, to] of [
    ['2027-01-31T10:30:00Z', 'P1M', '2027-02-28T10:30'],
    ['2027-03-01T10:30:00Z', 'P1Y', '2028-03-01T10:30'],
    ['2028-02-29T10:30:00Z', 'P1Y', '2029-02-28T10:30'],
    ['2027-03-31T10:30:00Z', '-P1M', '2027-02-28T10:30'],
    ['2027-01-31T23:30:00Z', 'P1MT45M', '2027-03-01T00:15'],
    ['2027-01-31T10:30:00Z', 'P14MT1H', '2028-03-31T11:30'],
  ] as const) {
    await move({ now: from });
    expect([from, advance, await move({ advance })]).toEqual([from, advance, to]);
  }
  setClockOffsetMs(0);
  await closeServer(server);
});

it('the test clock is not moved to where nothing could say the time', async () => {
  const server = http.createServer((request, response) => void handleTestClock(request, response));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  const before = clockOffsetMs();
  const asked = [{ advance: 'P300000Y' }, { advance: '-P60Y' }, { now: '9999-12-31T23:59:59Z' }];
  for (const body of asked) {
    expect((await call({ url, method: 'POST', body: JSON.stringify(body) })).status).toBe(400);
    expect(clockOffsetMs()).toBe(before);
  }
  expect((await call({ url, method: 'POST', body: JSON.stringify({ now: '2038-01-19T03:14:08Z' }) })).status).toBe(200);
  setClockOffsetMs(0);
  await closeServer(server);
});
