/** What is done about a finding beside telling people: one step, in the transaction that found it. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type SecurityControlKind, setControl } from '#app/data/security/controls.ts';
import { appendIncidentEvent } from '#app/data/security/incidents.ts';
import { revokeApiClientRow } from '#app/data/shops/api-clients.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { detectors, type PlaybookAction } from '#app/domain/security/detectors.ts';
import type { Finding } from '#app/domain/security/judge-signals.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { IncidentId } from '#app/lib/ids.ts';

const hourMs = 3_600_000;

/** How long a step of a playbook lasts when nobody lifts it: people decide what comes after. */
const lastingMs: Record<SecurityControlKind, number> = {
  'pause-redemptions': hourMs,
  'pause-location': 24 * hourMs,
  'pause-staff': 24 * hourMs,
  'challenge-member': 7 * 24 * hourMs,
  'throttle-client': hourMs,
};

export type Step = { kind: SecurityControlKind; subject: string } | { kind: 'revoke-key'; clientId: string } | null;

/** What an action comes to for a subject; null when there is nothing to be done beside telling people. */
export function stepOf(action: PlaybookAction, subject: string): Step {
  if (action === 'escalate') return null;
  if (subject === 'shop') return action === 'pause' ? { kind: 'pause-redemptions', subject } : null;
  // A person at a till has no key that could be throttled or revoked: they are stopped.
  if (subject.startsWith('staff:')) return { kind: 'pause-staff', subject };
  if (subject.startsWith('member:')) return { kind: 'challenge-member', subject };
  if (!subject.startsWith('api:')) return null;
  return action === 'revoke'
    ? { kind: 'revoke-key', clientId: subject.slice('api:'.length) }
    : { kind: 'throttle-client', subject };
}

export type Play = { incidentId: IncidentId; finding: Finding; action: PlaybookAction; isDryRun: boolean; at: Date };

/** Takes the step, or notes in the timeline that it would have been taken. Safe to repeat. */
export async function playStep(tx: Tx, { incidentId, finding, action, isDryRun, at }: Play): Promise<void> {
  const step = stepOf(action, finding.subject);
  if (step === null) return;
  const event = { incidentId, actor: 'system', details: { ...step }, note: null, at };
  if (isDryRun) return appendIncidentEvent(tx, { ...event, kind: 'would-contain' });
  if (!(await takeStep(tx, step, { incidentId, detector: finding.detector, at }))) return;
  await appendIncidentEvent(tx, { ...event, kind: 'contained' });
  await appendAudit(tx, {
    actor: 'system',
    action: `security.${step.kind}`,
    object: `incident:${incidentId}`,
    beforeHash: null,
    afterHash: fingerprint(step),
    reason: finding.detector,
    occurredAt: at,
  });
}

async function takeStep(
  tx: Tx,
  step: NonNullable<Step>,
  by: { incidentId: IncidentId; detector: Finding['detector']; at: Date },
): Promise<boolean> {
  const reason = detectors[by.detector].title;
  if (step.kind === 'revoke-key') return revokeApiClientRow(tx, step.clientId, { at: by.at, by: 'system', reason });
  const until = new Date(by.at.getTime() + lastingMs[step.kind]);
  return setControl(tx, { ...step, incidentId: by.incidentId, reason, setBy: 'system', setAt: by.at, until });
}
