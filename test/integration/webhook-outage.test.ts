import { connect, createServer, type Socket } from 'node:net';

import pg from 'pg';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { closeDatabase, describeDatabaseError, openDatabase, pool } from '#app/data/database.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { makeShop, orderBody } from '#test/support/factories.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import { call, listen } from '#test/platform/http.ts';
import { freePort } from '#test/platform/ports.ts';
import { leastMs } from '#test/support/timing.ts';

let edge: Edge;
const patience = { timeout: 15_000, interval: 50 };
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

async function asSuperuser(
  work: (client: pg.Client) => Promise<unknown>,
  connectionString = process.env['TEST_DATABASE_URL'],
): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

describe('readiness while the database takes connections and says nothing', () => {
  it('is denied within three seconds, however many ask', async () => {
    const silent = createServer();
    const port = await listen(silent, 0);
    openDatabase({ url: `postgres://nobody@127.0.0.1:${port}/none`, role: 'stampwell_web', connectionsMax: 2 });
    const denied = async () => {
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: 6 }, () => call({ url: `${edge.url}/readyz` })));
      const tookMs = performance.now() - startedAt;
      for (const { status, body } of answers)
        expect([status, JSON.parse(body.toString('utf8'))]).toMatchObject([
          503,
          { dependencies: { database: 'down' } },
        ]);
      return tookMs;
    };
    expect(await leastMs(3_000, denied)).toBeLessThan(3_000);
    expect((await call({ url: `${edge.url}/healthz` })).status).toBe(200);
    // What nobody can know now is not called good on the status page either.
    const told = JSON.parse((await call({ url: `${edge.url}/status.json` })).body.toString('utf8')) as { components: { state: string }[] }; // prettier-ignore
    expect(told).toMatchObject({ status: 'down' });
    expect(told.components.map(({ state }) => state)).toEqual(['down', 'unknown', 'unknown']);
    await closeDatabase();
    silent.close();
  });
});

describe('a database that answers and takes nothing', () => {
  it.each([
    ['has no room left on its disk', 'temp_file_limit', '0'],
    ['is read-only', 'default_transaction_read_only', 'on'],
  ])('is told when it %s, and ready again as soon as that is over', async (_name, setting, value) => {
    const database = await createTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_web', connectionsMax: 4 });
    const ready = async () => {
      const { status, body } = await call({ url: `${edge.url}/readyz` });
      return [status, JSON.parse(body.toString('utf8'))];
    };
    const reopen = (statement: string) =>
      asSuperuser(async (client) => {
        await client.query(statement);
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      });
    await vi.waitFor(async () => expect(await ready()).toMatchObject([200, { status: 'ready' }]), patience);
    await reopen(`alter database ${name} set ${setting} = ${value}`);
    const denied = [503, { status: 'not ready', dependencies: { database: 'cannot write' } }];
    await vi.waitFor(async () => expect(await ready()).toMatchObject(denied), patience);
    expect((await call({ url: `${edge.url}/healthz` })).status).toBe(200);
    await reopen(`alter database ${name} reset ${setting}`);
    await vi.waitFor(async () => expect(await ready()).toMatchObject([200, { status: 'ready' }]), patience);
    await system.close();
    await database.drop();
  });
});

describe('a delivery while the database does not answer', () => {
  it('is refused with 503 and a time to come back, never acknowledged', async () => {
    openDatabase({
      url: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
      role: 'stampwell_web',
      connectionsMax: 4,
    });
    const body = JSON.stringify(orderBody());
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(edge, { body, shop: 'a-shop.myshopify.com' })),
    );
    for (const answer of answers) expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    // The signature is judged all the same.
    expect((await post(edge, { body, shop: 'a-shop.myshopify.com', secret: 'wrong' })).status).toBe(401);
    await closeDatabase();
  });

  it('is stored when it comes again after the database is back, without a restart', async () => {
    const database = await createTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_web', connectionsMax: 4 });
    const shop = await makeShop();
    const delivery = { body: JSON.stringify(orderBody()), shop: shop.domain, webhookId: 'repeated' };
    await asSuperuser(async (client) => {
      await client.query(`alter database ${name} allow_connections false`);
      // Waits for each to be gone: until then it may still take a delivery.
      await client.query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1', [name]);
    });
    expect((await post(edge, delivery)).status).toBe(503);
    expect((await post(edge, delivery)).status).toBe(503);
    await asSuperuser((client) => client.query(`alter database ${name} allow_connections true`));
    expect((await post(edge, delivery)).status).toBe(200);
    await system.close();
    await database.drop();
  });
});

