/** Jobs that were not run because they are not what was queued: kept for looking at, never run again. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

const payloadMax = 4_000;

/** Parks a job. Its payload is kept as text, cut at a bound: nothing in it is believed. */
export async function insertParkedJob(job: { task: string; problem: string; payload: string }): Promise<void> {
  try {
    await pool().query(
      prepared('insert into parked_job (task, problem, payload) values ($1, $2, $3)', [
        job.task,
        job.problem,
        job.payload.replaceAll('\u0000', '').slice(0, payloadMax),
      ]),
    );
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** How many jobs are parked. */
export async function countParkedJobs(): Promise<number> {
  try {
    const { rows } = await pool().query<{ n: number }>(prepared('select count(*) as n from parked_job', []));
    return rows[0]?.n ?? 0;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
