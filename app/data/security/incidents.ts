/** Incidents and their timelines. A timeline only grows; what people write into it is sealed. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { Severity } from '#app/domain/security/detectors.ts';
import { answerBy } from '#app/domain/security/incident-clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { type IncidentId, isId, newId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type IncidentState = 'open' | 'acknowledged' | 'closed';
export type ControlKind = 'detector' | 'test' | 'control';

export type Incident = {
  incidentId: IncidentId;
  /** A detector's id, or 'person'. */
  detector: string;
  subject: string;
  severity: Severity;
  state: IncidentState;
  findings: Record<string, number | string>;
  isDryRun: boolean;
  openedAt: Date;
  seenAt: Date;
  timesSeen: number;
  answerBy: Date;
  escalations: number;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  breachAt: Date | null;
  authorityToldAt: Date | null;
  peopleToldAt: Date | null;
  closedAt: Date | null;
  closedBy: string | null;
  controlKind: ControlKind | null;
  controlText: string | null;
};

const columns = `id as "incidentId", detector, subject, severity, state, findings, is_dry_run as "isDryRun",
  opened_at as "openedAt", seen_at as "seenAt", times_seen as "timesSeen", answer_by as "answerBy", escalations,
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy", breach_at as "breachAt",
  authority_told_at as "authorityToldAt", people_told_at as "peopleToldAt", closed_at as "closedAt",
  closed_by as "closedBy", control_kind as "controlKind", control_text as "controlText"`;

/** As often as this, the same thing seen again is a line of its own in the timeline. */
const quietMs = 60 * 60_000;

export type Raised = { incidentId: IncidentId; isNew: boolean };

/**
 * Opens an incident, or counts it once more while one of the same detector and subject is not closed. Two at the same
 * moment open one.
 */
export async function raiseIncident(
  tx: Tx,
  raised: Pick<Incident, 'detector' | 'subject' | 'severity' | 'findings' | 'isDryRun'> & { at: Date },
): Promise<Raised> {
  const { detector, subject, severity, findings, isDryRun, at } = raised;
  const [row] = await tx.query<{ id: IncidentId; is_new: boolean; seen_before: Date | null }>(
    `with before as (
       select seen_at from incident where shop_id = $1 and detector = $3 and subject = $4 and state <> 'closed')
     insert into incident (shop_id, id, detector, subject, severity, findings, is_dry_run, opened_at, seen_at, answer_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
     on conflict (shop_id, detector, subject) where state <> 'closed' and detector <> 'person'
     do update set seen_at = greatest(incident.seen_at, excluded.seen_at), times_seen = incident.times_seen + 1,
       findings = excluded.findings
     returning id, (xmax = 0) as is_new, (select seen_at from before) as seen_before`,
    [
      tx.shopId,
      newId<IncidentId>(),
      detector,
      subject,
      severity,
      JSON.stringify(findings),
      isDryRun,
      at,
      answerBy(severity, at),
    ],
  );
  if (row === undefined) throw new Error('Broken invariant: an incident was neither opened nor found');
  const isWorthALine = row.seen_before === null || at.getTime() - row.seen_before.getTime() >= quietMs;
  if (row.is_new || isWorthALine)
    await appendIncidentEvent(tx, {
      incidentId: row.id,
      kind: row.is_new ? 'opened' : 'seen-again',
      actor: 'system',
      details: findings,
      note: null,
      at,
    });
  return { incidentId: row.id, isNew: row.is_new };
}

export type NewIncidentEvent = {
  incidentId: IncidentId;
  /** 'opened', 'alerted', 'escalated', 'acknowledged', 'contained', 'note' … */
  kind: string;
  actor: string;
  /** Ids and figures only. */
  details: Record<string, unknown>;
  note: string | null;
  at: Date;
};
export type IncidentEvent = NewIncidentEvent & { sequence: number };

const notePlace = (incidentId: string, sequence: number) => ({
  table: 'incident_event',
  column: 'note',
  row: `${incidentId}/${sequence}`,
});

