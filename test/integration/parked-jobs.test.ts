/** A queue into which somebody writes who holds no key, and a worker that takes from it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { purgeSystemRows } from '#app/data/system/idle-system-rows.ts';
import { withShop } from '#app/data/tenancy.ts';
import { handleMetrics } from '#app/edge/health.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { relayOutbox } from '#app/flows/system/relay-outbox.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  testEnvironment,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { openJob } from '#app/lib/job-envelope.ts';
import { runCommand } from '#test/support/continuity.ts';
import { until } from '#test/support/local-postgres.ts';

const waitMs = 30_000;
let system: TestSystem;
let mine: TestShop;
let theirs: TestShop;
let memberId: string;
let worker: ChildProcess;
let said = '';

/** A member whose ten points are due to expire. */
async function memberWithDuePoints(shop: TestShop): Promise<string> {
  const member = await makeMember(shop);
  await adjustBalance({
    shopId: shop.shopId,
    memberId: member.memberId,
    unit: 'points',
    amount: 10,
    actor: 'staff:1',
    source: 'staff',
    reason: 'test',
    idempotencyKey: member.memberId,
  });
  await system.sql(`update lot set expires_at = now() - interval '1 day' where member_id = $1`, [member.memberId]);
  return member.memberId;
}

const startWorker = (): ChildProcess =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'workers/main.ts', '--lanes', 'upkeep'], {
    cwd: path.join(import.meta.dirname, '..', '..'),
    env: { ...process.env, ...testEnvironment, LOG_LEVEL: 'error', DATABASE_URL: system.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

beforeAll(async () => {
  system = await openTestSystem();
  [mine, theirs] = [await makeShop(), await makeShop()];
  memberId = await memberWithDuePoints(mine);
  while ((await relayOutbox()) > 0);
  await system.sql('delete from graphile_worker._private_jobs');
}, 60_000);
afterAll(async () => {
  if (worker?.exitCode === null && worker.kill('SIGTERM')) await once(worker, 'exit');
  await system.close();
});

const parked = () =>
  system.sql<{ task: string; problem: string; payload: string }>(
    'select task, problem, payload from parked_job order by task, problem',
  );

it('F03 experiment 34: a job that was altered, forged or moved in the queue is parked with an alarm and has no effect', async () => {
  await withShop(theirs.shopId, (tx) => enqueue(tx, 'expire-lots', {}));
  await withShop(theirs.shopId, (tx) => enqueue(tx, 'verify-balances', {}));
  while ((await relayOutbox()) > 0);
  // Turned onto another shop; moved to another task; forged from nothing; and like one of the clock's.
  await system.sql(
    `update graphile_worker._private_jobs set payload = jsonb_set(payload::jsonb, '{shopId}', to_jsonb($1::text))::json
     where task_id = (select id from graphile_worker._private_tasks where identifier = 'expire-lots')`,
    [mine.shopId],
  );
  await system.sql(
    `update graphile_worker._private_jobs set task_id = (select id from graphile_worker._private_tasks where identifier = 'expire-lots')
     where task_id = (select id from graphile_worker._private_tasks where identifier = 'verify-balances')`,
  );
  await system.sql(`select graphile_worker.add_job('expire-lots', json_build_object('shopId', $1::text))`, [
    mine.shopId,
  ]);
  await system.sql(
    `select graphile_worker.add_job('schedule-upkeep', '{"duty":"expire-lots","_cron":{"ts":"2030-01-01T00:00:00Z"}}'::json)`,
  );

  worker = startWorker();
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text: Buffer) => (said += String(text)));
  await until(async () => (await parked()).length === 4, waitMs);
  expect((await parked()).map(({ task, problem }) => `${task}: ${problem}`)).toEqual([
    'expire-lots: it is not as it was signed',
    'expire-lots: it is not as it was signed',
    'expire-lots: it is not signed',
    'schedule-upkeep: it is not signed',
  ]);
  expect((await parked()).filter(({ payload }) => payload.includes(mine.shopId))).toHaveLength(2);
  expect(await balancesOf(system, memberId)).toMatchObject({ points: 10 });
  // What it says comes by another way than what it keeps.
  const alarms = () => said.match(/job-parked/g)?.length ?? 0;
  await until(() => alarms() >= 4, waitMs);
  expect(alarms()).toBe(4);
  const metrics = createServer((_request, response) => void handleMetrics(response));
  const port = await listen(metrics, 0);
  const answer = await call({ url: `http://127.0.0.1:${port}/metrics` });
  await closeServer(metrics);
  expect(answer.body.toString('utf8')).toContain('stampwell_jobs_parked 4');

  // The same job as the product asks for it does what it is for.
  await withShop(mine.shopId, (tx) => enqueue(tx, 'expire-lots', {}));
  await until(async () => (await balancesOf(system, memberId))['points'] === 0, waitMs);
  expect(await parked()).toHaveLength(4);
}, 90_000);

