/** The standbys that follow the database. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

/** How many there are, and how many seconds the slowest is behind; null when there is none. */
export async function readReplication(): Promise<{ standbys: number; lagSeconds: number | null }> {
  try {
    const { rows } = await pool().query<{ standbys: number; lag_seconds: number | null }>(
      prepared('select standbys, lag_seconds from replication_state()', []),
    );
    return { standbys: rows[0]?.standbys ?? 0, lagSeconds: rows[0]?.lag_seconds ?? null };
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
