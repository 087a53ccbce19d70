/** What people do with an incident: take it on, write into it, call it a breach, tell others, close it. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  acknowledgeIncident,
  appendIncidentEvent,
  closeIncident,
  type ControlKind,
  type Incident,
  lockIncident,
  markBreach,
  noteTold,
} from '#app/data/security/incidents.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { isDetectorId } from '#app/domain/security/detectors.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type IncidentAnswer =
  | { kind: 'acknowledge' }
  | { kind: 'note'; text: string }
  /** Since when it is known that data of people leaked; null is now. */
  | { kind: 'breach'; since: Date | null }
  | { kind: 'told'; who: 'authority' | 'people' }
  | { kind: 'close'; controlKind: ControlKind; controlText: string };

const textMax = 2_000;

/**
 * Carries out one answer. Repeating what is done changes nothing. Throws `NotFound`, `InvalidInput` for an empty text or a
 * control that is not there, and `Conflict` for an incident that is closed, or that may not be closed yet.
 */
export async function answerIncident(asked: {
  shopId: ShopId;
  actor: string;
  incidentId: string;
  answer: IncidentAnswer;
}): Promise<void> {
  const { shopId, actor, answer } = asked;
  await withShop(shopId, async (tx) => {
    const incident = await lockIncident(tx, asked.incidentId);
    if (incident.state === 'closed')
      throw new Conflict('incident-closed', 'The incident is closed', { publicMessage: 'This incident is closed.' });
    const at = now();
    const written = await carryOut(tx, { incident, answer, actor, at });
    if (written === null) return;
    const { incidentId } = incident;
    await appendIncidentEvent(tx, { incidentId, kind: answer.kind, actor, ...written, at });
    await appendAudit(tx, {
      actor,
      action: `incident.${answer.kind}`,
      object: `incident:${incidentId}`,
      beforeHash: fingerprint({ state: incident.state }),
      afterHash: fingerprint(written.details),
      reason: null,
      occurredAt: at,
    });
  });
}

type Doing = { incident: Incident; answer: IncidentAnswer; actor: string; at: Date };
type Written = { details: Record<string, unknown>; note: string | null };

/** Null when there was nothing to do. */
async function carryOut(tx: Tx, doing: Doing): Promise<Written | null> {
  const { incident, answer, actor, at } = doing;
  const { incidentId } = incident;
  if (answer.kind === 'note') return { details: {}, note: demandText(answer.text) };
  if (answer.kind === 'close') return close(tx, { incident, answer, actor, at });
  if (answer.kind === 'acknowledge')
    return (await acknowledgeIncident(tx, incidentId, { actor, at })) ? { details: {}, note: null } : null;
  if (answer.kind === 'told') return tell(tx, incident, { who: answer.who, at });
  if (incident.breachAt !== null) return null;
  const since = pastOf(answer.since ?? at, at);
  await markBreach(tx, incidentId, since);
  return { details: { since: since.toISOString() }, note: null };
}

async function tell(
  tx: Tx,
  incident: Incident,
  { who, at }: { who: 'authority' | 'people'; at: Date },
): Promise<Written | null> {
  if (incident.breachAt === null)
    throw new Conflict('no-breach', 'The incident is no breach', { publicMessage: 'Mark it as a data breach first.' });
  if ((who === 'authority' ? incident.authorityToldAt : incident.peopleToldAt) !== null) return null;
  await noteTold(tx, incident.incidentId, { who, at });
  return { details: { who }, note: null };
}

async function close(
  tx: Tx,
  { incident, answer, actor, at }: Doing & { answer: Extract<IncidentAnswer, { kind: 'close' }> },
): Promise<Written> {
  const { controlKind } = answer;
  const controlText = demandText(answer.controlText);
  if (controlKind === 'detector' && !isDetectorId(controlText))
    throw new InvalidInput('detector-unknown', 'An incident was closed with no detector of ours', {
      publicMessage: 'Choose one of the detectors.',
    });
  if (incident.breachAt !== null && incident.authorityToldAt === null)
    throw new Conflict('authority-not-told', 'A breach was to be closed before the authority was told', {
      publicMessage:
        'Note first that the authority was told, or write down why that is not needed and note it as told.',
    });
  await closeIncident(tx, incident.incidentId, { actor, at, controlKind, controlText });
  return { details: { controlKind, controlText }, note: null };
}

function demandText(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== '' && trimmed.length <= textMax) return trimmed;
  throw new InvalidInput('text-missing', 'An incident was answered with no text, or too much', {
    publicMessage: `Write something, at most ${textMax} characters.`,
  });
}

function pastOf(since: Date, at: Date): Date {
  if (since <= at) return since;
  throw new InvalidInput('breach-in-future', 'A breach was said to become known later', {
    publicMessage: 'A breach became known now or before.',
  });
}
