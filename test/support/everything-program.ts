/** A program that uses every part of the document, for tests of what reads or edits a whole one. */
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export const everythingProgram: ProgramDocument = {
  ...plainProgram,
  name: 'Everything',
  units: [
    { kind: 'point', id: 'point', label: 'Beans' },
    { kind: 'stamp', id: 'coffee', label: 'Coffees', stampsNeeded: 10 },
    { kind: 'stamp', id: 'cake', label: 'Cakes', stampsNeeded: 5 },
  ],
  earnRules: [
    {
      kind: 'spend',
      id: 'spend',
      unit: 'point',
      rates: [{ currency: 'EUR', amount: 3, perMinor: 100 }],
      rounding: 'ceil',
      conditions: {
        collectionIds: ['1', '2'],
        vendors: ['Acme'],
        excludedProductTags: ['sale'],
        channels: ['online'],
        marketIds: ['9'],
        currencies: ['EUR', 'CHF'],
        weekdays: [1, 2],
        hours: [{ from: '07:30', to: '10:00' }],
        memberTags: ['vip'],
        segmentIds: ['4'],
        tierIds: ['gold'],
        firstOrder: true,
        minimumMinor: 1_000,
      },
      caps: { perOrder: 50, perDay: 100, perMember: 500 },
      coolDownHours: 24,
    },
    { kind: 'event', id: 'birthday', unit: 'point', event: 'birthday', amount: 20, conditions: {} },
    { kind: 'event', id: 'app', unit: 'point', event: 'custom', eventName: 'app-opened', amount: 5, conditions: {} },
  ],
  campaigns: [
    {
      id: 'double',
      name: 'Double week',
      from: '2026-12-01T00:00',
      to: '2026-12-08T00:00',
      multiplier: { times: 2, over: 1 },
    },
    {
      id: 'half',
      name: 'Half more',
      from: '2026-12-01T00:00',
      to: '2026-12-08T18:30',
      multiplier: { times: 4, over: 3 },
      ruleIds: ['spend'],
    },
  ],
  tiers: {
    qualifiesBy: { kind: 'spend' },
    window: { kind: 'rolling', months: 12 },
    graceDays: 30,
    levels: [
      { id: 'silver', name: 'Silver', threshold: 10_000 },
      { id: 'gold', name: 'Gold', threshold: 50_000, multiplier: { times: 3, over: 2 } },
    ],
  },
  collections: [{ kind: 'any', id: 'breakfast', name: 'Breakfast', units: ['coffee', 'cake'], needed: 1 }],
  rewards: [
    { id: 'cookie', name: 'Cookie', unit: 'coffee', cost: 0, atStamp: 5, benefit: { kind: 'free-shipping' } },
    {
      id: 'brunch',
      name: 'Brunch',
      unit: 'coffee',
      cost: 0,
      collectionId: 'breakfast',
      benefit: { kind: 'store-credit', amountMinor: 500, currency: 'EUR' },
      limits: { perMember: 1, perPeriod: { count: 2, days: 30 }, stock: 100 },
      tierIds: ['gold'],
      channels: ['online'],
      locationIds: ['7'],
      validFrom: '2026-12-01T00:00',
      validTo: '2026-12-08T00:00',
    },
  ],
  referral: {
    friend: { unit: 'point', amount: 50 },
    referrer: { unit: 'point', amount: 100 },
    pendingDays: 14,
    minimumMinor: 2_000,
    friendsMax: 10,
  },
};
