/** How many jobs are parked because they are not what was queued. */
import { countParkedJobs } from '#app/data/system/parked-jobs.ts';

/** The count, for alerts. Throws `Unavailable`. */
export async function parkedJobs(): Promise<number> {
  return countParkedJobs();
}
