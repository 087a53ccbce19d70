/** The connections of one queue. They are ours, so that a queue which was left behind can be kept from writing. */
import pg from 'pg';

const connectTimeoutMs = 5_000;

export type QueueConnections = { pool: pg.Pool; close: () => Promise<void> };

/** Opens up to `connectionsMax` connections in the worker's role. */
export function openQueueConnections(databaseUrl: string, connectionsMax: number): QueueConnections {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    options: '-c role=stampwell_worker',
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // The queue hears of a lost connection where it used it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { pool, close: () => pool.end().catch(() => undefined) };
}
