/** Tells the shop of an incident: its webhook, signed as Standard Webhooks says, and a mail. Both say ids and figures only. */
import { createHmac } from 'node:crypto';

import { appendIncidentEvent, type Incident, readIncident } from '#app/data/security/incidents.ts';
import { type AlertTargets, readAlertTargets } from '#app/data/security/settings.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { detectors, isDetectorId } from '#app/domain/security/detectors.ts';
import { canSendMail, sendMail } from '#app/gateways/mail.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl } from '#app/lib/env.ts';
import { InvalidInput, Rejected, Unavailable } from '#app/lib/errors.ts';
import type { GuardedFetch } from '#app/lib/guarded-fetch.ts';
import type { IncidentId, ShopId } from '#app/lib/ids.ts';

export type Alert = {
  shopId: ShopId;
  incidentId: string;
  /** 0 the first time. */
  escalation: number;
  /** How the web is reached. */
  fetch: GuardedFetch;
};

const limits = { timeoutMs: 10_000, redirectsMax: 0, bytesMax: 64 * 1024, mediaTypes: null };

/**
 * Sends an alert everywhere it is to go. Repeating it sends it again, under the same id. Throws `Unavailable` when somebody
 * does not answer: it is tried again. An address that refuses for good is noted in the timeline.
 */
export async function sendAlert({ shopId, incidentId, escalation, fetch }: Alert): Promise<void> {
  const { incident, targets, shopName } = await withShop(shopId, async (tx) => ({
    incident: await readIncident(tx, incidentId),
    targets: await readAlertTargets(tx),
    shopName: (await readShop(tx)).name ?? 'your shop',
  }));
  const outcomes = await Promise.allSettled([
    postAlert(incident, { targets, escalation, fetch }),
    mailAlert(incident, { targets, escalation, shopName }),
  ]);
  const told = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' && outcome.value !== null ? [outcome.value] : [],
  );
  if (told.length > 0)
    await noteAlert(shopId, incident.incidentId, { kind: 'alerted', details: { by: told, escalation } });
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    const error: unknown = outcome.reason;
    // An address that will never take it must not keep the other from being told, nor be tried for ever.
    if (!(error instanceof InvalidInput) && !(error instanceof Rejected)) throw error;
    await noteAlert(shopId, incident.incidentId, { kind: 'alert-refused', details: { code: error.code, escalation } });
  }
}

function noteAlert(
  shopId: ShopId,
  incidentId: IncidentId,
  { kind, details }: { kind: string; details: Record<string, unknown> },
): Promise<void> {
  return withShop(shopId, (tx) =>
    appendIncidentEvent(tx, { incidentId, kind, actor: 'system', details, note: null, at: now() }),
  );
}

type Sending = { targets: AlertTargets; escalation: number };

async function postAlert(
  incident: Incident,
  { targets, escalation, fetch }: Sending & { fetch: GuardedFetch },
): Promise<'webhook' | null> {
  const { url, secret } = targets;
  if (url === null || secret === null) return null;
  const body = JSON.stringify({
    type: escalation === 0 ? 'incident.opened' : 'incident.escalated',
    timestamp: now().toISOString(),
    data: {
      incidentId: incident.incidentId,
      detector: incident.detector,
      subject: incident.subject,
      severity: incident.severity,
      findings: incident.findings,
      isDryRun: incident.isDryRun,
      openedAt: incident.openedAt.toISOString(),
      answerBy: incident.answerBy.toISOString(),
      escalation,
    },
  });
  const headers = signedHeaders(secret, { id: `msg_${incident.incidentId}_${escalation}`, body });
  const { status } = await fetch({ url, method: 'POST', headers, body }, limits);
  if (status >= 200 && status < 300) return 'webhook';
  if (status === 410) throw new Rejected('alert-address-gone', 'The address of alerts answers that it is gone');
  throw new Unavailable('alert-not-taken', `The address of alerts answered ${status}`);
}

/** Signatures live by the real clock, whatever the rules see. */
function signedHeaders(secret: string, { id, body }: { id: string; body: string }): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

async function mailAlert(
  incident: Incident,
  { targets, escalation, shopName }: Sending & { shopName: string },
): Promise<'mail' | null> {
  if (targets.email === null || !canSendMail()) return null;
  const title = isDetectorId(incident.detector) ? detectors[incident.detector].title : 'Incident';
  const again = escalation === 0 ? '' : `Nobody has taken this on yet (reminder ${escalation}).\n\n`;
  const figures = Object.entries(incident.findings).map(([name, value]) => `${name}: ${value}`);
  await sendMail({
    to: targets.email,
    subject: `[${incident.severity}] ${title} at ${shopName}`,
    text: `${again}${title}, ${incident.severity}.\nAbout: ${incident.subject}\n${figures.join('\n')}\n\nPlease look at it by ${incident.answerBy.toISOString()}:\n${appUrl()}/app/incidents/${incident.incidentId}\n`,
  });
  return 'mail';
}
