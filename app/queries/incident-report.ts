/** An incident as a signed record: somebody who does not trust us can check that nobody rewrote it since. */
import { type Incident, type IncidentEvent, readIncident, readTimeline } from '#app/data/security/incidents.ts';
import { withShop } from '#app/data/tenancy.ts';
import { authorityBy } from '#app/domain/security/incident-clock.ts';
import { now } from '#app/lib/clock.ts';
import { signEvidence, type Signed } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type IncidentReport = {
  kind: 'incident-report';
  shopId: string;
  madeAt: Date;
  /** What is known of it, and what it was closed with; people and keys by their ids. */
  incident: Incident;
  /** What was noticed, said and done, oldest first. */
  timeline: IncidentEvent[];
  /** Of the timeline what was stopped. */
  measures: IncidentEvent[];
  /** The times that Art. 33 and 34 ask for; null while no data of people is known to have leaked. */
  breach: {
    noticedAt: Date;
    authorityBy: Date;
    authorityToldAt: Date | null;
    isInTime: boolean | null;
    peopleToldAt: Date | null;
  } | null;
};

/** The record as it is now. Throws `NotFound`. */
export async function incidentReport(shopId: ShopId, incidentId: string): Promise<Signed<IncidentReport>> {
  const { incident, timeline } = await withShop(shopId, async (tx) => {
    const found = await readIncident(tx, incidentId);
    return { incident: found, timeline: await readTimeline(tx, found.incidentId) };
  });
  return signEvidence<IncidentReport>({
    kind: 'incident-report',
    shopId,
    madeAt: now(),
    incident,
    timeline,
    measures: timeline.filter(({ kind }) => kind === 'contained'),
    breach: breachOf(incident),
  });
}

function breachOf({ breachAt, authorityToldAt, peopleToldAt }: Incident): IncidentReport['breach'] {
  if (breachAt === null) return null;
  const by = authorityBy(breachAt);
  const isInTime = authorityToldAt === null ? null : authorityToldAt <= by;
  return { noticedAt: breachAt, authorityBy: by, authorityToldAt, isInTime, peopleToldAt };
}
