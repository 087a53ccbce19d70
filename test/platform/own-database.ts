/** Databases for runs that must not share one. */
import { randomBytes } from 'node:crypto';

import pg from 'pg';

/** Two runs that start at once must not take the other's new database for a leftover. */
const ownDatabaseLockId = 72_707_411;

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away ends the connection; whoever works with the database will notice by themselves.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Databases of runs that were killed. One that is in use belongs to a run beside us and stays. */
async function dropLeftovers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname like 'stampwell\\_once\\_%'`,
  );
  for (const { name } of rows) await client.query(`drop database if exists ${name}`).catch(() => undefined);
}

/**
 * Makes a new database on the same server, so that a system running beside does not take our orders. A connection to it
 * stays open until `drop`: it shows others that the database is in use.
 */
export async function createOwnDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `stampwell_once_${randomBytes(6).toString('hex')}`;
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = await connect(url);
  let keeper: pg.Client;
  try {
    await client.query('select pg_advisory_lock($1)', [ownDatabaseLockId]);
    await dropLeftovers(client);
    await client.query(`create database ${name}`);
    keeper = await connect(own.href);
  } finally {
    await client.end();
  }
  const drop = async (): Promise<void> => {
    await keeper.end();
    const last = await connect(url);
    try {
      await last.query(`drop database if exists ${name} with (force)`);
    } finally {
      await last.end();
    }
  };
  return { url: own.href, drop };
}
