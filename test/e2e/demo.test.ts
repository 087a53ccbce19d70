import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { call } from '#test/platform/http.ts';
import { nodeWords } from '#test/platform/node-words.ts';
import { addedShopSchema } from '#test/platform/run-shop-add.ts';
import { ask } from '#test/support/local-postgres.ts';
import { askAsBothShops, everythingFound, nothingFound } from '#test/support/other-shop.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';

const program = path.join(import.meta.dirname, '..', 'platform', 'demo.ts');
const shopAdd = path.join(import.meta.dirname, '..', 'platform', 'shop-add.ts');
const workers = path.join(import.meta.dirname, '..', '..', 'workers');
const lineSchema = z.record(z.string(), z.unknown());
const runningSchema = z.object({ processIds: z.array(z.number()), appUrl: z.string(), platformUrl: z.string() });

let database: TestDatabase;
let directory: string;
let started: ChildProcess[] = [];

async function prepare(): Promise<void> {
  database = await createTestDatabase();
  directory = await mkdtemp(path.join(tmpdir(), 'stampwell-demo-'));
}

const others = 'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';

async function clear(): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  // What the launcher started ends by itself, a moment later.
  await waitUntil(async () => (await ask(database.url, others)).length === 0, 20_000);
  await database.drop();
  await rm(directory, { recursive: true, force: true });
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: database.url,
    STAMPWELL_DATA_DIRECTORY: directory,
    LOG_LEVEL: 'warn',
  };
}

function start(words: string[]): ChildProcess {
  const child = spawn(process.execPath, [...nodeWords, ...words], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function outputOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

async function run(words: string[]): Promise<{ code: unknown; output: string; complaint: string }> {
  const child = start(words);
  const [output, complaint, [code]] = await Promise.all([
    outputOf(child.stdout),
    outputOf(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, output, complaint };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await delay(50);
  }
}

type Demo = { child: ChildProcess; running: z.infer<typeof runningSchema> };

/** Starts the demo and waits until it says where it is. */
async function startDemo(): Promise<Demo> {
  const child = start([program]);
  child.stdout?.resume();
  const complaint = outputOf(child.stderr);
  let text = '';
  await waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`the demo ended:\n${await complaint}`);
    text = await readFile(path.join(directory, 'running.json'), 'utf8').catch(() => '');
    return text !== '';
  }, 100_000);
  return { child, running: runningSchema.parse(JSON.parse(text)) };
}

describe('npm run demo -- --once', () => {
  beforeAll(prepare);
  afterAll(clear);

  it('takes an order to a phone and back again, and says so in one JSON line a step', async () => {
    const { code, output, complaint } = await run([program, '--once']);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => lineSchema.parse(JSON.parse(line)));
    expect({ ...lines.at(-1), complaint }).toMatchObject({ ok: true });
    expect(lines.slice(0, -1).map((line) => line['step'])).toEqual([
      'started',
      'installed',
      'enrolled',
      'added-to-wallet',
      'ordered',
      'stamped',
      'duplicate-ignored',
      'refunded',
    ]);
    expect(lines.at(-1)?.['orderToPassMs']).toBeLessThan(5000);
    expect(code).toBe(0);
  }, 120_000);
});

/** Two demos do for all of these: each ends with the test that ends it. */
let demo: Demo;

async function prepareDemo(): Promise<void> {
  await prepare();
  demo = await startDemo();
}

describe('npm run demo', () => {
  beforeAll(prepareDemo);
  afterAll(clear);

  it('adds a second shop from the command line while it runs, to which the first one’s members stay unknown', async () => {
    const { running } = demo;
    const { output, complaint } = await run([shopAdd, 'add', 'second.myshopify.com']);
    expect(complaint).toBe('');
    const second = addedShopSchema.parse(JSON.parse(output));
    expect(second.shopDomain).toBe('second.myshopify.com');
    const first = addedShopSchema.parse(JSON.parse((await run([shopAdd, 'add', 'demo.myshopify.com'])).output));
    expect(first.shopId).not.toBe(second.shopId);
    expect(await askAsBothShops(running.appUrl, { first, second })).toEqual({
      first: everythingFound,
      second: nothingFound,
    });
  }, 120_000);

  it('is what a command means that is given no variables: a backup of its data is made', async () => {
    const { code, output, complaint } = await run([path.join(workers, 'backup.ts')]);
    expect({ complaint, ...lineSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? '')) }).toMatchObject({
      ok: true,
    });
    expect(code).toBe(0);
  }, 120_000);

  it('stops everything, its note included, when it is asked to', async () => {
    const { child, running } = demo;
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(running.processIds.some(isAlive)).toBe(false);
    await expect(readFile(path.join(directory, 'running.json'))).rejects.toThrow('ENOENT');
  }, 120_000);
});

describe('npm run demo', () => {
  beforeAll(prepareDemo);
  afterAll(clear);

  it('starts a process again that crashed', async () => {
    const { running } = demo;
    const [web = 0] = running.processIds;
    process.kill(web, 'SIGKILL');
    await waitUntil(
      async () => (await call({ url: `${running.appUrl}/readyz`, timeoutMs: 1000 }).catch(() => null))?.status === 200,
      20_000,
    );
    expect(isAlive(web)).toBe(false);
  }, 120_000);

  it('leaves no process behind when the launcher is killed', async () => {
    const { child, running } = demo;
    child.kill('SIGKILL');
    await waitUntil(() => !running.processIds.some(isAlive), 10_000);
    await expect(call({ url: `${running.appUrl}/healthz`, timeoutMs: 1000 })).rejects.toThrow('ECONNREFUSED');
  }, 120_000);
});
