/**
 * Fills a database from a backup. From its first moment to its last the database carries a mark, under which no process
 * of the product starts: one that was restored by half can never be taken for whole.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { Client, escapeIdentifier } from 'pg';

import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import { copyIn } from '#prisma/continuity/copy.ts';
import { checkContent, type Manifest } from '#prisma/continuity/manifest.ts';
import { readRecords, type StoredRecord } from '#prisma/continuity/records.ts';
import { renewCards } from '#prisma/continuity/renew-cards.ts';
import { BrokenFile, openFile } from '#prisma/continuity/sealed-file.ts';
import { queueSchema, quotedTable, type StoredTable, sumLedger } from '#prisma/continuity/tables.ts';
import { migrate, readMigrations, restoreMark } from '#prisma/migrate.ts';

/** The database cannot be restored into, and nothing was changed. */
export class RestoreRefused extends Error {
  override name = 'RestoreRefused';
}

/**
 * Fills the database at `url` with what the backup holds, all of it or nothing, and leaves it marked: the caller takes
 * the mark away (`finishRestore`) once erasures were applied again. What a killed run left is cleared away first.
 * Throws `RestoreRefused` when the database already holds shops and `isForced` is false, `BrokenFile` when the backup
 * was altered, cut short, or sealed with a key that is not at hand; either way before the database is touched, except
 * for a file that only its keeper could have made, which fails inside the one transaction that loads.
 */
export async function restoreBackup(
  url: string,
  directory: string,
  wanted: { manifest: Manifest; isForced: boolean },
): Promise<void> {
  const { manifest } = wanted;
  const key = keyEncryptionKeys().find(({ id }) => id === manifest.keyId);
  if (key === undefined)
    throw new BrokenFile(
      `The backup is sealed with the key "${manifest.keyId}", which KEY_ENCRYPTION_KEYS does not have`,
    );
  await checkContent(directory, manifest);
  await checkMigrations(manifest);
  await tryKey(key.bytes, path.join(directory, manifest.file.name));
  await withClient(url, (client) => clear(client, wanted.isForced));
  await migrate(url, { last: manifest.migrations.at(-1)?.name ?? '', isRestoring: true });
  await withClient(url, (client) =>
    load(client, manifest, openFile(key.bytes, path.join(directory, manifest.file.name))),
  );
  await migrate(url, { isRestoring: true });
}

/** What connections of web and worker processes call themselves. */
const processNames = ['stampwell_web', 'stampwell_worker', 'stampwell_listen', 'stampwell_presence'];

/** Any number no other lock of ours uses. */
const restoreLockId = 72_707_370;

/**
 * Keeps other restores away from the database at `url`, whoever starts them, until it is released or this process dies.
 * Throws `RestoreRefused` while one goes on, or while processes of the product still work with the database.
 */
export async function holdRestoreLock(url: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url, application_name: 'stampwell-restore' });
  client.on('error', () => undefined); // What is lost with it, the statements of the restore report as well.
  await client.connect();
  const { rows } = await client.query<{ is_ours: boolean; working: number }>(
    `select pg_try_advisory_lock($1) as is_ours, (select count(*)::int from pg_stat_activity
       where datname = current_database() and application_name = any($2)) as working`,
    [restoreLockId, processNames],
  );
  const refusal =
    rows[0]?.is_ours !== true
      ? 'Another restore into this database is going on'
      : rows[0].working > 0
        ? 'Web or worker processes still work with this database. Stop them first'
        : null;
  if (refusal === null) return () => client.end();
  await client.end();
  throw new RestoreRefused(refusal);
}

/** Takes the mark away: processes may start. */
export async function finishRestore(url: string): Promise<void> {
  await withClient(url, (client) => client.query(`drop schema ${restoreMark}`));
}

/** Whether a restore into this database has begun and not ended. */
export async function isBeingRestored(url: string): Promise<boolean> {
  return withClient(url, isMarked);
}

async function isMarked(client: Client): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [restoreMark]);
  return rowCount === 1;
}

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'stampwell-restore' });
  client.on('error', () => undefined); // Also rejects the statement under way.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The backup brings rows; the tables come from the migrations, which must be the very same. */
async function checkMigrations(manifest: Manifest): Promise<void> {
  const present = await readMigrations(path.join(import.meta.dirname, '..', 'migrations'));
  const checksums = new Map(present.map(({ name, checksum }) => [name, checksum]));
  const foreign = manifest.migrations.find(({ name, checksum }) => checksums.get(name) !== checksum);
  if (foreign !== undefined)
    throw new RestoreRefused(
      `The backup was made with the migration ${foreign.name}, which this version does not have`,
    );
}

async function tryKey(key: Buffer, file: string): Promise<void> {
  for await (const piece of openFile(key, file)) if (piece.length > 0) return;
}

