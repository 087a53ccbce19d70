/** The shop's security at a glance: what is watched, what is stopped, and what waits for a person's word. */
import { type Canary, listCanaries } from '#app/data/security/canaries.ts';
import { listControls, type SecurityControl } from '#app/data/security/controls.ts';
import { listDecisions, type RiskDecision } from '#app/data/security/decisions.ts';
import { readAlertTargets, readSecuritySettings } from '#app/data/security/settings.ts';
import { listStorePlaces, type StorePlace } from '#app/data/security/store-places.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import {
  choiceOf,
  type Detector,
  type DetectorChoice,
  detectorIds,
  type DetectorId,
  detectors,
} from '#app/domain/security/detectors.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const decisionsMax = 50;

export type ShownDetector = Pick<Detector, 'title' | 'counts' | 'severity' | 'actions' | 'threshold'> & {
  id: DetectorId;
  choice: DetectorChoice;
};

export type SecurityPage = {
  detectors: ShownDetector[];
  alerts: { url: string | null; email: string | null };
  controls: SecurityControl[];
  decisions: RiskDecision[];
  canaries: Canary[];
  places: StorePlace[];
  timeZone: string;
};

/** Reads all of it. The secret that signs alerts is never read out again. */
export async function securityPage(shopId: ShopId): Promise<SecurityPage> {
  return withShop(shopId, async (tx) => {
    const settings = await readSecuritySettings(tx);
    const { url, email } = await readAlertTargets(tx);
    return {
      detectors: detectorIds.map((id) => {
        const { title, counts, severity, actions, threshold } = detectors[id];
        return { id, title, counts, severity, actions, threshold, choice: choiceOf(settings, id) };
      }),
      alerts: { url, email },
      controls: await listControls(tx, now()),
      decisions: await listDecisions(tx, decisionsMax),
      canaries: await listCanaries(tx),
      places: await listStorePlaces(tx),
      timeZone: (await readShop(tx)).timeZone,
    };
  });
}
