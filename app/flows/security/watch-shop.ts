/** The detectors look at a shop: what passes a threshold opens an incident, takes its playbook's step, and is told. */
import { readFigures } from '#app/data/security/figures.ts';
import { closedSince, raiseIncident } from '#app/data/security/incidents.ts';
import { playStep } from '#app/data/security/playbook.ts';
import { readSecuritySettings } from '#app/data/security/settings.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { choiceOf, detectors, type SecuritySettings } from '#app/domain/security/detectors.ts';
import { type Finding, judgeSignals } from '#app/domain/security/judge-signals.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Looks once; habits are looked at too when asked for. Answers the findings. Safe to repeat: what is known already is
 * counted again and told once.
 */
export async function watchShop({ shopId, withHabits }: { shopId: ShopId; withHabits: boolean }): Promise<Finding[]> {
  return withShop(shopId, async (tx) => {
    const at = now();
    const settings = await readSecuritySettings(tx);
    const findings = judgeSignals(await readFigures(tx, at, { withHabits }), settings);
    for (const finding of findings) await follow(tx, { finding, settings, at });
    return findings;
  });
}

async function follow(
  tx: Tx,
  { finding, settings, at }: { finding: Finding; settings: SecuritySettings; at: Date },
): Promise<void> {
  // Somebody looked into all of this already.
  if (await closedSince(tx, finding)) return;
  const { mode, action } = choiceOf(settings, finding.detector);
  const isDryRun = mode === 'dry-run';
  const { incidentId, isNew } = await raiseIncident(tx, {
    detector: finding.detector,
    subject: finding.subject,
    severity: detectors[finding.detector].severity,
    findings: finding.figures,
    isDryRun,
    at,
  });
  if (!isNew) return;
  await playStep(tx, { incidentId, finding, action, isDryRun, at });
  await enqueue(tx, 'send-alert', { incidentId, escalation: 0 });
}
