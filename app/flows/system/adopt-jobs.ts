/** An installation that begins to sign its jobs takes over those that were queued before, once. */
import { type Adopted, adoptUnsignedJobs, type SignUnsigned } from '#app/data/system/unsigned-jobs.ts';
import { bulkNameOf, catalogue, isJobName, type JobName } from '#app/jobs/catalogue.ts';
import { signJob } from '#app/lib/job-envelope.ts';

const names = Object.keys(catalogue).filter(isJobName);

/** The job a task of the queue is for; bulk work waits under a name of its own. */
const nameOf = (task: string): JobName | undefined => names.find((name) => name === task || bulkNameOf(name) === task);

/** Signs what fits the catalogue. What the queue's clock adds is not ours and is not signed. */
const sign: SignUnsigned = ({ task, payload }) => {
  const name = nameOf(task);
  if (name === undefined || typeof payload !== 'object' || payload === null) return null;
  const { _cron: clock, ...given } = payload as Record<string, unknown>;
  const read = catalogue[name].payload.safeParse(given);
  return read.success ? { ...signJob(name, given), ...(clock === undefined ? {} : { _cron: clock }) } : null;
};

/**
 * Signs the jobs that waited when the first process that signs was started, on the word of `operator`. What fits no job is
 * left, and parked by the worker that takes it. Throws `Conflict` the second time, for ever.
 */
export function adoptJobs({ operator }: { operator: string }): Promise<Adopted> {
  return adoptUnsignedJobs(sign, operator);
}
