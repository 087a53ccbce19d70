/**
 * Whether a member gets a campaign's message now, later or not, and why. The same decision is taken for the forecast and for
 * the message itself, and again when a message that waited is due.
 */
import { instantOf, localDateOf, addDays, wallClockOf, type LocalDate } from '#app/domain/calendar.ts';
import { campaignLimits, type QuietHours } from '#app/domain/campaigns/campaign.ts';

/** Why a member does not get it. */
export const skipReasons = ['frozen', 'no-card', 'no-consent', 'too-many', 'too-late'] as const;
export type SkipReason = (typeof skipReasons)[number];

export type Candidate = {
  isFrozen: boolean;
  /** A card of theirs is, or was, in a wallet. */
  hasCard: boolean;
  /** Their newest word on the campaign's purpose. */
  isConsenting: boolean;
  /** Their own zone; null when we do not know it. */
  timeZone: string | null;
  /** When they got messages in the last seven days, of any campaign. */
  shownAt: Date[];
};

export type CampaignTerms = {
  at: Date;
  endsAt: Date;
  quietHours: QuietHours | null;
  perWeekMax: number;
  shopTimeZone: string;
};

export type Decision = { kind: 'now' } | { kind: 'later'; dueAt: Date } | { kind: 'never'; reason: SkipReason };

const dayMs = 86_400_000;

/** Decides for one member. Throws RangeError for a time zone of the shop's that does not exist. */
export function decideRecipient(candidate: Candidate, terms: CampaignTerms): Decision {
  const reason = refusalOf(candidate, terms);
  if (reason !== null) return { kind: 'never', reason };
  const dueAt = endOfQuiet(terms.at, terms.quietHours, candidate.timeZone ?? terms.shopTimeZone);
  if (dueAt >= terms.endsAt) return { kind: 'never', reason: 'too-late' };
  return dueAt > terms.at ? { kind: 'later', dueAt } : { kind: 'now' };
}

function refusalOf(candidate: Candidate, { at, perWeekMax }: CampaignTerms): SkipReason | null {
  if (candidate.isFrozen) return 'frozen';
  if (!candidate.hasCard) return 'no-card';
  if (!candidate.isConsenting) return 'no-consent';
  const since = (ageMs: number) => candidate.shownAt.filter((shown) => at.getTime() - shown.getTime() < ageMs).length;
  return since(7 * dayMs) >= perWeekMax || since(dayMs) >= campaignLimits.perDayMax ? 'too-many' : null;
}

/** The first instant, from `at` on, that is not in the quiet hours of a zone; they begin and end by its wall clock. */
export function endOfQuiet(at: Date, quietHours: QuietHours | null, timeZone: string): Date {
  if (quietHours === null) return at;
  const { from, until } = quietHours;
  const { time } = wallClockOf(at, timeZone);
  const isOverMidnight = from > until;
  const isQuiet = isOverMidnight ? time >= from || time < until : time >= from && time < until;
  if (!isQuiet) return at;
  const today = localDateOf(at, timeZone);
  const end = instantOf(`${isoDayOf(isOverMidnight && time >= from ? addDays(today, 1) : today)}T${until}`, timeZone);
  // The clock was set back over the end: the quiet hours come to it once more, and it is past already.
  return end > at ? end : at;
}

function isoDayOf({ year, month, day }: LocalDate): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** How many get it now, later, and not, by reason. */
export type Forecast = { now: number; later: number; never: Record<SkipReason, number>; firstDueAt: Date | null };

/** Nobody counted yet. */
export function emptyForecast(): Forecast {
  return { now: 0, later: 0, never: noneSkipped(), firstDueAt: null };
}

/** No member left out. */
export function noneSkipped(): Record<SkipReason, number> {
  return { frozen: 0, 'no-card': 0, 'no-consent': 0, 'too-many': 0, 'too-late': 0 };
}

/** The forecast with these decisions counted in. */
export function addDecisions(forecast: Forecast, decisions: Decision[]): Forecast {
  const sum: Forecast = { ...forecast, never: { ...forecast.never } };
  for (const decision of decisions) {
    if (decision.kind === 'now') sum.now += 1;
    else if (decision.kind === 'never') sum.never[decision.reason] += 1;
    else {
      sum.later += 1;
      if (sum.firstDueAt === null || decision.dueAt < sum.firstDueAt) sum.firstDueAt = decision.dueAt;
    }
  }
  return sum;
}

/** Whether a text names a time zone this process knows. */
export function isTimeZone(text: string): boolean {
  try {
    wallClockOf(new Date(0), text);
    return true;
  } catch {
    return false;
  }
}
