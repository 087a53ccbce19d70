/** The reaper: whatever a killed worker had taken is free again within seconds. */
import { reapWorkers } from '#app/flows/system/reap-workers.ts';
import { type Repeater, startRepeater } from '#workers/repeater.ts';

const everyMs = 2_000;

/** Starts reaping. */
export function startReaper(): Repeater {
  return startRepeater('reaper', {
    idleMs: everyMs,
    work: async () => {
      await reapWorkers();
      return 'done';
    },
  });
}
