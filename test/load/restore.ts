/**
 * How long a lost database takes to come back: `npm run drill` on one that is large (a backup, a restore into a PostgreSQL of
 * its own, ledger, chains and erasures checked there), in seconds for each gigabyte of database.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { openSystem } from '#app/flows/system/open-system.ts';
import { plantLedger } from '#test/load/planted-ledger.ts';
import { pointsProgram } from '#test/load/shop-orders.ts';
import { type Bench, type BenchDatabase, openBenchDatabase, rounded } from '#test/load/support.ts';
import { makeShop, testEnvironment } from '#test/support/factories.ts';

const shopCount = 4;
const command = path.join(import.meta.dirname, '..', '..', 'workers', 'drill.ts');

const drillSchema = z.object({
  ok: z.literal(true),
  databaseBytes: z.number(),
  rows: z.number(),
  rtoSeconds: z.number(),
  rtoSecondsPerGigabyte: z.number(),
  steps: z.record(z.string(), z.unknown()),
});

async function fill(database: BenchDatabase, members: number): Promise<void> {
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 2 });
  const shops = [];
  for (let count = 0; count < shopCount; count += 1) shops.push(await makeShop(pointsProgram));
  await system.close();
  for (const shop of shops) await plantLedger(database, shop, Math.ceil(members / shopCount));
  await database.sql('vacuum analyze');
}

/** Runs the command as an operator does. Throws when anything did not come back as it was. */
async function drill(url: string, directory: string): Promise<z.infer<typeof drillSchema>> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command, '--directory', directory], {
    env: {
      ...process.env,
      ...testEnvironment,
      DATABASE_URL: url,
      STAMPWELL_DATA_DIRECTORY: path.join(directory, 'data'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  await once(child, 'close');
  const last = output.trim().split('\n').at(-1) ?? '';
  const read = drillSchema.safeParse(JSON.parse(last || '{}'));
  if (!read.success) throw new Error(`The drill did not bring everything back: ${last}`);
  return read.data;
}

/** No ratio: what is asked for is the figure. */
export const benchRestore: Bench = async ({ isQuick }) => {
  const members = isQuick ? 10_000 : 75_000;
  const database = await openBenchDatabase();
  const directory = await mkdtemp(path.join(tmpdir(), 'stampwell-restore-'));
  try {
    await fill(database, members);
    console.log(`${members} members are planted`);
    const { databaseBytes, rows, rtoSeconds, rtoSecondsPerGigabyte, steps } = await drill(database.url, directory);
    return {
      bench: 'restore',
      ratio: null,
      ratios: {},
      rounds: 1,
      databaseBytes,
      rows,
      rtoSeconds: rounded(rtoSeconds, 1),
      rtoSecondsPerGigabyte: rounded(rtoSecondsPerGigabyte, 1),
      steps,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
    await database.close();
  }
};
