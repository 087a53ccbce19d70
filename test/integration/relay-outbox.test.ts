import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { withShop } from '#app/data/tenancy.ts';
import { relayBatchMax, relayOutbox } from '#app/flows/system/relay-outbox.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { upkeepDuties } from '#app/jobs/catalogue.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.sql('delete from outbox');
  await system.sql('delete from graphile_worker._private_jobs');
});

type Job = { task_identifier: string; key: string | null; payload: Record<string, unknown>; run_at: Date };

const jobs = () =>
  system.sql<Job>(
    `select t.identifier as task_identifier, j.key, j.payload, j.run_at from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id order by j.id`,
  );
const waiting = async () =>
  (await system.sql<{ job: string }>('select job from outbox order by id')).map((row) => row.job);
const ask = (passId: string) => withShop(shop.shopId, (tx) => enqueue(tx, 'push-apple', { passId }));

describe('the relay', () => {
  it('makes one job of each row, and none when it runs again', async () => {
    const passIds = Array.from({ length: 25 }, () => randomUUID());
    for (const passId of passIds) await ask(passId);
    expect(await relayOutbox()).toBe(25);
    expect((await jobs()).map((job) => job.payload['passId'])).toEqual(passIds);
    expect(await relayOutbox()).toBe(0);
    expect(await jobs()).toHaveLength(25);
  });

  it('makes one job of each row however many relays run at once', async () => {
    await system.sql(
      `insert into outbox (shop_id, job, payload) select $1, 'push-apple', jsonb_build_object('shopId', $1::uuid, 'passId', gen_random_uuid())
       from generate_series(1, 1400)`,
      [shop.shopId],
    );
    let moved = 0;
    while ((await waiting()).length > 0) {
      const counts = await Promise.all(Array.from({ length: 6 }, () => relayOutbox()));
      expect(Math.max(...counts)).toBeLessThanOrEqual(relayBatchMax);
      moved += counts.reduce((sum, count) => sum + count, 0);
    }
    expect(moved).toBe(1_400);
    expect(new Set((await jobs()).map((job) => job.key)).size).toBe(1_400);
  });

  it('folds rows about one pass into one job, also when that job waits already', async () => {
    const passId = randomUUID();
    for (let n = 0; n < 10; n += 1) await ask(passId);
    await relayOutbox();
    const [first] = await jobs();
    for (let n = 0; n < 10; n += 1) await ask(passId);
    await relayOutbox();
    const after = await jobs();
    expect(after).toHaveLength(1);
    // A busy card is not put off for ever.
    expect(after[0]?.run_at).toEqual(first?.run_at);
  });

  it('leaves nothing behind of a transaction that failed', async () => {
    const failing = withShop(shop.shopId, async (tx) => {
      await enqueue(tx, 'push-apple', { passId: randomUUID() });
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await relayOutbox()).toBe(0);
  });

  it('keeps a row whose job does not exist, says so every time, and moves the others', async () => {
    await system.sql(
      `insert into outbox (shop_id, job, payload) values ($1, 'no-such-job', '{}'), ($1, 'push-apple', '{"passId":"none"}')`,
      [shop.shopId],
    );
    await ask(randomUUID());
    await expect(relayOutbox()).rejects.toThrow('there is no job "no-such-job"');
    expect((await jobs()).map((job) => job.task_identifier)).toEqual(['push-apple']);
    await ask(randomUUID());
    await expect(relayOutbox()).rejects.toThrow(/no-such-job|invalid/i);
    expect(await jobs()).toHaveLength(2);
    expect((await waiting()).toSorted()).toEqual(['no-such-job', 'push-apple']);
  });

  it('loses nothing when the queue refuses', async () => {
    await ask(randomUUID());
    await system.sql('alter table graphile_worker._private_jobs rename to elsewhere');
    await expect(relayOutbox()).rejects.toThrow(/does not exist/);
    await system.sql('alter table graphile_worker.elsewhere rename to _private_jobs');
    expect(await waiting()).toEqual(['push-apple']);
    expect(await relayOutbox()).toBe(1);
  });
});

describe('regular work', () => {
  it('is asked for shop by shop, of every page, and only where it makes sense', async () => {
    await system.sql(
      `insert into shop (id, domain, state) select gen_random_uuid(), format('many-%s.myshopify.com', n), (array['pending', 'uninstalled', 'redacted'])[1 + n % 3]
       from generate_series(1, 510) n`,
    );
    const [known] = await system.sql<{ all: number; redacted: number; installed: number }>(
      `select count(*)::int as all, count(*) filter (where state = 'redacted')::int as redacted,
         count(*) filter (where state = 'installed')::int as installed from shop`,
    );
    for (const duty of upkeepDuties) {
      await system.sql('delete from outbox');
      await scheduleUpkeep(duty);
      const asked = await waiting();
      const expected = { all: known?.all ?? 0, redacted: known?.redacted ?? 0, installed: known?.installed ?? 0 };
      const count =
        duty === 'purge'
          ? expected.all
          : duty === 'refresh-session' || duty === 'reconcile-orders'
            ? expected.installed
            : expected.all - expected.redacted;
      expect([duty, asked.length, new Set(asked)]).toEqual([duty, count, new Set([duty])]);
    }
  });

  it('asked for twice is done once', async () => {
    await scheduleUpkeep('expire-lots');
    await scheduleUpkeep('expire-lots');
    while ((await relayOutbox()) > 0);
    const mine = (await jobs()).filter((job) => job.payload['shopId'] === shop.shopId);
    expect(mine).toHaveLength(1);
  });
});
