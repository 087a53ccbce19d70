/** Jobs from before jobs were signed: taken over once in the life of an installation. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { Conflict } from '#app/lib/errors.ts';

type UnsignedJob = { id: string; task: string; payload: unknown };
/** What a job becomes; null leaves it as it is: it will be parked. */
export type SignUnsigned = (job: Omit<UnsignedJob, 'id'>) => Record<string, unknown> | null;
export type Adopted = { adopted: number; left: number };

/** Any number, as long as nothing else takes it. */
const adoptionLock = 72_707_370;

// What was queued after the first process that signs had started was never a job of ours.
const unsigned = `select j.id::text as id, t.identifier as task, j.payload
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where j.payload -> '$envelope' is null and j.created_at < (select min(first_used_at) from platform_key)
  order by j.id for update of j`;
const taken = `update graphile_worker._private_jobs j set payload = given.payload
  from unnest($1::bigint[], $2::json[]) as given(id, payload) where j.id = given.id`;

/**
 * Signs the jobs that waited when this installation began to sign, and notes that as done by `operator`. Throws `Conflict` when
 * that was done before: an unsigned job is nobody's job ever after.
 */
export async function adoptUnsignedJobs(sign: SignUnsigned, operator: string): Promise<Adopted> {
  const client = await pool()
    .connect()
    .catch((error: unknown) => {
      throw describeDatabaseError(error);
    });
  let failure: Error | undefined;
  try {
    await client.query('begin');
    await client.query(prepared('select pg_advisory_xact_lock($1)', [adoptionLock]));
    const before = await client.query(
      prepared(`select 1 from operator_record where action = 'jobs.adopt' limit 1`, []),
    );
    if (before.rows.length > 0)
      throw new Conflict('jobs-adopted', 'Jobs without a signature were taken over before, and are not again');
    const { rows } = await client.query<UnsignedJob>(prepared(unsigned, []));
    const signed = rows.flatMap(({ id, ...job }) => {
      const payload = sign(job);
      return payload === null ? [] : [{ id, payload: JSON.stringify(payload) }];
    });
    await client.query(prepared(taken, [signed.map(({ id }) => id), signed.map(({ payload }) => payload)]));
    await client.query(
      prepared('insert into operator_record (operator, action, object, at) values ($1, $2, $3, now())', [
        operator,
        'jobs.adopt',
        `${signed.length} jobs`,
      ]),
    );
    await client.query('commit');
    return { adopted: signed.length, left: rows.length - signed.length };
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      failure = rollbackError;
    });
    throw error instanceof Conflict ? error : describeDatabaseError(error);
  } finally {
    client.release(failure);
  }
}
