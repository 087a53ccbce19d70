import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { Client, DatabaseError } from 'pg';

import { resolveDatabase } from '#prisma/connect.ts';
import { migrateQueue } from '#prisma/migrate-queue.ts';

/** The advisory lock Prisma's own engine takes, so that `prisma migrate deploy` and this runner exclude each other. */
const MIGRATION_LOCK_ID = 72_707_369;

/** A migration that cannot get its table lock gives up rather than queue every query of a live shop behind it. */
const LOCK_TIMEOUT_MS = 15_000;

const repositoryDirectory = path.join(import.meta.dirname, 'migrations');

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface Recorded {
  checksum: string;
  isFinished: boolean;
}

/** The database and the migrations folder do not fit together, or may not be brought together by this role. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/**
 * Brings the database at `url` to the newest migration and returns the names applied, oldest first.
 * Each migration runs in a transaction of its own and is recorded the way Prisma records it. Repeating
 * is safe, and so is starting several at once: they wait for one another. Throws `MigrationError` when
 * an applied migration was edited or is missing on disk, when an earlier one failed half-way, and
 * when something is pending that this role may not apply.
 *
 * The job queue's own tables are brought along unless `isQueueIncluded` is false. `last` names the newest migration
 * wanted, for a database that is filled as it once was; only a restore (`isRestoring`) may touch one that is half restored.
 */
export async function migrate(
  url: string,
  options: { directory?: string; isQueueIncluded?: boolean; last?: string; isRestoring?: boolean } = {},
): Promise<string[]> {
  const migrations = await readMigrations(options.directory ?? repositoryDirectory);
  const client = new Client({ connectionString: url, application_name: 'stampwell-migrate' });
  client.on('error', () => undefined); // A lost connection also rejects the query under way.
  await client.connect();
  try {
    // Months are cut in UTC, as the product cuts them, and not where the server happens to stand.
    await client.query(`set timezone = 'UTC'`);
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_ID]);
    if (options.isRestoring !== true) await refuseHalfRestored(client);
    const applied = await applyPending(client, migrations, options.last);
    if (options.isQueueIncluded ?? true) await migrateQueue(client, url);
    return applied;
  } catch (error) {
    if (isPermissionDenied(error)) {
      throw new MigrationError(
        'Migrations are pending and this database role may not apply them. Run `npm run migrate` once with ' +
          "the owner's DATABASE_URL, then start again.",
        { cause: error },
      );
    }
    throw error;
  } finally {
    await client.end();
  }
}

/** Reads every migration below `directory`, oldest first, with the checksum Prisma would record for it. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Present while a backup is being restored. Every role can see that a schema exists. */
export const restoreMark = 'stampwell_restoring';

async function refuseHalfRestored(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [restoreMark]);
  if (rowCount !== 0)
    throw new MigrationError(
      'A restore into this database has not ended. Run `npm run restore` again before starting.',
    );
}

async function applyPending(client: Client, migrations: Migration[], last: string | undefined): Promise<string[]> {
  const recorded = await readRecorded(client);
  refuseDisagreement(migrations, recorded);
  const wanted = last === undefined ? migrations : migrations.filter(({ name }) => name <= last);
  const pending = wanted.filter((migration) => !recorded.has(migration.name));
  for (const migration of pending) await applyOne(client, migration);
  return pending.map((migration) => migration.name);
}

async function readRecorded(client: Client): Promise<Map<string, Recorded>> {
  // Asked first, because `create table if not exists` needs the right to create even when the table is there.
  const { rows: found } = await client.query<{ exists: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as exists`,
  );
  if (found[0]?.exists !== true) {
    await client.query(`
      create table _prisma_migrations (
        id varchar(36) primary key not null,
        checksum varchar(64) not null,
        finished_at timestamptz,
        migration_name varchar(255) not null,
        logs text,
        rolled_back_at timestamptz,
        started_at timestamptz not null default now(),
        applied_steps_count integer not null default 0
      )`);
    // Every role may see which version the schema has: a process refuses to start against an older one.
    await client.query('grant select on _prisma_migrations to public');
  }
  const { rows } = await client.query<{ name: string; checksum: string; is_finished: boolean }>(
    `select migration_name as name, checksum, finished_at is not null as is_finished
       from _prisma_migrations where rolled_back_at is null`,
  );
  return new Map(rows.map((row) => [row.name, { checksum: row.checksum, isFinished: row.is_finished }]));
}

function refuseDisagreement(migrations: Migration[], recorded: Map<string, Recorded>): void {
  const onDisk = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const [name, { checksum, isFinished }] of recorded) {
    const migration = onDisk.get(name);
    if (!migration) {
      throw new MigrationError(
        `Migration ${name} is recorded in the database but missing on disk: this code is older than the database.`,
      );
    }
    if (!isFinished) {
      throw new MigrationError(`Migration ${name} failed half-way earlier and needs to be resolved by hand.`);
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was edited after it was applied. Restore it, and put the change into a new migration.`,
      );
    }
  }
}

async function applyOne(client: Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    if (isPermissionDenied(error)) throw error;
    throw new MigrationError(`Migration ${migration.name} failed: ${String(error)}`, { cause: error });
  }
}

function isPermissionDenied(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '42501';
}

async function main(): Promise<void> {
  const database = await resolveDatabase();
  try {
    const applied = await migrate(database.url);
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    process.stdout.write(applied.length === 0 ? 'nothing to apply\n' : `${applied.length} applied\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof MigrationError ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await database.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