it('F03 jobs from before the signing release are taken over once: not later ones, not what fits no job, and never again', async () => {
  const { shopId } = theirs;
  await system.sql('delete from graphile_worker._private_jobs');
  await system.sql('truncate parked_job');
  const queue = async (task: string, payload: unknown, minutesAgo: number) => {
    const [added] = await system.sql<{ id: string }>(
      `select (graphile_worker.add_job($1, $2::json, run_at := now() + interval '1 hour')).id::text as id`,
      [task, JSON.stringify(payload)],
    );
    await system.sql(
      `update graphile_worker._private_jobs set created_at = (select min(first_used_at) from platform_key) - make_interval(mins => $2) where id = $1`,
      [added?.id, minutesAgo],
    );
  };
  const [before, after] = [5, -5];
  await queue('expire-lots', { shopId }, before);
  await queue('schedule-upkeep', { duty: 'expire-lots', _cron: { ts: '2026-01-01T00:00:00Z' } }, before);
  await queue('expire-lots', { shopId: 'nobody’s' }, before);
  await queue('expire-lots', { shopId: mine.shopId }, after);
  const adopt = () => runCommand({ name: 'keys', url: system.url, env: testEnvironment }, 'adopt-jobs');
  expect(await adopt()).toMatchObject({ code: 0, last: { adopted: 2, left: 1 } });
  const jobs = await system.sql<{ task: string; payload: Record<string, unknown> }>(
    `select t.identifier as task, j.payload from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier in ('expire-lots', 'schedule-upkeep') order by j.id`,
  );
  expect(jobs.map(({ task, payload }) => openJob(task, payload))).toEqual([
    { payload: { shopId }, problem: null },
    { payload: { duty: 'expire-lots' }, problem: null },
    { payload: null, problem: 'it is not signed' },
    { payload: null, problem: 'it is not signed' },
  ]);
  await queue('expire-lots', { shopId: mine.shopId }, before);
  expect((await adopt()).code).toBe(1);
  expect(
    await system.sql(
      `select count(*)::int as unsigned from graphile_worker._private_jobs where payload -> '$envelope' is null`,
    ),
  ).toEqual([{ unsigned: 3 }]);
  expect(await system.sql(`select operator, object from operator_record where action = 'jobs.adopt'`)).toEqual([
    { operator: 'command line', object: '2 jobs' },
  ]);
});

it('W19 parked jobs are kept for 90 days, one minute to either side', async () => {
  const days = (count: number) => count * 24 * 60;
  await system.sql('truncate parked_job');
  for (const minutes of [days(90) - 1, days(90) + 1])
    await system.sql(
      `insert into parked_job (task, problem, payload, parked_at) values ($2, '', '', now() - make_interval(mins => $1))`,
      [minutes, String(minutes)],
    );
  expect((await purgeSystemRows(new Date()))['parked jobs']).toBe(1);
  expect((await parked()).map(({ task }) => task)).toEqual([String(days(90) - 1)]);
});
