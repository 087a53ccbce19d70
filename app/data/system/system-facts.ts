/** Facts about the whole system, shared by its processes: today, how far the rules' clock runs ahead. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';

const channel = 'stampwell_clock';

/** How far the rules' clock runs ahead of the real one, in milliseconds; 0 unless a test moved it. */
export async function readClockOffsetMs(): Promise<number> {
  try {
    const { rows } = await pool().query<{ value: number }>(
      prepared("select value from system_fact where key = 'clock-offset-ms'", []),
    );
    return rows[0]?.value ?? 0;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** The same, where it is a test or demo system that the database says it belongs to; 0 for any other, whatever is written there. */
export async function readTestClockOffsetMs(): Promise<number> {
  try {
    const { rows } = await pool().query(
      prepared(
        `select 1 as one from system_fact where key = 'environment' and value in ('"test"'::jsonb, '"demo"'::jsonb)`,
        [],
      ),
    );
    return rows.length === 0 ? 0 : await readClockOffsetMs();
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Stores the offset and tells every process. Repeating it is harmless. */
export async function writeClockOffsetMs(offsetMs: number): Promise<void> {
  try {
    await pool().query(
      prepared(
        `insert into system_fact (key, value) values ('clock-offset-ms', to_jsonb($1::bigint))
         on conflict (key) do update set value = excluded.value`,
        [offsetMs],
      ),
    );
    await pool().query(prepared('select pg_notify($1, $2)', [channel, String(offsetMs)]));
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Notes an alarm by its figure. False when this one, or one with a smaller figure, was given before. */
export async function noteSystemAlarm(name: string, figure: number): Promise<boolean> {
  try {
    const { rows } = await pool().query(
      prepared(
        `insert into system_fact as known (key, value) values ($1, to_jsonb($2::int))
         on conflict (key) do update set value = excluded.value where (known.value)::int > (excluded.value)::int
         returning 1 as one`,
        [name, figure],
      ),
    );
    return rows.length > 0;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
