import { describe, expect, it } from 'vitest';

import { textFor } from '#app/domain/campaigns/campaign.ts';
import { planCampaign, readCampaignContent } from '#app/domain/campaigns/read-campaign.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { InvalidInput } from '#app/lib/errors.ts';

const plain = {
  name: 'Autumn',
  purpose: 'program',
  text: 'Double stamps',
  translations: { de: 'Doppelte Stempel' },
  audience: { kind: 'all' },
  startsAt: null,
  endsAt: '2026-12-01T18:00',
  quietHours: { from: '21:00', until: '08:00' },
  perWeekMax: 2,
};

function issuesOf(work: () => unknown): Record<string, string> {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput)
      return Object.fromEntries((error.issues ?? []).map(({ path, message }) => [path, message]));
    throw error;
  }
  return {};
}

const segment = (parts: object) => ({ kind: 'segment', segment: parts });

describe('a campaign from outside', () => {
  it.each<[string, object, string, string]>([
    ['no text', { text: '  ' }, 'text', 'must say something'],
    ['a text that is too long', { text: 'x'.repeat(179) }, 'text', 'must be at most 178 characters'],
    [
      'a translation that is too long',
      { translations: { de: 'x'.repeat(179) } },
      'translations.de',
      'must be at most 178 characters',
    ],
    ['no name', { name: '' }, 'name', 'must have a name'],
    ['a day that is none', { endsAt: '2026-02-30T10:00' }, 'endsAt', 'must be a day and a time'],
    [
      'a time that is none',
      { quietHours: { from: '25:00', until: '08:00' } },
      'quietHours.from',
      'must be a time such as 21:00',
    ],
    [
      'quiet hours without length',
      { quietHours: { from: '08:00', until: '08:00' } },
      'quietHours.until',
      'must differ from the beginning',
    ],
    ['a cap of none', { perWeekMax: 0 }, 'perWeekMax', 'must be from 1 to 7'],
    [
      'a member that is none',
      { audience: { kind: 'member', memberId: 'Anna' } },
      'audience.memberId',
      'must be a member',
    ],
    [
      'a balance the wrong way round',
      { audience: segment({ balance: { unit: 'points', min: 5, max: 4 } }) },
      'audience.segment.balance.max',
      'must not be below the lowest balance',
    ],
    [
      'half a balance',
      { audience: segment({ balance: { unit: 'points', min: 0.5, max: null } }) },
      'audience.segment.balance.min',
      'must be a whole number',
    ],
    [
      'days the wrong way round',
      { audience: segment({ enrolledFrom: '2026-02-01', enrolledUntil: '2026-01-01' }) },
      'audience.segment.enrolledUntil',
      'must not be before the first day',
    ],
    [
      'no days at all',
      { audience: segment({ activity: { kind: 'quiet', days: 0 } }) },
      'audience.segment.activity.days',
      'must be from 1 to 730',
    ],
  ])('is refused with %s by the name of the field and what would be right', (_name, overrides, path, message) => {
    expect(issuesOf(() => readCampaignContent({ ...plain, ...overrides }))).toEqual({ [path]: message });
  });

  it('is refused with a field nobody knows', () => {
    expect(issuesOf(() => readCampaignContent({ ...plain, surprise: 1 }))).not.toEqual({});
    expect(issuesOf(() => readCampaignContent(null))).not.toEqual({});
  });

  it('says the same in the language of the member, and else as it was written', () => {
    const content = readCampaignContent(plain);
    expect(['de-AT', 'de', 'fr', 'xx', ''].map((locale) => textFor(content, locale))).toEqual([
      'Doppelte Stempel',
      'Doppelte Stempel',
      'Double stamps',
      'Double stamps',
      'Double stamps',
    ]);
  });
});

describe('the plan of a campaign', () => {
  const document = defaultProgram({ shopName: 'Tea', currency: 'EUR' });
  const ground = { at: new Date('2026-11-22T12:00:00Z'), timeZone: 'Europe/Berlin', document };
  const plan = (overrides: object) => planCampaign(readCampaignContent({ ...plain, ...overrides }), ground);

  it('begins at once or at its time, by the clock of the shop', () => {
    const endsAt = new Date('2026-12-01T17:00:00Z');
    expect(plan({})).toEqual({ startsAt: ground.at, endsAt });
    expect(plan({ startsAt: '2026-11-23T09:00' })).toEqual({ startsAt: new Date('2026-11-23T08:00:00Z'), endsAt });
    expect(plan({ startsAt: '2026-11-01T09:00' }).startsAt).toEqual(ground.at);
  });

  it.each<[string, object, string]>([
    ['an end that is past', { endsAt: '2026-11-22T12:00' }, 'endsAt'],
    ['an end before the start', { startsAt: '2026-12-02T09:00' }, 'endsAt'],
    ['an end too far away', { endsAt: '2027-11-22T12:00' }, 'endsAt'],
    ['a start too far away', { startsAt: '2028-01-01T09:00', endsAt: '2028-01-02T09:00' }, 'startsAt'],
    [
      'a unit the program does not have',
      { audience: segment({ balance: { unit: 'gold', min: 1, max: null } }) },
      'audience.segment.balance.unit',
    ],
    ['a tier the program does not have', { audience: segment({ tiers: ['gold'] }) }, 'audience.segment.tiers'],
  ])('is refused with %s', (_name, overrides, path) => {
    expect(Object.keys(issuesOf(() => plan(overrides)))).toEqual([path]);
  });
});
