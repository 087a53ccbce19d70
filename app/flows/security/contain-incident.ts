/** A person stops something: a key, a till, a person, all redemptions. Everything else goes on. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { dropShopifySessions, type SecurityControlKind, setControl } from '#app/data/security/controls.ts';
import { appendIncidentEvent, lockIncident } from '#app/data/security/incidents.ts';
import { revokeApiClientRow } from '#app/data/shops/api-clients.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { IncidentId, ShopId } from '#app/lib/ids.ts';

export type Containment =
  | { kind: Exclude<SecurityControlKind, 'pause-redemptions'>; subject: string }
  | { kind: 'pause-redemptions' }
  | { kind: 'revoke-key'; clientId: string }
  | { kind: 'drop-sessions' };

export type Contain = {
  shopId: ShopId;
  actor: string;
  /** The incident it is about; null when there is none. */
  incidentId: string | null;
  step: Containment;
  reason: string;
};

const subjects: Record<SecurityControlKind, RegExp> = {
  'pause-redemptions': /^shop$/,
  'pause-location': /^location:\d{1,20}$/,
  'pause-staff': /^staff:\d{1,20}$/,
  'challenge-member': /^member:[0-9a-f-]{36}$/,
  'throttle-client': /^api:swc_[0-9A-Za-z]{20}$/,
};
const reasonMax = 500;

/**
 * Takes one step at once; it lasts until somebody lifts it. False when it was taken before. Throws `InvalidInput` without a
 * reason or for a subject that cannot be, `NotFound` for an unknown incident.
 */
export async function containIncident({ shopId, actor, incidentId, step, reason }: Contain): Promise<boolean> {
  if (reason.trim() === '' || reason.length > reasonMax)
    throw new InvalidInput('reason-missing', 'A containment has no reason', {
      publicMessage: 'Say why, in a few words.',
    });
  return withShop(shopId, async (tx) => {
    const incident = incidentId === null ? null : await lockIncident(tx, incidentId);
    const at = now();
    const by = { actor, reason, incidentId: incident?.incidentId ?? null, at };
    if (!(await takeStep(tx, step, by))) return false;
    if (incident !== null)
      await appendIncidentEvent(tx, {
        incidentId: incident.incidentId,
        kind: 'contained',
        actor,
        details: { ...step },
        note: reason,
        at,
      });
    await appendAudit(tx, {
      actor,
      action: `security.${step.kind}`,
      object: incident === null ? 'shop' : `incident:${incident.incidentId}`,
      beforeHash: null,
      afterHash: fingerprint(step),
      reason,
      occurredAt: at,
    });
    return true;
  });
}

type By = { actor: string; reason: string; incidentId: IncidentId | null; at: Date };

async function takeStep(tx: Tx, step: Containment, { actor, reason, incidentId, at }: By): Promise<boolean> {
  if (step.kind === 'revoke-key') return revokeApiClientRow(tx, step.clientId, { at, by: actor, reason });
  if (step.kind === 'drop-sessions') return (await dropShopifySessions(tx)) > 0;
  const subject = step.kind === 'pause-redemptions' ? 'shop' : step.subject;
  if (!subjects[step.kind].test(subject))
    throw new InvalidInput('subject-unknown', 'A containment names nothing that could be stopped', {
      publicMessage: 'Name what is to be stopped as it stands in the incident.',
    });
  return setControl(tx, { kind: step.kind, subject, incidentId, reason, setBy: actor, setAt: at, until: null });
}
