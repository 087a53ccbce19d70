/** A worker outlives its database: whatever was being written down when PostgreSQL died is taken up again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { signJob } from '#app/lib/job-envelope.ts';
import { migrate } from '#prisma/migrate.ts';
import { testEnvironment } from '#test/support/factories.ts';
import { ask, until } from '#test/support/local-postgres.ts';
import { startOwnServer } from '#test/support/own-server.ts';
import type { OwnServer } from '#test/support/own-server.ts';

const jobsCount = 6_000;
const kills = 4;
const recoveryMs = 90_000;

let server: OwnServer;
let worker: ChildProcess;
let said = '';

beforeAll(async () => {
  server = await startOwnServer();
  await migrate(server.url);
  worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'workers/main.ts', '--lanes', 'wallet'], {
    cwd: path.join(import.meta.dirname, '..', '..'),
    env: { ...process.env, ...testEnvironment, LOG_LEVEL: 'error', DATABASE_URL: server.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text: Buffer) => (said += String(text)));
}, 120_000);

afterAll(async () => {
  if (worker?.exitCode === null && worker.kill('SIGTERM')) await once(worker, 'exit');
  await server?.stop();
});

async function jobsLeft(): Promise<number> {
  const [row] = await ask(server.url, 'select count(*) as left from graphile_worker.jobs');
  return Number(row?.['left']);
}

/** Jobs that end at once, because their pass is not there: nearly all that happens is taking them and writing them off. */
async function addJobs(count: number): Promise<void> {
  await ask(
    server.url,
    `select count(*) from (select graphile_worker.add_job('regenerate-pass',
       '${JSON.stringify(signJob('regenerate-pass', { shopId: randomUUID(), passId: randomUUID() }))}'::json, job_key => 'lane-recovery:' || n)
     from generate_series(1, ${count}) n) added`,
  );
}

it('takes up its work again each time PostgreSQL was killed while jobs were written off', async () => {
  for (let kill = 0; kill < kills; kill += 1) {
    await addJobs(jobsCount);
    await until(async () => (await jobsLeft()) < jobsCount * 0.9, recoveryMs);
    await server.kill();
    await server.untilUp(recoveryMs);
    expect(await jobsLeft()).toBeGreaterThan(0);
    await until(async () => worker.exitCode !== null || (await jobsLeft().catch(() => 1)) === 0, recoveryMs);
    expect({ exitCode: worker.exitCode, jobsLeft: await jobsLeft(), said }).toMatchObject({
      exitCode: null,
      jobsLeft: 0,
    });
  }
}, 600_000);
