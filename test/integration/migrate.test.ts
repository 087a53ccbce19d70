import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { migrate } from '#prisma/migrate.ts';
import { createEmptyDatabase, createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { ask } from '#test/support/local-postgres.ts';

const program = path.join(import.meta.dirname, '../../prisma/migrate.ts');
const FIRST = '20260101000000_first';
const SECOND = '20260102000000_second';

let directory: string;
let database: TestDatabase;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stampwell-migrations-'));
  database = await createEmptyDatabase();
  await write(FIRST, 'create table first (id int);');
  await write(SECOND, 'create table second (id int); insert into second values (1);');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
  await database.drop();
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, name, 'migration.sql'), sql);
}

function run(): Promise<string[]> {
  return migrate(database.url, { directory, isQueueIncluded: false });
}

/** The same database, seen by a role with fewer rights than its owner. */
function urlAs(role: string): string {
  const url = new URL(database.url);
  url.searchParams.set('options', `-c role=${role}`);
  return url.href;
}

describe('applying', () => {
  test('goes through the folder in order, once', async () => {
    expect(await run()).toEqual([FIRST, SECOND]);
    expect(await run()).toEqual([]);
    expect(await ask(database.url, 'select id from second')).toEqual([{ id: 1 }]);
  });

  test('records each migration as Prisma does', async () => {
    await run();
    const rows = await ask(
      database.url,
      `select migration_name, checksum, applied_steps_count, finished_at is not null as is_finished, rolled_back_at, logs
         from _prisma_migrations order by migration_name limit 1`,
    );
    const checksum = createHash('sha256').update('create table first (id int);').digest('hex');
    const rest = { applied_steps_count: 1, is_finished: true, rolled_back_at: null, logs: null };
    expect(rows).toEqual([{ migration_name: FIRST, checksum, ...rest }]);
  });

  test('applies what was added later', async () => {
    await run();
    await write('20260103000000_third', 'create table third (id int);');
    expect(await run()).toEqual(['20260103000000_third']);
  });

  test('leaves nothing of a migration that fails, keeps those before it, and goes on once it is mended', async () => {
    await write(SECOND, 'create table second (id int); select 1 / 0;');
    await expect(run()).rejects.toThrow(/20260102000000_second failed.*division by zero/);
    expect(await ask(database.url, `select to_regclass('first') as first, to_regclass('second') as second`)).toEqual([
      { first: 'first', second: null },
    ]);
    await write(SECOND, 'create table second (id int);');
    expect(await run()).toEqual([SECOND]);
  });

  test('cuts months in UTC, wherever the server stands, so that later ones fit', async () => {
    await ask(
      database.url,
      `do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'America/New_York'); end $$`,
    );
    await migrate(database.url, { isQueueIncluded: false });
    const utc = new URL(database.url);
    utc.searchParams.set('options', '-c timezone=UTC');
    const months = await ask(
      utc.href,
      `select pg_get_expr(relpartbound, oid) as bound from pg_class where relispartition and relkind = 'r' and relname ~ '[0-9]$'`,
    );
    const midnight = String.raw`\('\d{4}-\d\d-01 00:00:00\+00'\)`;
    expect(months.length).toBeGreaterThan(4);
    for (const { bound } of months)
      expect(String(bound)).toMatch(new RegExp(`^FOR VALUES FROM ${midnight} TO ${midnight}$`));
    const next = `select ensure_ledger_partition((date_trunc('month', now()) + interval '4 months')::date) as is_made`;
    expect(await ask(utc.href, next)).toEqual([{ is_made: true }]);
  });
});

describe('refusing', () => {
  test('names a migration that was edited after it was applied', async () => {
    await run();
    await write(FIRST, 'create table first (id bigint);');
    await write('20260103000000_third', 'create table third (id int);');
    await expect(run()).rejects.toThrow(/20260101000000_first was edited/);
    expect(await ask(database.url, `select to_regclass('third') as third`)).toEqual([{ third: null }]);
  });

  test('names a migration that is recorded but missing on disk', async () => {
    await run();
    await rm(path.join(directory, FIRST), { recursive: true });
    await expect(run()).rejects.toThrow(/20260101000000_first is recorded .* but missing on disk/);
  });

  test('names a migration that another runner left unfinished', async () => {
    await run();
    await ask(database.url, `update _prisma_migrations set finished_at = null where migration_name = '${SECOND}'`);
    await expect(run()).rejects.toThrow(/20260102000000_second failed half-way/);
  });

  test('tells a role without the right to migrate what to do', async () => {
    await expect(migrate(urlAs('stampwell_web'), { directory, isQueueIncluded: false })).rejects.toThrow(
      /Run `npm run migrate` once with the owner's DATABASE_URL/,
    );
    await run();
    await write('20260103000000_third', 'create table third (id int);');
    await expect(migrate(urlAs('stampwell_web'), { directory, isQueueIncluded: false })).rejects.toThrow(
      /Run `npm run migrate`/,
    );
  });

  test('lets a role without rights pass when nothing is pending', async () => {
    await run();
    expect(await migrate(urlAs('stampwell_web'), { directory, isQueueIncluded: false })).toEqual([]);
  });
});

describe('several at once', () => {
  test('two runners that start together migrate once', async () => {
    await write(FIRST, 'create table first (id int); select pg_sleep(0.3);');
    const results = await Promise.all([run(), run(), run()]);
    expect(results.toSorted((one, other) => other.length - one.length)).toEqual([[FIRST, SECOND], [], []]);
  });

  test('two processes that start together migrate the product’s schema once', async () => {
    const env = { ...process.env, DATABASE_URL: database.url };
    const start = () => promisify(execFile)(process.execPath, [program], { env });
    const outputs = (await Promise.all([start(), start()])).map(({ stdout }) => stdout);
    expect(outputs.filter((output) => output === 'nothing to apply\n')).toHaveLength(1);
    expect(outputs.filter((output) => /^applied /m.test(output) && /\d+ applied\n$/.test(output))).toHaveLength(1);
  });

  test('waits for whoever holds Prisma’s lock', async () => {
    const prisma = new Client({ connectionString: database.url });
    await prisma.connect();
    await prisma.query('select pg_advisory_lock(72707369)');
    const running = run();
    const first = await Promise.race([running, delay(300, 'still waiting')]);
    await prisma.end();
    expect(first).toBe('still waiting');
    expect(await running).toEqual([FIRST, SECOND]);
  });
});

describe('the job queue', () => {
  test('has a schema that belongs to the queue role, and a second run leaves it as it is', async () => {
    const copy = await createTestDatabase();
    const owners = `select distinct pg_get_userbyid(relowner) as owner from pg_class
      where relnamespace = 'graphile_worker'::regnamespace and relkind in ('r', 'v', 'S')`;
    const applied = await migrate(copy.url);
    const rows = await ask(copy.url, owners);
    await copy.drop();
    expect(applied).toEqual([]);
    expect(rows).toEqual([{ owner: 'stampwell_queue' }]);
  });

  test('needs no rights when it is up to date', async () => {
    await migrate(database.url);
    expect(await migrate(urlAs('stampwell_web'))).toEqual([]);
  });
});
