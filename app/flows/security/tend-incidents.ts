/** Incidents that nobody takes on are told again, louder each time. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { appendIncidentEvent, listUnanswered, noteEscalation } from '#app/data/security/incidents.ts';
import { withShop } from '#app/data/tenancy.ts';
import { escalationsMax } from '#app/domain/security/incident-clock.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Escalates what is past its time, once each time. Answers how many. Safe to repeat and to run beside itself. */
export async function tendIncidents({ shopId }: { shopId: ShopId }): Promise<number> {
  return withShop(shopId, async (tx) => {
    const at = now();
    const unanswered = await listUnanswered(tx, at, escalationsMax);
    for (const incident of unanswered) {
      const { incidentId } = incident;
      const escalation = incident.escalations + 1;
      await noteEscalation(tx, incident, at);
      await appendIncidentEvent(tx, {
        incidentId,
        kind: 'escalated',
        actor: 'system',
        details: { escalation },
        note: null,
        at,
      });
      await appendAudit(tx, {
        actor: 'system',
        action: 'incident.escalate',
        object: `incident:${incidentId}`,
        beforeHash: null,
        afterHash: fingerprint({ escalation }),
        reason: null,
        occurredAt: at,
      });
      await enqueue(tx, 'send-alert', { incidentId, escalation });
    }
    return unanswered.length;
  });
}