/** Adds a line to a timeline. The incident is locked, so that lines are numbered one by one. */
export async function appendIncidentEvent(tx: Tx, event: NewIncidentEvent): Promise<void> {
  await tx.query('select 1 as one from incident where shop_id = $1 and id = $2 for update', [
    tx.shopId,
    event.incidentId,
  ]);
  const [last] = await tx.query<{ sequence: number }>(
    'select coalesce(max(sequence), 0) as sequence from incident_event where shop_id = $1 and incident_id = $2',
    [tx.shopId, event.incidentId],
  );
  const sequence = (last?.sequence ?? 0) + 1;
  const note =
    event.note === null ? null : seal(await readShopKeys(tx), notePlace(event.incidentId, sequence), event.note);
  await tx.query(
    `insert into incident_event (shop_id, incident_id, sequence, kind, actor, details, note, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.shopId, event.incidentId, sequence, event.kind, event.actor, JSON.stringify(event.details), note, event.at],
  );
}

/** Locks an incident of this shop. Throws `NotFound`. */
export async function lockIncident(tx: Tx, incidentId: string): Promise<Incident> {
  return demand(
    isId(incidentId)
      ? await tx.query<Incident>(`select ${columns} from incident where shop_id = $1 and id = $2 for update`, [
          tx.shopId,
          incidentId,
        ])
      : [],
  );
}

/** An incident of this shop. Throws `NotFound`. */
export async function readIncident(tx: Tx, incidentId: string): Promise<Incident> {
  return demand(
    isId(incidentId)
      ? await tx.query<Incident>(`select ${columns} from incident where shop_id = $1 and id = $2`, [
          tx.shopId,
          incidentId,
        ])
      : [],
  );
}

function demand([incident]: Incident[]): Incident {
  if (incident === undefined) throw new NotFound('incident-not-found', 'No such incident');
  return incident;
}

/** The newest incidents, those that are not closed first; at most `limit`. */
export async function listIncidents(tx: Tx, limit: number): Promise<Incident[]> {
  return tx.query<Incident>(
    `select ${columns} from incident where shop_id = $1 order by (state = 'closed'), opened_at desc, id desc limit $2`,
    [tx.shopId, limit],
  );
}

/** Incidents nobody took on in time, at most 100. */
export async function listUnanswered(tx: Tx, at: Date, escalationsMax: number): Promise<Incident[]> {
  return tx.query<Incident>(
    `select ${columns} from incident where shop_id = $1 and state = 'open' and answer_by <= $2 and escalations < $3
     order by answer_by limit 100 for update skip locked`,
    [tx.shopId, at, escalationsMax],
  );
}

/** The timeline of an incident in order, at most 500 lines. */
export async function readTimeline(tx: Tx, incidentId: IncidentId): Promise<IncidentEvent[]> {
  const rows = await tx.query<Omit<IncidentEvent, 'incidentId' | 'note'> & { note: Buffer | null }>(
    `select sequence, kind, actor, details, note, at from incident_event where shop_id = $1 and incident_id = $2
     order by sequence limit 500`,
    [tx.shopId, incidentId],
  );
  const keys = rows.some((row) => row.note !== null) ? await readShopKeys(tx) : null;
  return rows.map((row) => ({
    ...row,
    incidentId,
    note: row.note === null || keys === null ? null : unseal(keys, notePlace(incidentId, row.sequence), row.note),
  }));
}

/** Moves the time by which an escalated incident must be answered. */
export async function noteEscalation(tx: Tx, { incidentId, severity }: Incident, at: Date): Promise<void> {
  await tx.query('update incident set escalations = escalations + 1, answer_by = $3 where shop_id = $1 and id = $2', [
    tx.shopId,
    incidentId,
    answerBy(severity, at),
  ]);
}

/** Somebody takes it on. False when that happened before. */
export async function acknowledgeIncident(
  tx: Tx,
  incidentId: IncidentId,
  by: { actor: string; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update incident set state = 'acknowledged', acknowledged_at = $3, acknowledged_by = $4
     where shop_id = $1 and id = $2 and state = 'open' returning 1 as one`,
    [tx.shopId, incidentId, by.at, by.actor],
  );
  return rows.length > 0;
}

/** Says since when personal data is known to have leaked; the first word stands. */
export async function markBreach(tx: Tx, incidentId: IncidentId, at: Date): Promise<void> {
  await tx.query(
    `update incident set breach_at = coalesce(breach_at, $3), severity = 'critical' where shop_id = $1 and id = $2`,
    [tx.shopId, incidentId, at],
  );
}

/** Notes that the authority, or the people concerned, were told. The first time stands. */
export async function noteTold(
  tx: Tx,
  incidentId: IncidentId,
  told: { who: 'authority' | 'people'; at: Date },
): Promise<void> {
  await tx.query(
    `update incident set authority_told_at = case when $3 = 'authority' then coalesce(authority_told_at, $4) else authority_told_at end,
       people_told_at = case when $3 = 'people' then coalesce(people_told_at, $4) else people_told_at end
     where shop_id = $1 and id = $2`,
    [tx.shopId, incidentId, told.who, told.at],
  );
}

/** Closes an incident with what keeps it from happening again. */
export async function closeIncident(
  tx: Tx,
  incidentId: IncidentId,
  end: { actor: string; at: Date; controlKind: ControlKind; controlText: string },
): Promise<void> {
  await tx.query(
    `update incident set state = 'closed', closed_at = $3, closed_by = $4, control_kind = $5, control_text = $6
     where shop_id = $1 and id = $2`,
    [tx.shopId, incidentId, end.at, end.actor, end.controlKind, end.controlText],
  );
}

/** Whether an incident of this detector and subject was closed after the newest thing that speaks for it. */
export async function closedSince(
  tx: Tx,
  found: { detector: string; subject: string; lastAt: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `select 1 as one from incident where shop_id = $1 and detector = $2 and subject = $3 and closed_at > $4 limit 1`,
    [tx.shopId, found.detector, found.subject, found.lastAt],
  );
  return rows.length > 0;
}
