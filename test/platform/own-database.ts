/** Databases for runs that must not share one. */
import { randomBytes } from 'node:crypto';

import pg from 'pg';

/** Makes a new database on the same server, so that a system running beside does not take our orders. */
export async function createOwnDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `stampwell_once_${randomBytes(6).toString('hex')}`;
  const run = async (sql: string): Promise<string[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(sql);
      return rows.map((row) => row.name);
    } finally {
      await client.end();
    }
  };
  await dropLeftovers(run);
  await run(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const drop = async (): Promise<void> => {
    await run(`drop database if exists ${name} with (force)`);
  };
  return { url: own.href, drop };
}

/** Databases of runs that were killed. One that is in use belongs to a run beside us and stays. */
async function dropLeftovers(run: (sql: string) => Promise<string[]>): Promise<void> {
  const names = await run(`select datname as name from pg_database where datname like 'stampwell\\_once\\_%'`);
  for (const name of names) await run(`drop database if exists ${name}`).catch(() => undefined);
}
