/** One job, run: its payload is checked again, and what it throws decides whether it comes back. */
import { catalogue, type JobHandlers, type JobName } from '#app/jobs/catalogue.ts';
import { Forbidden, NotFound, Rejected } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

/**
 * Runs a job. What will never work (`Rejected`), or whose subject is gone meanwhile (`NotFound`, `Forbidden`), is recorded
 * and ends; anything else is thrown on, to be tried again with backoff.
 */
export async function runTask<Name extends JobName>(
  name: Name,
  handler: JobHandlers[Name],
  rawPayload: unknown,
): Promise<void> {
  const payload = catalogue[name].payload.parse(rawPayload) as Parameters<JobHandlers[Name]>[0];
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
