/** Writes a backup: every row as of one moment, sealed, with a signed manifest beside it. */
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { Client, escapeIdentifier } from 'pg';

import { newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { copyOut } from '#prisma/continuity/copy.ts';
import { type Manifest, writeManifest } from '#prisma/continuity/manifest.ts';
import { record } from '#prisma/continuity/records.ts';
import { sealFile } from '#prisma/continuity/sealed-file.ts';
import {
  checkReadable,
  listCounters,
  listPartitions,
  listTables,
  queueSchema,
  quotedTable,
  type StoredTable,
  sumLedger,
} from '#prisma/continuity/tables.ts';

const quickCompression = 1;

type Outside = { erasures: Manifest['erasures'] };

/**
 * Backs the database at `url` up into `directory` and answers the manifest. Reads in one snapshot, so nothing has to
 * stop meanwhile; takes on the roles that may read everything and write nothing. A run that is killed leaves no backup.
 */
export async function writeBackup(url: string, directory: string, outside: Outside): Promise<Manifest> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const client = new Client({ connectionString: url, application_name: 'stampwell-backup' });
  client.on('error', () => undefined); // Also rejects the statement under way.
  await client.connect();
  const key = newestKeyEncryptionKey();
  try {
    await client.query(`begin isolation level repeatable read read only; set local role stampwell_backup`);
    await checkReadable(client);
    const takenAt = await readNow(client);
    const backupId = `stampwell-${takenAt.replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
    const tables = await listTables(client);
    const digests: Manifest['tables'] = {};
    const file = await writeContent({ client, directory, name: `${backupId}.backup`, key: key.bytes, tables, digests });
    const manifest: Manifest = {
      kind: 'backup-manifest',
      format: 1,
      backupId,
      takenAt,
      keyId: key.id,
      file,
      tables: digests,
      ...(await describe(client)),
      ...outside,
      finishedAt: new Date().toISOString(),
    };
    await client.query('rollback');
    await writeManifest(directory, manifest);
    return manifest;
  } finally {
    await client.end();
  }
}

async function readNow(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  return (rows[0]?.now ?? new Date()).toISOString();
}

type Content = {
  client: Client;
  directory: string;
  name: string;
  key: Buffer;
  tables: StoredTable[];
  digests: Manifest['tables'];
};

async function writeContent(content: Content): Promise<Manifest['file']> {
  const draft = path.join(content.directory, `${content.name}.draft`);
  const hash = createHash('sha256');
  let bytes = 0;
  const rows = Readable.from(readRows(content), { objectMode: false });
  // Sealed bytes do not shrink, so they are packed first.
  const packed = rows.pipe(createGzip({ level: quickCompression }));
  rows.on('error', (error) => packed.destroy(error));
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of sealFile(content.key, packed)) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  };
  try {
    await pipeline(counted, createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, path.join(content.directory, content.name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return { name: content.name, bytes, sha256: hash.digest('hex') };
}

async function* readRows({ client, tables, digests }: Content): AsyncGenerator<Buffer> {
  for (const table of tables) {
    await client.query(`set local role ${table.schema === queueSchema ? 'stampwell_queue' : 'stampwell_backup'}`);
    const columns = table.columns.map((column) => escapeIdentifier(column)).join(', ');
    yield record('table', JSON.stringify(table));
    const hash = createHash('sha256');
    let lines = 0;
    const copied = copyOut(client, `copy (select ${columns} from ${quotedTable(table)}) to stdout`);
    for await (const piece of copied as AsyncIterable<Buffer>) {
      hash.update(piece);
      // The text format escapes line ends within values.
      for (const byte of piece) if (byte === 10) lines += 1;
      yield record('rows', piece);
    }
    digests[table.name] = { rows: lines, sha256: hash.digest('hex') };
  }
  yield record('end', '');
}

async function describe(
  client: Client,
): Promise<Pick<Manifest, 'migrations' | 'partitions' | 'counters' | 'ledger' | 'databaseBytes'>> {
  await client.query('set local role stampwell_queue');
  const queueCounters = await listCounters(client, queueSchema);
  await client.query('set local role stampwell_backup');
  const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
    `select migration_name as name, checksum from public._prisma_migrations where rolled_back_at is null order by 1`,
  );
  const { rows: size } = await client.query<{ bytes: string }>(
    'select pg_database_size(current_database())::text as bytes',
  );
  return {
    migrations,
    partitions: await listPartitions(client),
    counters: [...(await listCounters(client, 'public')), ...queueCounters],
    ledger: await sumLedger(client),
    databaseBytes: Number(size[0]?.bytes),
  };
}
