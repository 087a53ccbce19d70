/** What the benches share: a fresh database that really writes to disk, rounds, medians, percentiles. */
import path from 'node:path';

import pg from 'pg';

import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { migrate } from '#prisma/migrate.ts';
import { createOwnDatabase } from '#test/platform/own-database.ts';

/** The last line of a bench: `ratio` is ours to the baseline, both measured in the same run. */
export type BenchResult = {
  bench: string;
  ratio: number | null;
  ratios: Record<string, number>;
  rounds: number;
  [figure: string]: unknown;
};

export type Bench = (options: { isQuick: boolean }) => Promise<BenchResult>;

const directory = path.join(import.meta.dirname, '..', '..', '.data', 'bench-pg');
/** Durable as in production (fsync and synchronous commits stay on); room enough that no checkpoint falls into a round. */
const settings = { max_wal_size: '4GB', checkpoint_timeout: '30min', max_connections: '100' };

export type BenchDatabase = {
  /** The superuser's. */
  url: string;
  sql: <Row extends Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;
  close: () => Promise<void>;
};

/** A fresh, migrated database of its own. `close` drops it and stops the server when nobody else uses it. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  const server = await openLocalPostgres({ directory, settings });
  const own = await createOwnDatabase(server.url);
  await migrate(own.url);
  const client = new pg.Client({ connectionString: own.url, application_name: 'bench' });
  await client.connect();
  return {
    url: own.url,
    sql: async <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
      (await client.query<Row>(text, values)).rows,
    close: async () => {
      await client.end();
      await own.drop();
      await server.close();
    },
  };
}

/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The median of the ratios of rounds that were measured side by side. */
export function medianRatio(ours: readonly number[], baseline: readonly number[]): number {
  return rounded(median(ours.map((figure, round) => figure / (baseline[round] ?? Number.NaN))), 3);
}

/** A figure for people: no more digits than it deserves. */
export function rounded(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

/** Things per second. */
export async function ratePerSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAt);
}

/** Runs `work` by so many hands at once, each going on until it answers false. */
export async function byHands(hands: number, work: (hand: number) => Promise<boolean>): Promise<void> {
  const go = async (hand: number): Promise<void> => {
    while (await work(hand));
  };
  await Promise.all(Array.from({ length: hands }, (_, hand) => go(hand)));
}

/** Durable commits per second of the smallest insert, at so many connections: what the disk and the server allow. */
export async function commitRate(database: BenchDatabase, hands: number, durationMs: number): Promise<number> {
  await database.sql('create table if not exists bench_commit (n int)');
  const clients = await Promise.all(
    Array.from({ length: hands }, async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      return client;
    }),
  );
  let count = 0;
  const startedAt = performance.now();
  await byHands(hands, async (hand) => {
    await clients[hand]?.query({ name: 'tiny', text: 'insert into bench_commit values ($1)', values: [hand] });
    count += 1;
    return performance.now() - startedAt < durationMs;
  });
  const rate = (count * 1000) / (performance.now() - startedAt);
  await Promise.all(clients.map((client) => client.end()));
  return rate;
}
