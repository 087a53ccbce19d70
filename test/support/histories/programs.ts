/** Random programs, and what becomes of them: rates change, rules come and go, campaigns run, between two sales. */
import * as fc from 'fast-check';

import type { Campaign, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import { plainProgram, type ProgramDocument, programDocumentSchema, type Tiers } from '#app/domain/programs/program.ts';

/** The versions of a program, the oldest first. The first is in force from the beginning. */
export type Versions = [ProgramDocument, ...ProgramDocument[]];

const some = <Value>(...values: [Value, ...Value[]]) => fc.constantFrom(...values);
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, once = 4) =>
  fc.oneof({ weight: once - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const multiplier = some({ times: 2, over: 1 }, { times: 3, over: 2 }, { times: 1, over: 3 }, { times: 117, over: 100 });

/** About lines, so that several of them together still leave something. */
const lineCondition: fc.Arbitrary<Conditions> = fc.oneof(
  some<Conditions>({ productIds: ['11'] }, { productIds: ['12', '13'] }, { excludedProductIds: ['11', '14'] }),
  some<Conditions>({ variantIds: ['111', '121'] }, { excludedVariantIds: ['112'] }),
  some<Conditions>({ collectionIds: ['501'] }, { excludedCollectionIds: ['501', '503'] }),
  some<Conditions>({ productTags: ['SUMMER', 'new'] }, { excludedProductTags: ['sale'] }),
  some<Conditions>({ vendors: ['acme'] }, { excludedVendors: ['Other'] }),
  some<Conditions>({ productTypes: ['beans'] }, { excludedProductTypes: ['BEANS'] }),
);

const orderCondition: fc.Arbitrary<Conditions> = fc.oneof(
  some<Conditions>({ channels: ['pos'] }, { channels: ['online', 'api', 'draft'] }),
  some<Conditions>({ locationIds: ['61'] }),
  some<Conditions>({ marketIds: ['71'] }, { currencies: ['EUR'] }, { currencies: ['USD', 'JPY'] }),
  some<Conditions>({ minimumMinor: 500 }, { minimumMinor: 5_000 }),
  some<Conditions>({ firstOrder: true }),
);

const personCondition: fc.Arbitrary<Conditions> = fc.oneof(
  some<Conditions>({ weekdays: [1, 2, 3, 4] }, { weekdays: [6, 7] }, { weekdays: [5] }),
  some<Conditions>(
    { hours: [{ from: '06:00', to: '12:00' }] },
    // Several lives begin on the minute at which one of these opens or closes.
    {
      hours: [
        { from: '00:50', to: '02:50' },
        { from: '09:00', to: '10:00' },
      ],
    },
    {
      hours: [
        { from: '01:05', to: '09:00' },
        { from: '18:00', to: '23:30' },
      ],
    },
    {
      hours: [
        { from: '00:00', to: '02:00' },
        { from: '20:00', to: '24:00' },
      ],
    },
  ),
  some<Conditions>({ memberTags: ['VIP'] }, { excludedMemberTags: ['staff'] }, { segmentIds: ['81'] }),
);

const tierCondition = some<Conditions>({ tierIds: ['silver'] }, { tierIds: ['silver', 'gold'] });

const caps = fc
  .record({
    perOrder: seldom(fc.integer({ min: 1, max: 60 })),
    perDay: seldom(fc.integer({ min: 1, max: 80 })),
    perMember: seldom(fc.integer({ min: 1, max: 150 })),
  })
  .map(({ perOrder, perDay, perMember }) => ({
    ...(perOrder === undefined ? {} : { perOrder }),
    ...(perDay === undefined ? {} : { perDay }),
    ...(perMember === undefined ? {} : { perMember }),
  }));

const conditionSeed = fc
  .tuple(seldom(lineCondition, 3), seldom(orderCondition), seldom(personCondition, 5), seldom(tierCondition))
  .map(([line, order, person, tier]) => ({
    line: line ?? {},
    order: order ?? {},
    person: person ?? {},
    tier: tier ?? {},
  }));

const ruleSeed = fc.record({
  amount: fc.integer({ min: 1, max: 20 }),
  perMinor: fc.constantFrom(1, 7, 100, 333, 1_000),
  rounding: some<'floor' | 'nearest-even' | 'ceil'>('floor', 'nearest-even', 'ceil'),
  currencies: some(['EUR'], ['EUR', 'USD'], ['EUR', 'JPY', 'KWD'], ['USD', 'JPY', 'EUR'], ['JPY', 'EUR', 'USD', 'KWD']),
  conditions: conditionSeed,
  caps: seldom(caps),
  coolDownHours: seldom(some(1, 24, 72, 720)),
});
type RuleSeed = typeof ruleSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

/** 1 point per 1.00, whatever the currency, and no more conditions. */
const plainSeed: RuleSeed = {
  amount: 1,
  perMinor: 100,
  rounding: 'floor',
  currencies: ['EUR', 'JPY', 'KWD'],
  conditions: { line: {}, order: {}, person: {}, tier: {} },
  caps: undefined,
  coolDownHours: undefined,
};

/** What a rule is stays with its id through all versions. */
const frames = [
  { id: 'spend', kind: 'spend', unit: 'point' },
  { id: 'spend-again', kind: 'spend', unit: 'point' },
  { id: 'items', kind: 'item', unit: 'coffee' },
  { id: 'visits', kind: 'visit', unit: 'coffee' },
  { id: 'stamp-spend', kind: 'spend', unit: 'tea' },
  { id: 'item-points', kind: 'item', unit: 'point' },
  { id: 'visit-tea', kind: 'visit', unit: 'tea' },
  { id: 'welcome', kind: 'event', unit: 'point', event: 'sign-up' },
  { id: 'birthday', kind: 'event', unit: 'coffee', event: 'birthday' },
  { id: 'review', kind: 'event', unit: 'point', event: 'review' },
  { id: 'wash', kind: 'event', unit: 'tea', event: 'custom', eventName: 'car-wash' },
] as const;

function ruleOf(frame: (typeof frames)[number], seed: RuleSeed, hasTiers: boolean): EarnRule {
  const { line, order, person, tier } = seed.conditions;
  const aboutTier = hasTiers ? tier : {};
  const common = {
    id: frame.id,
    unit: frame.unit,
    conditions: frame.kind === 'event' ? { ...person, ...aboutTier } : { ...line, ...order, ...person, ...aboutTier },
    ...(seed.caps === undefined ? {} : { caps: seed.caps }),
    ...(seed.coolDownHours === undefined ? {} : { coolDownHours: seed.coolDownHours }),
  };
  if (frame.kind === 'item' || frame.kind === 'visit') return { ...common, kind: frame.kind, amount: seed.amount };
  if (frame.kind === 'event') return { ...common, ...frame, amount: seed.amount };
  const rates = seed.currencies.map((currency, index) => ({
    currency,
    amount: seed.amount + index,
    perMinor: seed.perMinor,
  }));
  return { ...common, kind: 'spend', rates, rounding: seed.rounding };
}

const campaign: fc.Arbitrary<Campaign> = fc.record({
  id: some('one', 'two', 'three'),
  name: fc.constant('Double days'),
  from: some(
    '2026-01-01T00:00',
    '2026-01-31T23:30',
    '2026-03-29T00:50',
    '2026-06-15T09:00',
    '2026-02-01T10:30',
    '2026-03-29T02:30',
    '2026-10-25T02:30',
  ),
  to: some(
    '2026-02-01T00:30',
    '2026-03-29T02:45',
    '2026-06-15T10:00',
    '2026-04-05T00:00',
    '2026-10-25T02:45',
    '2026-12-31T23:59',
    '2027-06-01T00:00',
  ),
  multiplier,
});

const tiers: fc.Arbitrary<Tiers> = fc
  .record({
    qualifiesBy: some<Tiers['qualifiesBy']>({ kind: 'unit', unit: 'point' }, { kind: 'spend' }, { kind: 'orders' }),
    window: some<Tiers['window']>(
      { kind: 'rolling', months: 1 },
      { kind: 'rolling', months: 12 },
      { kind: 'calendar', period: 'month' },
      { kind: 'calendar', period: 'quarter' },
      { kind: 'calendar', period: 'year' },
      { kind: 'lifetime' },
    ),
    graceDays: some(0, 0, 5, 45),
    low: fc.integer({ min: 1, max: 3 }),
    step: fc.integer({ min: 1, max: 3 }),
    silver: fc.option(multiplier, { nil: undefined }),
    gold: fc.option(multiplier, { nil: undefined }),
  })
  .map((seed) => {
    const scale = seed.qualifiesBy.kind === 'orders' ? 1 : seed.qualifiesBy.kind === 'unit' ? 20 : 2_000;
    return {
      qualifiesBy: seed.qualifiesBy,
      window: seed.window,
      graceDays: seed.graceDays,
      levels: [
        { id: 'silver', name: 'Silver', threshold: seed.low * scale, ...(seed.silver && { multiplier: seed.silver }) },
        {
          id: 'gold',
          name: 'Gold',
          threshold: (seed.low + seed.step) * scale,
          ...(seed.gold && { multiplier: seed.gold }),
        },
      ],
    };
  });

const versionSeed = fc.record({
  /** Which rules there are, each with what it says in this version. */
  rules: fc.array(fc.tuple(fc.constantFrom(...frames), ruleSeed), { minLength: 1, maxLength: 4 }),
  campaigns: fc.uniqueArray(campaign, { maxLength: 2, selector: ({ id }) => id }),
  campaignRules: fc.boolean(),
  settings: fc.record({
    earnsOnTax: fc.boolean(),
    earnsOnShipping: fc.boolean(),
    earnsOnGiftCards: fc.boolean(),
  }),
});
type VersionSeed = typeof versionSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

function documentOf(seed: VersionSeed, memberTiers: Tiers | null): ProgramDocument {
  const rules = new Map(seed.rules.map(([frame, rule]) => [frame.id, ruleOf(frame, rule, memberTiers !== null)]));
  const earnRules = [...rules.values()];
  const ruleIds = earnRules.slice(0, 1).map((rule) => rule.id);
  return programDocumentSchema.parse({
    ...plainProgram,
    name: 'Club',
    units: [
      { kind: 'point', id: 'point', label: 'Points' },
      { kind: 'stamp', id: 'coffee', label: 'Coffees', stampsNeeded: 5 },
      { kind: 'stamp', id: 'tea', label: 'Teas', stampsNeeded: 3 },
    ],
    earnRules,
    campaigns: seed.campaigns
      .filter(({ from, to }) => from < to)
      .map((one, index) => (seed.campaignRules && index === 0 ? { ...one, ruleIds } : one)),
    tiers: memberTiers,
    settings: { ...plainProgram.settings, ...seed.settings },
  });
}

/** One to three versions: rules, campaigns, settings and mostly also tiers differ from one to the next. */
export const versionsArbitrary: fc.Arbitrary<Versions> = fc
  .tuple(
    fc.array(versionSeed, { minLength: 1, maxLength: 3 }),
    fc.array(fc.option(tiers, { nil: null, freq: 3 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([seeds, memberTiers]) => {
    const [first, ...later] = seeds.map((seed, index) => documentOf(seed, memberTiers[index] ?? null));
    if (first === undefined) throw new Error('a program without a version');
    return [first, ...later];
  });

/** One version with tiers, under which nearly everything earns: what a tier is about is when things happen. */
export const tieredVersion: fc.Arbitrary<Versions> = fc
  .record({ tiers, amount: fc.integer({ min: 1, max: 9 }), earnsOnShipping: fc.boolean() })
  .map(({ tiers: memberTiers, amount, earnsOnShipping }) => [
    programDocumentSchema.parse({
      ...plainProgram,
      name: 'Club',
      units: [{ kind: 'point', id: 'point', label: 'Points' }],
      earnRules: [
        ruleOf(frames[0], plainSeed, true),
        ruleOf(frames[7], { ...plainSeed, amount }, true),
        ruleOf(
          frames[5],
          { ...plainSeed, amount, conditions: { ...plainSeed.conditions, tier: { tierIds: ['gold'] } } },
          true,
        ),
      ],
      tiers: memberTiers,
      settings: { ...plainProgram.settings, earnsOnShipping },
    }),
  ]);

/** The same programs with rules so meagre that points can be counted one by one. */
export const meagreVersions: fc.Arbitrary<Versions> = versionsArbitrary.map(([first, ...later]) => [
  meagre(first),
  ...later.map(meagre),
]);

function meagre(document: ProgramDocument): ProgramDocument {
  const earnRules = document.earnRules.map((rule): EarnRule => {
    if (rule.kind !== 'spend') return { ...rule, amount: (rule.amount % 4) + 1 };
    const rates = rule.rates.map(({ currency, perMinor }) => ({ currency, amount: 1, perMinor: perMinor + 700 }));
    return { ...rule, rates };
  });
  return { ...document, earnRules };
}
