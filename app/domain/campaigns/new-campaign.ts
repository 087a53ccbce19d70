/** What the form of a new campaign begins with. */
import { addDays, type LocalDate, localDateOf } from '#app/domain/calendar.ts';
import type { CampaignContent } from '#app/domain/campaigns/campaign.ts';

const firstDays = 7;

/** Everything but what is to be said: to all who agreed to news of the program, for a week, never at night. */
export function newCampaign(at: Date, timeZone: string): CampaignContent {
  return {
    name: '',
    purpose: 'program',
    text: '',
    translations: {},
    audience: { kind: 'all' },
    startsAt: null,
    endsAt: `${isoDayOf(addDays(localDateOf(at, timeZone), firstDays))}T20:00`,
    quietHours: { from: '21:00', until: '08:00' },
    perWeekMax: 2,
  };
}

/** Tomorrow morning, on the clock of the shop. */
export function suggestedStart(at: Date, timeZone: string): string {
  return `${isoDayOf(addDays(localDateOf(at, timeZone), 1))}T10:00`;
}

function isoDayOf({ year, month, day }: LocalDate): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
