/** A second PostgreSQL made from a running one, as operators make standbys and recover to a point in time. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import pg from 'pg';

import { settleHome } from '#prisma/postgres-home.ts';

/** Copies the running cluster below `from` into `to`, where it can be started with `signal` as its way of recovery. */
export async function copyCluster(given: {
  url: string;
  from: string;
  to: string;
  signal: 'standby.signal' | 'recovery.signal';
}): Promise<void> {
  const [source, copy] = [settleHome(given.from), settleHome(given.to)];
  const client = new pg.Client({ connectionString: given.url });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('copy', true)`);
    execFileSync('cp', ['-a', source.cluster, copy.cluster]);
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    const label = path.join(copy.cluster, 'backup_label');
    writeFileSync(label, rows[0]?.labelfile ?? '');
    writeFileSync(path.join(copy.cluster, given.signal), '');
    own(label, copy.cluster);
    own(path.join(copy.cluster, given.signal), copy.cluster);
  } finally {
    await client.end();
  }
  // The password stays the same; the port is taken, so another one is found at the start.
  copyFileSync(source.access, copy.access);
}

/** A folder the server may write its archive to. */
export function makeArchive(home: string): string {
  const archive = path.join(settleHome(home).directory, 'archive');
  if (!existsSync(archive)) mkdirSync(archive, { mode: 0o777 });
  execFileSync('chmod', ['777', archive]);
  return archive;
}

function own(file: string, like: string): void {
  const { uid, gid } = statSync(like);
  execFileSync('chown', [`${uid}:${gid}`, file]);
}
