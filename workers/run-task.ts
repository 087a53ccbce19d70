/** One job, run: its envelope and payload are checked, and what it throws decides whether it comes back. */
import { parkJob } from '#app/flows/system/park-job.ts';
import { catalogue, type JobHandlers, type JobName } from '#app/jobs/catalogue.ts';
import { Forbidden, NotFound, Rejected } from '#app/lib/errors.ts';
import { openJob } from '#app/lib/job-envelope.ts';
import { log } from '#app/lib/log.ts';

/**
 * Runs a job that is exactly as it was queued; any other is parked. What will never work (`Rejected`), or whose subject is gone meanwhile (`NotFound`, `Forbidden`), is recorded
 * and ends; anything else is thrown on, to be tried again with backoff.
 */
export async function runTask<Name extends JobName>(
  name: Name,
  handler: JobHandlers[Name],
  rawPayload: unknown,
): Promise<void> {
  const opened = openJob(name, rawPayload);
  if (opened.payload === null) return parkJob({ task: name, problem: opened.problem, payload: rawPayload });
  const payload = catalogue[name].payload.parse(opened.payload) as Parameters<JobHandlers[Name]>[0];
  const startedAt = performance.now();
  try {
    await (handler as (payload: Parameters<JobHandlers[Name]>[0]) => Promise<void>)(payload);
    log.debug('a job is done', { job: name, durationMs: Math.round(performance.now() - startedAt) });
  } catch (error) {
    const isFinal = error instanceof Rejected || error instanceof NotFound || error instanceof Forbidden;
    log[isFinal ? 'warn' : 'error'](isFinal ? 'a job ended without success' : 'a job failed', { job: name, error });
    if (!isFinal) throw error;
  }
}
