/**
 * What all processes know of the lanes to Apple: which are stopped because their certificate is refused, and how much
 * slower bulk goes after fetches went badly. Belongs to no shop; times are the database's.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { LoweredPace } from '#app/domain/cards/push-pacing.ts';
import { log } from '#app/lib/log.ts';

async function ask<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
  try {
    return (await pool().query<Row>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** What this process last said of a lane; said again after a while, in case another process said otherwise and died. */
const said = new Map<string, { isStopped: boolean; atMs: number }>();
const saidLastsMs = 60_000;
const lanesMax = 1_000;

function isNews(passTypeIdentifier: string, isStopped: boolean): boolean {
  const last = said.get(passTypeIdentifier);
  const isKnown = last !== undefined && last.isStopped === isStopped && Date.now() - last.atMs < saidLastsMs;
  if (isKnown) return false;
  if (said.size >= lanesMax) said.clear();
  said.set(passTypeIdentifier, { isStopped, atMs: Date.now() });
  return true;
}

/** A lane and the reason for which Apple refuses its certificate; null: it took one. */
export type LaneState = { passTypeIdentifier: string; refusal: string | null };

/** Notes what pushes showed of their lanes, and raises the alarm when one is stopped. Safe to repeat. */
export async function noteLanes(states: readonly LaneState[]): Promise<void> {
  for (const { passTypeIdentifier: topic, refusal } of states) {
    if (refusal === null) {
      if (await noteWorkingLane(topic)) log.info('Apple takes pushes under this certificate again', { topic });
    } else if (await noteStoppedLane(topic, refusal))
      log.error('Apple refuses a pass certificate: phones do not hear of changes', {
        topic,
        code: 'apns-certificate-refused',
      });
  }
}

async function noteStoppedLane(passTypeIdentifier: string, reason: string): Promise<boolean> {
  if (!isNews(passTypeIdentifier, true)) return false;
  const [row] = await ask<{ is_new: boolean }>(
    `insert into push_lane (pass_type_identifier, reason, stopped_at) values ($1, $2, clock_timestamp())
     on conflict (pass_type_identifier) do update set reason = excluded.reason returning xmax = 0 as is_new`,
    [passTypeIdentifier, reason],
  );
  return row?.is_new ?? false;
}

async function noteWorkingLane(passTypeIdentifier: string): Promise<boolean> {
  if (!isNews(passTypeIdentifier, false)) return false;
  const rows = await ask('delete from push_lane where pass_type_identifier = $1 returning 1 as one', [
    passTypeIdentifier,
  ]);
  return rows.length === 1;
}

export type StoppedLane = { passTypeIdentifier: string; reason: string; stoppedAt: Date };

const listedMax = 100;

/** The lanes that are stopped, longest first. */
export async function listStoppedLanes(): Promise<StoppedLane[]> {
  const rows = await ask<{ pass_type_identifier: string; reason: string; stopped_at: Date }>(
    `select pass_type_identifier, reason, stopped_at from push_lane order by stopped_at, pass_type_identifier limit ${listedMax}`,
    [],
  );
  return rows.map((row) => ({
    passTypeIdentifier: row.pass_type_identifier,
    reason: row.reason,
    stoppedAt: row.stopped_at,
  }));
}

/** The pace that bulk was lowered to, or null when it never was. */
export async function readLoweredPace(): Promise<LoweredPace | null> {
  const [row] = await ask<{ per_second: number; lowered_at: Date }>(
    `select per_second, lowered_at from push_pace where name = 'bulk'`,
    [],
  );
  return row === undefined ? null : { perSecond: row.per_second, loweredAt: row.lowered_at };
}

/** Lowers the pace of bulk, unless another process just did. True when this one did. Safe to repeat. */
export async function lowerPace(perSecond: number, notWithinMs: number): Promise<boolean> {
  const rows = await ask(
    `insert into push_pace (name, per_second, lowered_at) values ('bulk', $1, clock_timestamp())
     on conflict (name) do update set per_second = excluded.per_second, lowered_at = excluded.lowered_at
     where push_pace.lowered_at < clock_timestamp() - make_interval(secs => $2) returning 1 as one`,
    [perSecond, notWithinMs / 1000],
  );
  return rows.length === 1;
}
