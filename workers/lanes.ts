/** The lanes of one worker process: a runner each, so that no lane can take another's hands. */
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

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
const restartPauseMs = 500;

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

/** Where a lane tells under which names it locks jobs, and which of them it uses no more. */
export type Names = { announce: (name: string) => void; withdraw: (name: string) => void };

type LaneOptions = { databaseUrl: string; names: Names };

type Run = { runner: Runner; names: string[] };

async function startRun(lane: Lane, options: LaneOptions): Promise<Run> {
  const { concurrency, localQueueSize, connectionsMax } = hands[lane];
  const names: string[] = [];
  const announce = (name: string): void => {
    names.push(name);
    options.names.announce(name);
  };
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => announce(workerPool.id));
  events.on('worker:create', ({ worker }) => announce(worker.workerId));
  const runner = await run({
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
  return { runner, names };
}

/**
 * Starts a lane and keeps it going. A queue that could not write down how its jobs ended, because the database went away
 * at that moment, gives up by design; its jobs are then freed, and the lane starts anew.
 */
export async function startLane(lane: Lane, options: LaneOptions): Promise<{ stop: () => Promise<void> }> {
  let isStopping = false;
  let current = await startRun(lane, options);

  const keepGoing = async (): Promise<void> => {
    for (;;) {
      await current.runner.promise.catch(() => undefined);
      // Nobody works under these names any more: what they locked is the reaper's.
      for (const name of current.names) options.names.withdraw(name);
      if (isStopping) return;
      log.error(`the ${lane} lane ended and starts anew`, { code: 'lane-restarted' });
      current = await startAnew();
    }
  };

  const startAnew = async (): Promise<Run> => {
    for (;;) {
      await delay(restartPauseMs);
      const started = await startRun(lane, options).catch(() => null);
      if (started === null && !isStopping) continue;
      if (started === null) return current;
      if (isStopping) await started.runner.stop();
      return started;
    }
  };

  const kept = keepGoing();
  return {
    stop: async () => {
      isStopping = true;
      await current.runner.stop().catch(() => undefined);
      await kept;
    },
  };
}