async function clear(client: Client, isForced: boolean): Promise<void> {
  await client.query(`begin; set local lock_timeout = '15s'`);
  const { rows } = await client.query<{ exists: boolean }>(`select to_regclass('public.shop') is not null as exists`);
  if (rows[0]?.exists === true && !isForced && !(await isMarked(client))) {
    const { rowCount } = await client.query('select from public.shop limit 1');
    if (rowCount !== 0)
      throw new RestoreRefused('The database holds shops already. Restore into an empty one, or add --force');
  }
  await client.query(`create schema if not exists ${restoreMark}`);
  await client.query(`drop schema if exists ${queueSchema} cascade; drop schema public cascade; create schema public`);
  await client.query('grant usage on schema public to public');
  await client.query('commit');
}

async function load(client: Client, manifest: Manifest, content: AsyncIterable<Buffer>): Promise<void> {
  await client.query('begin');
  await addPartitions(client, manifest);
  const tables = new Map(Object.keys(manifest.tables).map((name) => [name, tableOf(name)]));
  // Row-level security is forced on owners too, and knows no policy for them. It is back before anybody else looks.
  const guarded = await listGuarded(client);
  for (const name of guarded) await client.query(`alter table ${name} no force row level security`);
  for (const table of tables.values()) {
    await actFor(client, table);
    await client.query(`delete from ${quotedTable(table)}`); // What migrations planted is in the backup as well.
  }
  await fill(client, manifest, content);
  await setCounters(client, manifest);
  await checkLedger(client, manifest);
  for (const name of guarded) await client.query(`alter table ${name} force row level security`);
  await renewCards(client);
  await client.query('commit');
}

function tableOf(name: string): { schema: string; table: string } {
  const [schema = '', table = ''] = name.split('.');
  return { schema, table };
}

/** The queue's tables belong to a role of their own, whose rows their owner alone may write. */
async function actFor(client: Client, table: { schema: string }): Promise<void> {
  await client.query(table.schema === queueSchema ? 'set local role stampwell_queue' : 'reset role');
}

async function addPartitions(client: Client, { partitions }: Manifest): Promise<void> {
  for (const { parent, name, bound } of partitions) {
    const { rowCount } = await client.query(`select from pg_class where oid = to_regclass($1)`, [
      `public.${escapeIdentifier(name)}`,
    ]);
    if (rowCount !== 0) continue;
    const partition = quotedTable({ schema: 'public', table: name });
    await client.query(
      `create table ${partition} partition of ${quotedTable({ schema: 'public', table: parent })} ${bound}`,
    );
    await client.query('select public.guard_ledger_partition($1::regclass)', [partition]);
  }
}

async function listGuarded(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relforcerowsecurity`,
  );
  return rows.map(({ name }) => name);
}

async function fill(client: Client, manifest: Manifest, content: AsyncIterable<Buffer>): Promise<void> {
  const unpacked = Readable.from(content, { objectMode: false });
  const packed = createGunzip();
  unpacked.on('error', (error) => packed.destroy(error));
  const records = readRecords(unpacked.pipe(packed));
  const left = new Set(Object.keys(manifest.tables));
  let next = await records.next();
  while (next.done !== true && next.value.kind === 'table') {
    const table = JSON.parse(next.value.bytes.toString()) as StoredTable;
    next = await fillTable(client, { table, expected: manifest.tables[table.name], records });
    left.delete(table.name);
  }
  if (next.done === true || next.value.kind !== 'end' || left.size > 0)
    throw new BrokenFile('The backup lacks tables that its manifest names');
  // The end of the file is where cutting short shows.
  if ((await records.next()).done !== true) throw new BrokenFile('The backup goes on after its end');
}

type Filling = {
  table: StoredTable;
  expected: Manifest['tables'][string] | undefined;
  records: AsyncGenerator<StoredRecord>;
};

async function fillTable(client: Client, { table, expected, records }: Filling): Promise<IteratorResult<StoredRecord>> {
  const hash = createHash('sha256');
  let next = await records.next();
  const rows = async function* (): AsyncGenerator<Buffer> {
    for (; next.done !== true && next.value.kind === 'rows'; next = await records.next()) {
      hash.update(next.value.bytes);
      yield next.value.bytes;
    }
  };
  await actFor(client, table);
  const columns = table.columns.map((column) => escapeIdentifier(column)).join(', ');
  const stored = await copyIn(client, `copy ${quotedTable(table)} (${columns}) from stdin`, rows());
  if (stored !== expected?.rows || hash.digest('hex') !== expected.sha256)
    throw new BrokenFile(`The table ${table.name} is not what the manifest says`);
  return next;
}

async function setCounters(client: Client, { counters }: Manifest): Promise<void> {
  for (const { name, value, isCalled } of counters) {
    await actFor(client, { schema: name.startsWith(`${queueSchema}.`) ? queueSchema : 'public' });
    await client.query('select setval($1::regclass, $2::bigint, $3)', [name, value, isCalled]);
  }
  await client.query('reset role');
}

async function checkLedger(client: Client, { ledger }: Manifest): Promise<void> {
  const restored = await sumLedger(client);
  if (restored.fingerprint !== ledger.fingerprint || restored.entries !== ledger.entries)
    throw new BrokenFile('The restored ledger does not add up to what the manifest says');
}
