/** A person lets something go on that was stopped. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { liftControl as liftRow } from '#app/data/security/controls.ts';
import { appendIncidentEvent } from '#app/data/security/incidents.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

/** Lifts one control. False when it is not in force; safe to repeat. */
export async function liftControl(asked: { shopId: ShopId; actor: string; controlId: string }): Promise<boolean> {
  const { shopId, actor, controlId } = asked;
  if (!isId(controlId)) return false;
  return withShop(shopId, async (tx) => {
    const at = now();
    const lifted = await liftRow(tx, controlId, { actor, at });
    if (lifted === null) return false;
    const { kind, subject, incidentId, reason } = lifted;
    if (incidentId !== null)
      await appendIncidentEvent(tx, { incidentId, kind: 'lifted', actor, details: { kind, subject }, note: null, at });
    await appendAudit(tx, {
      actor,
      action: 'security.lift',
      object: incidentId === null ? 'shop' : `incident:${incidentId}`,
      beforeHash: fingerprint({ kind, subject }),
      afterHash: null,
      reason,
      occurredAt: at,
    });
    return true;
  });
}
