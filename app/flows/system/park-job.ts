/** A job that is not what was queued is put aside, visibly, and has no effect. */
import { insertParkedJob } from '#app/data/system/parked-jobs.ts';
import { log } from '#app/lib/log.ts';

/** Parks the job and raises the alarm. Throws `Unavailable`: then it comes back and is parked again. */
export async function parkJob({
  task,
  problem,
  payload,
}: {
  task: string;
  problem: string;
  payload: unknown;
}): Promise<void> {
  await insertParkedJob({ task, problem, payload: JSON.stringify(payload) ?? '' });
  log.error('a job in the queue is not what was queued; it is parked', { job: task, code: 'job-parked' });
}
