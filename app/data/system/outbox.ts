/**
 * Follow-up work, written as plain rows in the transaction that causes it. The relay turns rows into jobs in batches:
 * queueing inside the transaction would take a cluster-wide lock at every commit.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { Tx } from '#app/data/tenancy.ts';

export type OutboxRow = { job: string; payload: Record<string, unknown>; runAt?: Date };

/** Writes rows for the relay. */
export async function addToOutbox(tx: Tx, rows: OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into outbox (shop_id, job, payload, run_at)
     select $1, * from unnest($2::text[], $3::jsonb[], $4::timestamptz[])`,
    [
      tx.shopId,
      rows.map((row) => row.job),
      rows.map((row) => JSON.stringify(row.payload)),
      rows.map((row) => row.runAt ?? null),
    ],
  );
}

export type JobSpec = {
  identifier: string;
  payload: Record<string, unknown>;
  runAt: Date | null;
  jobKey: string | null;
  queueName: string | null;
  maxAttempts: number;
  priority: number;
};

/**
 * Moves up to `limit` rows into the queue: taken and queued in one transaction, so none is lost or doubled.
 * `describe` names the queue's settings for a row. A row it throws at stays, behind the others; they are moved all the
 * same, and then its error is thrown. Answers how many rows were moved.
 */
export async function relayOutbox(limit: number, describe: (row: OutboxRow) => JobSpec): Promise<number> {
  const client = await pool()
    .connect()
    .catch((error: unknown) => {
      throw describeDatabaseError(error);
    });
  let failure: Error | undefined;
  const misfits: { row: StoredRow; error: unknown }[] = [];
  let moved = 0;
  try {
    await client.query('begin');
    const { rows } = await client.query<StoredRow>(
      prepared(
        `delete from outbox where id in (select id from outbox order by id limit $1 for update skip locked)
         returning shop_id, job, payload, run_at`,
        [limit],
      ),
    );
    // Rows with one key collapse here already: one batch may not name a key twice.
    const specs = new Map<string, JobSpec>();
    for (const [index, row] of rows.entries()) {
      try {
        const spec = describe({ job: row.job, payload: row.payload, ...(row.run_at && { runAt: row.run_at }) });
        specs.set(spec.jobKey ?? `#${index}`, spec);
      } catch (error) {
        misfits.push({ row, error });
      }
    }
    for (const { row } of misfits)
      await client.query(prepared(putBack, [row.shop_id, row.job, JSON.stringify(row.payload), row.run_at]));
    if (specs.size > 0) await client.query(prepared(addJobs, [JSON.stringify([...specs.values()])]));
    await client.query('commit');
    moved = rows.length - misfits.length;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      failure = rollbackError;
    });
    throw describeDatabaseError(error);
  } finally {
    client.release(failure);
  }
  if (misfits[0] !== undefined) throw misfits[0].error;
  return moved;
}

type StoredRow = { shop_id: string; job: string; payload: Record<string, unknown>; run_at: Date | null };

const putBack = 'insert into outbox (shop_id, job, payload, run_at) values ($1, $2, $3, $4)';

/** `preserve_run_at`: a waiting job keeps its time, so a busy card is not put off for ever. */
const addJobs = `
  select count(*) from graphile_worker.add_jobs(array(
    select (s.identifier, s.payload, s."queueName", s."runAt", s."maxAttempts", s."jobKey", s.priority, null)::graphile_worker.job_spec
    from json_to_recordset($1::json) as s(
      identifier text, payload json, "queueName" text, "runAt" timestamptz, "maxAttempts" int, "jobKey" text, priority int)
  ), true)`;
