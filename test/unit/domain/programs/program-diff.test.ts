import { describe, expect, it } from 'vitest';

import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { programDiff } from '#app/domain/programs/program-diff.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const diff = (before: ProgramDocument, after: ProgramDocument) => programDiff(before, after, 'EUR');
const whole = programDocumentSchema.parse({
  ...everythingProgram,
  earnRules: [
    ...everythingProgram.earnRules,
    {
      kind: 'item',
      id: 'item',
      unit: 'cake',
      amount: 1,
      conditions: { productIds: ['1', '2'], excludedVariantIds: ['3'] },
    },
    {
      kind: 'visit',
      id: 'visit',
      unit: 'coffee',
      amount: 1,
      conditions: { locationIds: ['5'], productTypes: ['Cup'] },
    },
  ],
  rewards: [
    ...everythingProgram.rewards,
    { id: 'product', name: 'Mug', unit: 'point', cost: 90, benefit: { kind: 'free-product', productId: '77' } },
    {
      id: 'custom',
      name: 'Tour',
      unit: 'point',
      cost: 80,
      benefit: { kind: 'custom', instructions: 'Show them around' },
    },
  ],
  settings: { ...everythingProgram.settings, expiry: { mode: 'calendar', period: 'year', graceDays: 10 } },
});

type Place = { path: (string | number)[]; value: unknown };

/** Every value of a document that holds no other, and every list. */
function placesOf(value: unknown, path: (string | number)[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    placesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) && value.length > 0 ? [...inner, { path, value }] : inner;
}

function withChange(place: Place): unknown {
  const copy: unknown = structuredClone(whole);
  const parents = place.path.slice(0, -1);
  const last = place.path.at(-1) ?? '';
  const parent = parents.reduce((at, key) => (at as Record<string | number, unknown>)[key], copy);
  (parent as Record<string | number, unknown>)[last] = changed(place.value);
  return copy;
}

function changed(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(1);
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return `${String(value)}1`;
}

describe('the difference between two versions', () => {
  it('is nothing when both say the same, in whatever order their keys stand', () => {
    const reversed = Object.fromEntries(Object.entries(whole).toReversed());
    expect(diff(whole, programDocumentSchema.parse(reversed))).toEqual([]);
  });

  it('is told for every single value of the document', () => {
    // What names the shape of its own object cannot change alone.
    const shapes = new Set<string | number>(['schemaVersion', 'kind', 'mode', 'until']);
    const places = placesOf(whole).filter(({ path }) => !shapes.has(path.at(-1) ?? ''));
    expect(places.length).toBeGreaterThan(140);
    const silent = places.filter((place) => {
      const after = withChange(place) as ProgramDocument;
      return diff(whole, after).length === 0 || diff(after, whole).length === 0;
    });
    expect(silent.map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('is told for every part that comes or goes', () => {
    for (const part of ['units', 'earnRules', 'campaigns', 'rewards', 'collections'] as const) {
      const less = { ...whole, [part]: whole[part].slice(1) };
      expect(diff(whole, less).join('\n')).toContain('removed: ');
      expect(diff(less, whole).join('\n')).toContain('added: ');
    }
    for (const part of ['tiers', 'referral'] as const) {
      expect(diff(whole, { ...whole, [part]: null }).length).toBeGreaterThan(0);
      expect(diff({ ...whole, [part]: null }, whole).length).toBeGreaterThan(0);
    }
    const shapes = [
      { settings: { ...whole.settings, expiry: { mode: 'none' as const } } },
      { settings: { ...whole.settings, pending: { until: 'fulfilled' as const } } },
      { tiers: whole.tiers && { ...whole.tiers, qualifiesBy: { kind: 'orders' as const } } },
      { tiers: whole.tiers && { ...whole.tiers, window: { kind: 'lifetime' as const } } },
      { units: whole.units.map(({ id, label }) => ({ kind: 'point' as const, id, label })) },
      {
        earnRules: whole.earnRules.map((rule) => (rule.kind === 'item' ? { ...rule, kind: 'visit' as const } : rule)),
      },
    ];
    for (const shape of shapes) {
      expect(diff(whole, { ...whole, ...shape }).length).toBeGreaterThan(0);
      expect(diff({ ...whole, ...shape }, whole).length).toBeGreaterThan(0);
    }
    const [first, second, ...rest] = whole.earnRules;
    if (first === undefined || second === undefined) throw new Error('there are two rules');
    expect(diff(whole, { ...whole, earnRules: [second, first, ...rest] })).toEqual([
      'The rules stand in another order.',
    ]);
  });

  it('reads like what a merchant would say', () => {
    const plain = defaultProgram({ shopName: 'Bean', currency: 'USD' });
    const [spend, visit] = plain.earnRules;
    if (spend?.kind !== 'spend' || visit?.kind !== 'visit') throw new Error('the rules are others');
    const after = {
      ...plain,
      name: 'Bean Club',
      earnRules: [
        { ...spend, rates: spend.rates.map((rate) => (rate.currency === 'USD' ? { ...rate, amount: 2 } : rate)) },
        { ...visit, conditions: { minimumMinor: 500, weekdays: [1, 2] }, caps: { perDay: 1 } },
      ],
      rewards: plain.rewards.map((reward) => (reward.id === 'five-off' ? { ...reward, cost: 80 } : reward)),
      settings: {
        ...plain.settings,
        expiry: { mode: 'rolling' as const, months: 12 },
        debtPolicy: 'write-off' as const,
      },
    };
    expect(programDiff(plain, after, 'USD')).toEqual([
      'Name: Bean Rewards → Bean Club',
      'Points for each $1.00: 1 → 2',
      'Rule “Stamps for each order”, minimum: none → $5.00',
      'Rule “Stamps for each order”, weekdays: none → Monday and Tuesday',
      'Rule “Stamps for each order”, at most a day: none → 1',
      'Reward “$5.00 off”, cost: 100 → 80',
      'Settings, when a refund takes back what was spent: the balance goes below zero → the loss is written off',
      'Settings, expiry: none → rolling, months 12',
    ]);
  });
});
