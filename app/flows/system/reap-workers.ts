/** Jobs of workers that died are freed within seconds instead of hours. */
import { freeJobsOfDeadWorkers, openPresence, type Presence } from '#app/data/system/worker-presence.ts';

/** Frees what dead workers had locked. Safe to repeat. */
export async function reapWorkers(): Promise<number> {
  return freeJobsOfDeadWorkers();
}

/** Makes this process known as alive under the names it will lock jobs with. */
export function announceWorker(databaseUrl: string): Presence {
  return openPresence(databaseUrl);
}
