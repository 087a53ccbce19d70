/** Ledger partitions are made months ahead, so that an entry never meets a month without one. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

const monthsAhead = 3;

/** Makes the partitions of this month and the next ones. Only the worker may. Safe to repeat. */
export async function ensureLedgerPartitions(): Promise<void> {
  try {
    await pool().query(
      prepared(
        `select ensure_ledger_partition((date_trunc('month', now()) + make_interval(months => m))::date)
         from generate_series(0, $1::int) m`,
        [monthsAhead],
      ),
    );
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
