/** Does at once what waits in the outbox, the way the workers do it later. */
import { catalogue, type JobName } from '#app/jobs/catalogue.ts';
import type { TestSystem } from '#test/support/factories.ts';
import { tasks } from '#workers/tasks.ts';

type Waiting = { job: JobName; payload: Record<string, unknown> };

/** Carries out jobs of these names until none is due; others stay. Answers how many of each there were. */
export async function runOutbox(system: TestSystem, names: JobName[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (;;) {
    const due = await system.sql<Waiting>(
      `delete from outbox where job = any($1) and (run_at is null or run_at <= now()) returning job, payload`,
      [names],
    );
    if (due.length === 0) return counts;
    for (const { job, payload } of due) {
      const run: (payload: never) => Promise<void> = tasks[job];
      await run(catalogue[job].payload.parse(payload) as never);
      counts.set(job, (counts.get(job) ?? 0) + 1);
    }
  }
}
