/** Outbox rows become jobs, in batches: one notification for many. */
import { relayOutbox as moveRows } from '#app/data/system/outbox.ts';
import { describeJob } from '#app/jobs/enqueue.ts';

/** More in one transaction makes the queue's own notification too coarse. */
export const relayBatchMax = 500;

/** Moves up to one batch. Answers how many rows were taken. Throws `Unavailable`. Safe to repeat and to run in parallel. */
export async function relayOutbox(): Promise<number> {
  return moveRows(relayBatchMax, describeJob);
}
