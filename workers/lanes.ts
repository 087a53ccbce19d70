/** The lanes of one worker process: a runner each, so that no lane can take another's hands. */
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { Logger, parseCronItems, run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';

import { connectQueue } from '#app/flows/system/connect-queue.ts';
import { bulkNameOf, catalogue, type JobName, type Lane } from '#app/jobs/catalogue.ts';
import { signJob } from '#app/lib/job-envelope.ts';
import { log } from '#app/lib/log.ts';
import { crontab } from '#workers/crontab.ts';
import { runTask } from '#workers/run-task.ts';
import { tasks } from '#workers/tasks.ts';

/** Hands per lane. A crash loses at most `localQueueSize` jobs' worth of waiting, until the reaper frees them. */
const hands: Record<Lane, { concurrency: number; localQueueSize: number; connectionsMax: number }> = {
  ingest: { concurrency: 4, localQueueSize: 10, connectionsMax: 3 },
  wallet: { concurrency: 24, localQueueSize: 50, connectionsMax: 4 },
  // It fetches job by job, so that nothing in bulk is taken ahead of what a shopper waits for.
  google: { concurrency: 16, localQueueSize: 0, connectionsMax: 2 },
  bulk: { concurrency: 8, localQueueSize: 16, connectionsMax: 3 },
  privacy: { concurrency: 2, localQueueSize: 4, connectionsMax: 2 },
  upkeep: { concurrency: 2, localQueueSize: 10, connectionsMax: 2 },
};

const completeBatchDelayMs = 20;
const pollIntervalMs = 1_000;
/** Pushes wait fractions of a second for what comes with them; nobody else tells the queue when that is over. */
const walletPollIntervalMs = 100;
const restartPauseMs = 500;
/** How long a queue that gives up may take over it: it waits for itself in vain when two of its writes failed at once. */
const giveUpMs = 3_000;

const logger = new Logger(({ label }) => (level, message) => {
  // Its warnings are advice about settings we chose on purpose; its messages quote nothing of a payload.
  if (level === 'error') log.error(`${label ?? 'queue'}: ${message.split('\n', 1)[0] ?? ''}`);
});

function taskListOf(lane: Lane): TaskList {
  const names = Object.keys(catalogue) as JobName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const work = (payload: unknown) => runTask(name, tasks[name], payload);
      const { lane: own, bulkLane } = catalogue[name];
      return [...(own === lane ? [[name, work]] : []), ...(bulkLane === lane ? [[bulkNameOf(name), work]] : [])];
    }),
  );
}

/** Where a lane tells under which names it locks jobs, and which of them it uses no more. */
export type Names = { announce: (name: string) => void; withdraw: (name: string) => void };

type LaneOptions = { databaseUrl: string; names: Names };

type Run = {
  names: string[];
  /** Resolves when the queue has ended, or has given up and been left behind. */
  ended: Promise<void>;
  stop: () => Promise<void>;
};

async function startRun(lane: Lane, options: LaneOptions): Promise<Run> {
  const names: string[] = [];
  const announce = (name: string): void => {
    names.push(name);
    options.names.announce(name);
  };
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => announce(workerPool.id));
  events.on('worker:create', ({ worker }) => announce(worker.workerId));
  const givenUp = new Promise<void>((resolve) => {
    events.once('pool:gracefulShutdown', () => {
      void delay(giveUpMs, undefined, { ref: false }).then(resolve);
    });
  });
  const connections = connectQueue(options.databaseUrl, hands[lane].connectionsMax);
  const runner = await startRunner(lane, { events, connections }).catch(async (error: unknown) => {
    await connections.close();
    throw error;
  });
  const ended = Promise.race([runner.promise.catch(() => undefined), givenUp]).then(() => {
    // A queue that was left behind must not write any more: its jobs are somebody else's now.
    void connections.close();
  });
  return {
    names,
    ended,
    stop: async () => {
      await Promise.race([runner.stop().catch(() => undefined), ended]);
      await ended;
    },
  };
}

type Means = { events: WorkerEvents; connections: ReturnType<typeof connectQueue> };

function startRunner(lane: Lane, { events, connections }: Means): Promise<Runner> {
  const { concurrency, localQueueSize } = hands[lane];
  return run({
    events,
    logger,
    noHandleSignals: true,
    pgPool: connections.pool,
    taskList: taskListOf(lane),
    parsedCronItems: lane === 'upkeep' ? upkeepItems() : [],
    preset: {
      worker: {
        concurrentJobs: concurrency,
        pollInterval: lane === 'wallet' ? walletPollIntervalMs : pollIntervalMs,
        ...(localQueueSize > 0 && { localQueue: { size: localQueueSize } }),
        completeJobBatchDelay: completeBatchDelayMs,
        failJobBatchDelay: completeBatchDelayMs,
      },
    },
  });
}

function upkeepItems() {
  return parseCronItems(
    crontab.map(({ duty, match }) => ({
      task: 'schedule-upkeep',
      match,
      identifier: duty,
      payload: signJob('schedule-upkeep', { duty }),
      options: { maxAttempts: 3 },
    })),
  );
}

/**
 * Whether a rejection that nobody heard is a queue's that could not hand back what it had taken ahead: it lets go of that
 * promise when it stops. The jobs are freed with its names, so nothing is lost.
 */
export function isLostHandBack(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Error occurred whilst returning jobs from local queue');
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
      await current.ended;
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
      if (isStopping) await started.stop();
      return started;
    }
  };

  const kept = keepGoing();
  return {
    stop: async () => {
      isStopping = true;
      await current.stop();
      await kept;
    },
  };
}
