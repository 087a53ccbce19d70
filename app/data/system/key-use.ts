/** What of no shop still lies under which key-encryption key. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

export type PlatformUse = { keyId: string; jobs: number; operators: number; reports: number };

/** Counts queued jobs by the key that signed them, and operators' secrets and reports by the key that seals them. */
export async function countPlatformUse(): Promise<PlatformUse[]> {
  try {
    const { rows } = await pool().query<{ key_id: string; jobs: number; operators: number; reports: number }>(
      prepared(
        `select key_id, sum(jobs)::int as jobs, sum(operators)::int as operators, sum(reports)::int as reports from (
           select payload -> '$envelope' ->> 'key' as key_id, 1 as jobs, 0 as operators, 0 as reports
             from graphile_worker._private_jobs
           union all select totp_key, 0, 1, 0 from operator_account
           union all select kek_id, 0, 0, 1 from disclosure_report
         ) as used where key_id is not null group by key_id order by key_id`,
        [],
      ),
    );
    return rows.map(({ key_id: keyId, ...counts }) => ({ keyId, ...counts }));
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
