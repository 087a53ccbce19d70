/** Audit records and calls of the API rest in one partition a month: made ahead of time, and removed as a whole. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

const monthsAhead = 3;
const kinds = ['audit_record', 'api_call'];

/** Makes the partitions of the month of `at` and the next ones. Only the worker may. Safe to repeat. */
export async function ensureRecordPartitions(at: Date): Promise<void> {
  try {
    await pool().query(
      prepared(
        `select ensure_record_partition(kind, (date_trunc('month', $1::timestamptz) + make_interval(months => m))::date)
         from unnest($2::text[]) kind, generate_series(0, $3::int) m`,
        [at, kinds, monthsAhead],
      ),
    );
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/**
 * Removes what is older than twelve months, month by month; each removal is a transaction of its own and leaves a purge
 * report with every shop that had something. A month of audit records stays until each shop's head of it is signed. Answers
 * how many months went. Only the worker may. Safe to repeat.
 */
export async function dropOldRecordMonths(at: Date): Promise<number> {
  try {
    const { rows } = await pool().query<{ kind: string; month: string }>(
      prepared(
        `select kind, month::text from unnest($1::text[]) kind, list_record_months(kind) month
         where month + interval '13 months' <= $2::timestamptz order by 1, 2`,
        [kinds, at],
      ),
    );
    let dropped = 0;
    for (const { kind, month } of rows) {
      const { rows: answers } = await pool().query<{ is_dropped: boolean }>(
        prepared('select drop_record_partition($1, $2::date) as is_dropped', [kind, month]),
      );
      if (answers[0]?.is_dropped === true) dropped += 1;
    }
    return dropped;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
