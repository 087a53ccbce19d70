/** Asking for jobs: in the transaction that causes them, through the outbox. */
import { addToOutbox, type JobSpec, type OutboxRow } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { bulkNameOf, catalogue, type GivenPayloadOf, isJobName, type JobName, type Lane } from '#app/jobs/catalogue.ts';
import { invariant } from '#app/lib/errors.ts';
import { signJob } from '#app/lib/job-envelope.ts';

/** Asks for a job of this shop once the transaction commits; `runAt` puts it off. */
export async function enqueue<Name extends JobName>(
  tx: Tx,
  job: Name,
  payload: Omit<GivenPayloadOf<Name>, 'shopId'>,
  runAt?: Date,
): Promise<void> {
  await addToOutbox(tx, [{ job, payload: { shopId: tx.shopId, ...payload }, ...(runAt && { runAt }) }]);
}

/** Privacy first, then what a phone waits for; bulk last. Smaller is sooner. */
const priorities: Record<Lane, number> = { privacy: -20, ingest: -10, wallet: 0, google: 0, upkeep: 10, bulk: 20 };

/** What the queue must know about an outbox row, with the payload signed. Throws when no such job exists: the row stays and alerts. */
export function describeJob(row: OutboxRow): JobSpec {
  invariant(isJobName(row.job), `there is no job "${row.job}"`);
  const spec = catalogue[row.job];
  const payload = spec.payload.parse(row.payload);
  const bulkLane = 'isBulk' in payload && payload.isBulk ? spec.bulkLane : undefined;
  const keyOf = spec.key as ((payload: unknown) => string) | null;
  const queueOf = spec.queue as ((payload: unknown) => string) | undefined;
  return {
    identifier: bulkLane === undefined ? row.job : bulkNameOf(row.job),
    payload: signJob(row.job, payload),
    runAt: row.runAt ?? null,
    jobKey: keyOf === null ? null : keyOf(payload),
    queueName: queueOf?.(payload) ?? null,
    maxAttempts: spec.attemptsMax,
    priority: bulkLane === undefined ? priorities[spec.lane] : priorities.bulk,
  };
}
