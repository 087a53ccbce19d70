/** The lanes of one worker process: a runner each, so that no lane can take another's hands. */
import { EventEmitter } from 'node:events';
import { Logger, parseCronItems, run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';

import { catalogue, type JobName, type Lane } from '#app/jobs/catalogue.ts';
import { log } from '#app/lib/log.ts';
import { crontab } from '#workers/crontab.ts';
import { runTask } from '#workers/run-task.ts';
import { tasks } from '#workers/tasks.ts';

/** Hands per lane. A crash loses at most `localQueueSize` jobs' worth of waiting, until the reaper frees them. */
const hands: Record<Lane, { concurrency: number; localQueueSize: number; connectionsMax: number }> = {
  ingest: { concurrency: 4, localQueueSize: 10, connectionsMax: 3 },
  wallet: { concurrency: 24, localQueueSize: 50, connectionsMax: 4 },
  bulk: { concurrency: 2, localQueueSize: 4, connectionsMax: 2 },
  privacy: { concurrency: 2, localQueueSize: 4, connectionsMax: 2 },
  upkeep: { concurrency: 2, localQueueSize: 10, connectionsMax: 2 },
};

const completeBatchDelayMs = 20;
const pollIntervalMs = 1_000;

const logger = new Logger(({ label }) => (level, message) => {
  // Its warnings are advice about settings we chose on purpose; its messages quote nothing of a payload.
  if (level === 'error') log.error(`${label ?? 'queue'}: ${message.split('\n', 1)[0] ?? ''}`);
});

function taskListOf(lane: Lane): TaskList {
  const names = Object.keys(catalogue) as JobName[];
  return Object.fromEntries(
    names
      .filter((name) => catalogue[name].lane === lane)
      .map((name) => [name, (payload: unknown) => runTask(name, tasks[name], payload)]),
  );
}

/** Asks PostgreSQL for the worker's role on every connection of the queue. */
function withRole(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', '-c role=stampwell_worker');
  return url.href;
}

/** Starts a lane. `onName` hears every name under which it will lock jobs. */
export async function startLane(
  lane: Lane,
  options: { databaseUrl: string; onName: (name: string) => void },
): Promise<Runner> {
  const { concurrency, localQueueSize, connectionsMax } = hands[lane];
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => options.onName(workerPool.id));
  events.on('worker:create', ({ worker }) => options.onName(worker.workerId));
  return run({
    events,
    logger,
    noHandleSignals: true,
    taskList: taskListOf(lane),
    parsedCronItems:
      lane === 'upkeep'
        ? parseCronItems(
            crontab.map(({ duty, match }) => ({
              task: 'schedule-upkeep',
              match,
              identifier: duty,
              payload: { duty },
              options: { maxAttempts: 3 },
            })),
          )
        : [],
    preset: {
      worker: {
        connectionString: withRole(options.databaseUrl),
        concurrentJobs: concurrency,
        maxPoolSize: connectionsMax,
        pollInterval: pollIntervalMs,
        localQueue: { size: localQueueSize },
        completeJobBatchDelay: completeBatchDelayMs,
        failJobBatchDelay: completeBatchDelayMs,
      },
    },
  });
}