/** PostgreSQL behind a door: while it is shut, connections stay open and nothing passes. */
async function openDoor(url: string) {
  const behind = new URL(url);
  const pairs = new Set<[Socket, Socket]>();
  let isShut = false;
  const join = ([near, far]: [Socket, Socket]) => near.pipe(far).pipe(near);
  const door = createServer((near) => {
    const pair: [Socket, Socket] = [near, connect(Number(behind.port), behind.hostname)];
    pairs.add(pair);
    for (const socket of pair)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          pairs.delete(pair);
          for (const each of pair) each.destroy();
        });
    if (!isShut) join(pair);
  });
  const address = new URL(url);
  address.host = `127.0.0.1:${await listen(door, 0)}`;
  const turn = (shut: boolean) => {
    isShut = shut;
    for (const pair of pairs) {
      if (!shut) join(pair);
      else for (const socket of pair) socket.unpipe().pause();
    }
  };
  return {
    url: address.href,
    shut: () => turn(true),
    open: () => turn(false),
    breakDown: () => {
      isShut = false;
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    close: () => door.close(),
  };
}

describe('a delivery while the database hangs', () => {
  it('is refused before Shopify gives up, may be stored all the same, and is known when it comes again', async () => {
    const database = await createTestDatabase();
    const door = await openDoor(database.url);
    const system = await openSystem({ databaseUrl: door.url, role: 'stampwell_web', connectionsMax: 4 });
    const shop = await makeShop();
    const send = (webhookId: string) => post(edge, { body: JSON.stringify(orderBody()), shop: shop.domain, webhookId });
    expect((await send('before')).status).toBe(200);
    door.shut();
    const waited = async () => {
      const answers = await Promise.all(['one', 'two', 'three', 'four', 'five', 'six'].map(send));
      for (const { status, headers } of answers) expect([status, headers['retry-after']]).toEqual([503, '5']);
      return Math.max(...answers.map(({ durationMs }) => durationMs));
    };
    expect(await leastMs(4_500, waited)).toBeLessThan(4_500);
    expect((await send('seven')).status).toBe(503);
    door.open();
    await vi.waitFor(async () => expect((await send('one')).status).toBe(200), patience);
    const stored = `select webhook_id as id, count(*)::int as n from inbox where webhook_id in ('before', 'one') group by 1 order by 1`;
    await asSuperuser(async (client) => {
      expect((await client.query(stored)).rows).toEqual([{ id: 'before', n: 1 }, { id: 'one', n: 1 }]); // prettier-ignore
    }, database.url);
    await system.close();
    door.close();
    await database.drop();
  });

  it('and then breaks down is refused once, and the process lives', async () => {
    const database = await createTestDatabase();
    const door = await openDoor(database.url);
    const system = await openSystem({ databaseUrl: door.url, role: 'stampwell_web', connectionsMax: 4 });
    const shop = await makeShop();
    const send = () => post(edge, { body: JSON.stringify(orderBody()), shop: shop.domain, webhookId: 'lost' });
    const heard: unknown[] = [];
    const hear = (reason: unknown) => void heard.push(reason);
    process.on('unhandledRejection', hear);
    door.shut();
    expect((await send()).status).toBe(503);
    door.breakDown();
    await vi.waitFor(async () => expect((await send()).status).toBe(200), patience);
    process.off('unhandledRejection', hear);
    expect(heard).toEqual([]);
    await system.close();
    door.close();
    await database.drop();
  });

  it('is not waited for without end by the web, and that is no fault of the statement', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none';
    const waits: unknown[] = [];
    for (const role of ['stampwell_web', 'stampwell_worker'] as const) {
      openDatabase({ url, role, connectionsMax: 1 });
      waits.push(pool().options.query_timeout);
      await closeDatabase();
    }
    // Longer than PostgreSQL lets a statement run.
    expect(waits).toEqual([35_000, undefined]);
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    const client = new pg.Client({ host: '127.0.0.1', port: await listen(silent, 0), query_timeout: 100 });
    client.on('error', () => undefined);
    client.connect().catch(() => undefined);
    const error = await client.query('select 1').catch((caught: unknown) => describeDatabaseError(caught));
    expect(error).toMatchObject({ name: 'Unavailable', code: 'database-unavailable' });
    client.connection.stream.destroy();
    silent.close();
  });
});
