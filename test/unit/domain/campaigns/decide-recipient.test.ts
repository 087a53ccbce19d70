import { describe, expect, it } from 'vitest';

import {
  addDecisions,
  type Candidate,
  type CampaignTerms,
  decideRecipient,
  emptyForecast,
  endOfQuiet,
  isTimeZone,
} from '#app/domain/campaigns/decide-recipient.ts';
import { addDays, instantOf, wallText } from '#test/support/oracle/wall-clock.ts';

const at = new Date('2026-11-22T12:00:00Z');
const hoursAgo = (hours: number) => new Date(at.getTime() - hours * 3_600_000);
const willing: Candidate = { isFrozen: false, hasCard: true, isConsenting: true, timeZone: null, shownAt: [] };
const terms: CampaignTerms = {
  at,
  endsAt: new Date('2026-11-25T00:00:00Z'),
  quietHours: null,
  perWeekMax: 2,
  shopTimeZone: 'UTC',
};

describe('a member', () => {
  it('who agreed and holds a card gets the message now', () => {
    expect(decideRecipient(willing, terms)).toEqual({ kind: 'now' });
  });

  it.each<[string, Partial<Candidate>, string]>([
    ['whose card is frozen', { isFrozen: true }, 'frozen'],
    ['without a card', { hasCard: false }, 'no-card'],
    ['who did not agree', { isConsenting: false }, 'no-consent'],
    ['who had enough this week', { shownAt: [hoursAgo(30), hoursAgo(167)] }, 'too-many'],
  ])('%s does not get it', (_name, facts, reason) => {
    expect(decideRecipient({ ...willing, ...facts }, terms)).toEqual({ kind: 'never', reason });
  });

  it('gets it again once a message is seven days old', () => {
    expect(decideRecipient({ ...willing, shownAt: [hoursAgo(30), hoursAgo(168)] }, terms).kind).toBe('now');
  });

  it('never gets a fourth message in a day, whatever the cap of the week', () => {
    const shownAt = [hoursAgo(1), hoursAgo(2), hoursAgo(3)];
    expect(decideRecipient({ ...willing, shownAt }, { ...terms, perWeekMax: 7 }).kind).toBe('never');
    expect(
      decideRecipient({ ...willing, shownAt: [hoursAgo(1), hoursAgo(2), hoursAgo(24)] }, { ...terms, perWeekMax: 7 })
        .kind,
    ).toBe('now');
  });

  it('waits for the end of quiet hours on their own clock, and else on that of the shop', () => {
    const quiet = { ...terms, quietHours: { from: '20:00', until: '08:00' } };
    expect(decideRecipient({ ...willing, timeZone: 'Asia/Tokyo' }, quiet)).toEqual({
      kind: 'later',
      dueAt: new Date('2026-11-22T23:00:00Z'),
    });
    expect(decideRecipient(willing, { ...quiet, shopTimeZone: 'Asia/Tokyo' }).kind).toBe('later');
    expect(decideRecipient({ ...willing, timeZone: 'UTC' }, { ...quiet, shopTimeZone: 'Asia/Tokyo' }).kind).toBe('now');
  });

  it('does not get a message that would be over before the quiet hours are', () => {
    const quiet = { ...terms, quietHours: { from: '10:00', until: '18:00' }, endsAt: new Date('2026-11-22T18:00:00Z') };
    expect(decideRecipient(willing, quiet)).toEqual({ kind: 'never', reason: 'too-late' });
  });
});

