/** The demo with the database that comes along: started, interrupted, killed, and started again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { nodeWords } from '#test/platform/node-words.ts';
import { addedShopSchema } from '#test/platform/run-shop-add.ts';
import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { askApiAs, jsonOf } from '#test/support/callers.ts';
import { makeFolder, until } from '#test/support/local-postgres.ts';
import { askAsBothShops, everythingFound, nothingFound } from '#test/support/other-shop.ts';

const root = path.join(import.meta.dirname, '..', '..');
const demo = path.join(root, 'test', 'platform', 'demo.ts');
const shopAdd = path.join(root, 'test', 'platform', 'shop-add.ts');
const onceMaxMs = 60_000;
const goneTimeoutMs = 20_000;
const runningSchema = z.object({ appUrl: z.string() });
const lastLineSchema = z.object({ ok: z.boolean(), orderToPushMs: z.number(), orderToPassMs: z.number() });

/** A variable that is nowhere else tells our processes from those of others. */
const mark = 'STAMPWELL_DATA_DIRECTORY';
let directory: string;
let remove: () => Promise<void>;
const started: ChildProcess[] = [];

beforeAll(async () => {
  const folder = await makeFolder({ isPrivate: false });
  directory = path.dirname(folder.directory);
  remove = folder.remove;
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await until(async () => (await leftovers()).length === 0, goneTimeoutMs);
  await remove();
});

function start(program: string, words: string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [...nodeWords, program, ...words], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: '',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      [mark]: directory,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function outcomeOf(child: ChildProcess): Promise<{ code: unknown; output: string; complaint: string }> {
  let [output, complaint] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const [code] = await once(child, 'close');
  return { code, output, complaint };
}

/** Every process that works in our folder: named in its command, or given in its environment. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const given = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      // An ended process that nobody has taken away yet has no command any more.
      const isOurs = command !== '' && (command.includes(directory) || given.includes(`${mark}=${directory}`));
      return isOurs ? [`${pid} ${command.replaceAll('\0', ' ').slice(0, 120)}`] : [];
    }),
  );
  return found.flat();
}

async function expectNothingLeft(): Promise<void> {
  await until(async () => (await leftovers()).length === 0, goneTimeoutMs).catch(() => undefined);
  expect(await leftovers()).toEqual([]);
}

/** Starts the demo and resolves once it runs. */
async function serve(): Promise<ChildProcess> {
  const child = start(demo, []);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  await until(() => {
    if (child.exitCode !== null) throw new Error(`the demo ended:\n${said}`);
    return said.includes('Stampwell is running');
  }, onceMaxMs);
  return child;
}

/** `npm run shop -- add` beside the demo that runs from our folder. */
async function addShop(domain: string): Promise<AddedShop> {
  const { code, output, complaint } = await outcomeOf(start(shopAdd, ['add', domain]));
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
  return addedShopSchema.parse(JSON.parse(output));
}

async function expectShopsApart(domains: { first: string; second: string }): Promise<void> {
  const { appUrl } = runningSchema.parse(JSON.parse(await readFile(path.join(directory, 'running.json'), 'utf8')));
  const shops = { first: await addShop(domains.first), second: await addShop(domains.second) };
  expect(await askAsBothShops(appUrl, shops)).toEqual({ first: everythingFound, second: nothingFound });
  await expectDiscountCode(appUrl, shops.second);
}

/** A shop that no browser installed may act in Shopify all the same. */
async function expectDiscountCode(appUrl: string, shop: AddedShop): Promise<void> {
  const tell = async (address: string, body: unknown) => jsonOf(await askApiAs(appUrl, shop, address, body));
  const { id } = await tell('members', {});
  await tell(`members/${String(id)}/adjustments`, { unit: 'points', amount: 100, reason: 'welcome' });
  const reserved = await tell(`members/${String(id)}/reservations`, { rewardId: 'five-off' });
  expect(reserved).toMatchObject({ state: 'reserved', discountCode: expect.stringMatching(/\S{6,}/) });
}

async function expectOnceWorks(): Promise<void> {
  const startedAt = performance.now();
  const { code, output, complaint } = await outcomeOf(start(demo, ['--once']));
  expect({ code, complaint }).toMatchObject({ code: 0 });
  const last = lastLineSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
  expect(last.ok).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(onceMaxMs);
}

// Who started what can be read from /proc only; the guard's own tests cover the other systems.
describe.runIf(process.platform === 'linux')('the demo with its own database', () => {
  it('runs the path once, in a minute at most, and leaves nothing running', async () => {
    await expectOnceWorks();
    await expectNothingLeft();
  });

  it('keeps two shops apart while it runs, and leaves nothing running after Ctrl-C', async () => {
    const child = await serve();
    await expectShopsApart({ first: 'demo.myshopify.com', second: 'next-door.myshopify.com' });
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await expectNothingLeft();
  });

  it('leaves nothing running after kill -9 of the launcher, and starts again', async () => {
    const child = await serve();
    child.kill('SIGKILL');
    await expectNothingLeft();
    await expectOnceWorks();
    await expectNothingLeft();
  });
});

describe('a wrong environment', () => {
  it.each([
    { program: demo, words: ['--once'], name: 'KEY_ENCRYPTION_KEYS', value: 'not a key' },
    { program: demo, words: [], name: 'PORT', value: 'seventy' },
    { program: path.join(root, 'app', 'server.ts'), words: [], name: 'LOG_LEVEL', value: 'loud' },
    { program: path.join(root, 'app', 'server.ts'), words: [], name: 'PORT', value: 'seventy' },
    {
      program: path.join(root, 'app', 'server.ts'),
      words: [],
      name: 'SECURITY_LOG_FILE',
      value: '/nowhere/at/all.log',
    },
    { program: path.join(root, 'app', 'server.ts'), words: [], name: 'SHOPIFY_API_KEY', value: '' },
    { program: path.join(root, 'workers', 'main.ts'), words: [], name: 'STAMPWELL_ENV', value: 'testing' },
  ])('ends $program with 1 and names $name', async ({ program, words, name, value }) => {
    const { code, output, complaint } = await outcomeOf(
      start(program, words, { STAMPWELL_ENV: 'test', [name]: value }),
    );
    expect(code).toBe(1);
    expect(output + complaint).toContain(name);
    await expectNothingLeft();
  });
});
