/** One incident with all that is known of it, and the list of them. */
import {
  type Incident,
  type IncidentEvent,
  listIncidents,
  readIncident,
  readTimeline,
} from '#app/data/security/incidents.ts';
import { type BlastRadius, listReaders, readBlastRadius } from '#app/data/security/member-reads.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';
import { breachNotice } from '#app/domain/security/breach-notices.ts';
import { detectors, isDetectorId } from '#app/domain/security/detectors.ts';
import { authorityBy, hoursLeft } from '#app/domain/security/incident-clock.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const incidentsMax = 100;
const membersShownMax = 1_000;
const readersSinceMs = 30 * 86_400_000;

export type ShownIncident = Incident & { title: string; isOverdue: boolean };
export type ShownNotice = { language: Language; authority: string; people: string };

export type IncidentPage = {
  incident: ShownIncident;
  timeline: IncidentEvent[];
  /** Null while it is no breach. */
  breach: { authorityBy: Date; hoursLeft: number } | null;
  /** What an actor read within a window, when one was asked for. */
  radius: (BlastRadius & { actor: string; from: Date; to: Date }) | null;
  readers: { actor: string; reads: number }[];
  notices: ShownNotice[];
  timeZone: string;
};

export type RadiusQuestion = { actor: string; from: Date; to: Date };

/** The newest incidents, open ones first. */
export async function incidentsPage(shopId: ShopId): Promise<{ incidents: ShownIncident[]; timeZone: string }> {
  return withShop(shopId, async (tx) => ({
    incidents: (await listIncidents(tx, incidentsMax)).map(toShown),
    timeZone: (await readShop(tx)).timeZone,
  }));
}

/** Everything about one. `radius` asks what somebody read within a window. Throws `NotFound`. */
export async function incidentPage(
  shopId: ShopId,
  incidentId: string,
  radius: RadiusQuestion | null = null,
): Promise<IncidentPage> {
  return withShop(shopId, async (tx) => {
    const incident = await readIncident(tx, incidentId);
    const timeline = await readTimeline(tx, incident.incidentId);
    const shop = await readShop(tx);
    const found =
      radius === null ? null : { ...radius, ...(await readBlastRadius(tx, { ...radius, limit: membersShownMax })) };
    return {
      incident: toShown(incident),
      timeline,
      breach:
        incident.breachAt === null
          ? null
          : { authorityBy: authorityBy(incident.breachAt), hoursLeft: hoursLeft(incident.breachAt, now()) },
      radius: found,
      readers: await listReaders(tx, new Date(now().getTime() - readersSinceMs)),
      notices: noticesOf({ incident, timeline, radius: found, shopName: shop.name ?? '', timeZone: shop.timeZone }),
      timeZone: shop.timeZone,
    };
  });
}

function toShown(incident: Incident): ShownIncident {
  const title = isDetectorId(incident.detector) ? detectors[incident.detector].title : 'Opened by a person';
  return { ...incident, title, isOverdue: incident.state === 'open' && incident.answerBy <= now() };
}

type Known = {
  incident: Incident;
  timeline: IncidentEvent[];
  radius: BlastRadius | null;
  shopName: string;
  timeZone: string;
};

/** Drafts for the authority and for people; none while it is no breach. */
function noticesOf({ incident, timeline, radius, shopName, timeZone }: Known): ShownNotice[] {
  const { breachAt, incidentId } = incident;
  if (breachAt === null) return [];
  const measures = timeline.filter(({ kind }) => kind === 'contained');
  return languages.map((language) => {
    const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone });
    const facts = {
      shopName,
      noticedAt: format.format(breachAt),
      tellBy: format.format(authorityBy(breachAt)),
      members: radius?.membersTotal ?? 0,
      fields: radius?.fields ?? [],
      measures: measures.map(({ at, details }) => `${format.format(at)}: ${String(details['kind'])}`),
      reference: incidentId,
    };
    return {
      language,
      authority: breachNotice('authority', language, facts),
      people: breachNotice('people', language, facts),
    };
  });
}
