import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Logger, runMigrations } from 'graphile-worker';
import { escapeIdentifier, escapeLiteral, Pool } from 'pg';
import type { Client } from 'pg';

/** Owns the schema `graphile_worker`; created by our first migration. */
const QUEUE_ROLE = 'stampwell_queue';
const QUEUE_SCHEMA = 'graphile_worker';

const silentLogger = new Logger(() => () => undefined);

/**
 * Brings the job queue's schema to the version of the installed library, owned by the queue role. The version is kept
 * as a comment on the schema: a role that may not look inside can still see that there is nothing to do.
 * Repeating is safe; the caller holds the migration lock on `client`.
 */
export async function migrateQueue(client: Client, url: string): Promise<void> {
  const wanted = `graphile-worker ${await libraryVersion()}`;
  const { rows } = await client.query<{ installed: string | null }>(
    `select obj_description(to_regnamespace($1), 'pg_namespace') as installed`,
    [QUEUE_SCHEMA],
  );
  if (rows[0]?.installed === wanted) return;
  const { rows: databases } = await client.query<{ name: string }>('select current_database() as name');
  await client.query(`grant create on database ${escapeIdentifier(databases[0]?.name ?? '')} to ${QUEUE_ROLE}`);
  const pool = new Pool({
    connectionString: url,
    max: 1,
    options: `-c role=${QUEUE_ROLE}`,
    application_name: 'stampwell-migrate',
  });
  // A lost connection also rejects the query under way; unheard, it would end the process.
  pool.on('error', ignore);
  pool.on('connect', (connection) => connection.on('error', ignore));
  try {
    await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA, logger: silentLogger });
    await pool.query(`comment on schema ${QUEUE_SCHEMA} is ${escapeLiteral(wanted)}`);
  } finally {
    await pool.end();
  }
}

function ignore(): void {}

async function libraryVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('graphile-worker');
  const manifest = path.join(path.dirname(entry), '..', 'package.json');
  const parsed: unknown = JSON.parse(await readFile(manifest, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  throw new Error('The installed graphile-worker does not say which version it is.');
}
