/** A person opens an incident by hand: not everything that goes wrong passes a detector. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { appendIncidentEvent, raiseIncident } from '#app/data/security/incidents.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { Severity } from '#app/domain/security/detectors.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { IncidentId, ShopId } from '#app/lib/ids.ts';

const textMax = 2_000;

/** Opens one and alerts. Repeating it opens another. Throws `InvalidInput` without a description. */
export async function openIncident(asked: {
  shopId: ShopId;
  actor: string;
  severity: Severity;
  description: string;
}): Promise<{ incidentId: IncidentId }> {
  const { shopId, actor, severity } = asked;
  const description = asked.description.trim();
  if (description === '' || description.length > textMax)
    throw new InvalidInput('text-missing', 'An incident was opened without a description', {
      publicMessage: `Describe what happened, in at most ${textMax} characters.`,
    });
  return withShop(shopId, async (tx) => {
    const at = now();
    const raised = { detector: 'person', subject: 'shop', severity, findings: {}, isDryRun: false, at };
    const { incidentId } = await raiseIncident(tx, raised);
    await appendIncidentEvent(tx, { incidentId, kind: 'note', actor, details: {}, note: description, at });
    await appendAudit(tx, {
      actor,
      action: 'incident.open',
      object: `incident:${incidentId}`,
      beforeHash: null,
      afterHash: fingerprint({ severity }),
      reason: null,
      occurredAt: at,
    });
    await enqueue(tx, 'send-alert', { incidentId, escalation: 0 });
    return { incidentId };
  });
}
