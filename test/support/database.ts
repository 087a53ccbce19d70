import { createHash, randomBytes } from 'node:crypto';

import { Client, DatabaseError } from 'pg';

import { migrate, readMigrations } from '#prisma/migrate.ts';

const migrationsDirectory = new URL('../../prisma/migrations', import.meta.url).pathname;

/** Serialises the making of templates; any number no other lock on the server uses. */
const TEMPLATE_LOCK_ID = 5_077_001;
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const IN_USE = '55006';

export interface TestDatabase {
  /** The superuser's; row-level security binds only who takes on one of the product's roles. */
  url: string;
  drop: () => Promise<void>;
}

/**
 * A fresh, migrated database of the caller's own, copied from a template that is made once per state of the migrations.
 * `drop` fails when a connection to it is still open: that is a leak in what was tested.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = await ensureTemplate();
  const url = await createDatabase(`template ${template}`);
  return { url, drop: () => dropDatabase(url) };
}

/** A database with nothing in it, for the tests of the migration runner itself. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const url = await createDatabase('template template0');
  return { url, drop: () => dropDatabase(url) };
}

/** Makes the template if it is missing and removes what killed runs left behind. */
export async function prepareTestServer(): Promise<void> {
  await ensureTemplate();
  await withServer(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select datname as name from pg_database d where datname ~ '^test_[0-9]+_'
        and not exists (select from pg_stat_activity a where a.datname = d.datname)`,
    );
    const before = Date.now() - ABANDONED_AFTER_MS;
    const abandoned = rows.filter(({ name }) => Number(name.split('_')[1]) < before);
    for (const { name } of abandoned) await client.query(`drop database if exists ${name}`);
  });
}

async function ensureTemplate(): Promise<string> {
  const migrations = await readMigrations(migrationsDirectory);
  const hash = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16);
  const template = `template_${hash}`;
  await withServer(async (client) => {
    if (await databaseExists(client, template)) return;
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK_ID]);
    if (await databaseExists(client, template)) return;
    // Made under another name, so that a killed run leaves no half-migrated template.
    const draft = `test_${Date.now()}_${randomBytes(4).toString('hex')}`;
    await client.query(`create database ${draft} template template0`);
    await migrate(urlOf(draft));
    await client.query(`alter database ${draft} allow_connections false`);
    await client.query(`alter database ${draft} rename to ${template}`);
  });
  return template;
}

async function databaseExists(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  return rowCount === 1;
}

async function createDatabase(source: string): Promise<string> {
  const name = `test_${Date.now()}_${randomBytes(4).toString('hex')}`;
  await withServer((client) => client.query(`create database ${name} ${source}`));
  return urlOf(name);
}

async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await withServer(async (client) => {
    try {
      // The server itself waits some seconds for connections that are just closing.
      await client.query(`drop database if exists ${name}`);
      return;
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== IN_USE) throw error;
    }
    const { rows } = await client.query<{ text: string }>(
      `select format('%s: %s', application_name, left(query, 200)) as text from pg_stat_activity where datname = $1`,
      [name],
    );
    await client.query(`drop database if exists ${name} with (force)`);
    throw new Error(`Connections were left open:\n${rows.map(({ text }) => text).join('\n')}`);
  });
}

async function withServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: serverUrl(), application_name: 'stampwell-test-support' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('TEST_DATABASE_URL is missing: run the tests through vitest.');
  return url;
}