describe('quiet hours', () => {
  const overNight = { from: '21:00', until: '08:00' };
  it.each([
    ['before they begin', '2026-11-22T20:59:00Z', '2026-11-22T20:59:00Z'],
    ['as they begin', '2026-11-22T21:00:00Z', '2026-11-23T08:00:00Z'],
    ['after midnight', '2026-11-23T00:30:00Z', '2026-11-23T08:00:00Z'],
    ['in their last minute', '2026-11-23T07:59:59Z', '2026-11-23T08:00:00Z'],
    ['as they end', '2026-11-23T08:00:00Z', '2026-11-23T08:00:00Z'],
  ])('over midnight, %s', (_name, from, until) => {
    expect(endOfQuiet(new Date(from), overNight, 'UTC')).toEqual(new Date(until));
  });

  it('at noon end the same day', () => {
    const siesta = { from: '13:00', until: '16:00' };
    expect(endOfQuiet(new Date('2026-11-22T13:30:00Z'), siesta, 'UTC')).toEqual(new Date('2026-11-22T16:00:00Z'));
    expect(endOfQuiet(new Date('2026-11-22T16:30:00Z'), siesta, 'UTC')).toEqual(new Date('2026-11-22T16:30:00Z'));
  });

  it('end by the clock of the wall when it changes meanwhile', () => {
    // Clocks go forward in Berlin at 01:00 UTC: 08:00 there is 06:00 UTC from then on.
    expect(endOfQuiet(new Date('2027-03-27T21:00:00Z'), overNight, 'Europe/Berlin')).toEqual(
      new Date('2027-03-28T06:00:00Z'),
    );
    // 02:30 does not exist that night; the quiet hours are over when the jump is.
    const short = { from: '21:00', until: '02:30' };
    expect(endOfQuiet(new Date('2027-03-27T22:00:00Z'), short, 'Europe/Berlin')).toEqual(
      new Date('2027-03-28T01:00:00Z'),
    );
    // 02:15 comes twice: the second time the end is past.
    const twice = new Date('2027-10-31T01:15:00Z');
    expect(endOfQuiet(twice, { from: '21:00', until: '02:30' }, 'Europe/Berlin')).toEqual(twice);
  });
});

describe('quiet hours on days on which clocks are changed', () => {
  /** Half an hour before each change, on Lord Howe by half an hour, in Cairo and Santiago at midnight; and a leap day. */
  const changes: [string, string][] = [
    ['Europe/Berlin', '2026-03-29T00:30:00Z'], ['Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['America/New_York', '2026-03-08T06:30:00Z'], ['America/New_York', '2026-11-01T05:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:00:00Z'], ['Australia/Lord_Howe', '2026-04-04T14:30:00Z'],
    ['Africa/Cairo', '2026-04-23T21:30:00Z'], ['America/Santiago', '2026-09-06T03:30:00Z'],
    ['Pacific/Apia', '2011-12-30T09:30:00Z'], ['Pacific/Apia', '2028-02-29T09:30:00Z'],
  ]; // prettier-ignore
  const times = ['00:00', '01:15', '02:00', '02:15', '03:00', '21:00'];

  it.each(changes)('in %s around %s last until the clock on the wall has come to their end', (timeZone, change) => {
    for (const from of times)
      for (const until of times.filter((time) => time !== from))
        for (const minutes of [-90, -1, 20, 31, 59, 89]) {
          const instant = Date.parse(change) + minutes * 60_000;
          const time = wallText(instant, timeZone).slice(11);
          const isQuiet = from < until ? from <= time && time < until : time >= from || time < until;
          // Where the clock is set back over the end, the end has been.
          const expected = isQuiet
            ? Math.max(instant, instantOf(nextEnd(instant, { from, until }, timeZone), timeZone))
            : instant;
          const found = endOfQuiet(new Date(instant), { from, until }, timeZone);
          expect([from, until, minutes, found]).toEqual([from, until, minutes, new Date(expected)]);
        }
  });

  /** The wall time at which what is quiet at an instant ends. */
  function nextEnd(instant: number, { from, until }: { from: string; until: string }, timeZone: string): string {
    const wall = wallText(instant, timeZone);
    const isTomorrow = from > until && wall.slice(11) >= from;
    return `${isTomorrow ? addDays(wall.slice(0, 10), 1) : wall.slice(0, 10)}T${until}`;
  }
});

it('a forecast counts each decision once and knows when the first who waits is due', () => {
  const dueAt = new Date('2026-11-23T08:00:00Z');
  const forecast = addDecisions(
    addDecisions(emptyForecast(), [{ kind: 'now' }, { kind: 'later', dueAt: new Date('2026-11-23T09:00:00Z') }]),
    [
      { kind: 'later', dueAt },
      { kind: 'never', reason: 'no-card' },
    ],
  );
  expect(forecast).toMatchObject({ now: 1, later: 2, firstDueAt: dueAt, never: { 'no-card': 1, 'no-consent': 0 } });
});

it('a time zone is one the process knows', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '', '+25:00'].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
