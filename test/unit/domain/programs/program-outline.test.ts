import { describe, expect, it } from 'vitest';

import { cardDesignSchema } from '#app/domain/cards/card-design.ts';
import { outlineProblems } from '#app/domain/programs/outline-problems.ts';
import { plainProgram, programDocumentSchema } from '#app/domain/programs/program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  applyOutline,
  outlineOf,
  starterOutline,
  starterPointReward,
  starterPoints,
} from '#app/domain/programs/program-outline.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';

function both(currency: string): ProgramOutline {
  const outline = starterOutline('Bluebird Coffee');
  return {
    ...outline,
    points: starterPoints(currency),
    rewards: [...outline.rewards, starterPointReward(currency)],
  };
}

/** A document richer than any form: a second rule, conditions, a third unit, another currency. */
const rich: ProgramDocument = {
  ...plainProgram,
  name: 'Rich',
  units: [
    { kind: 'stamp', id: 'coffee', label: 'Coffees', stampsNeeded: 8 },
    { kind: 'point', id: 'beans', label: 'Beans' },
    { kind: 'stamp', id: 'lunch', label: 'Lunches', stampsNeeded: 5 },
  ],
  earnRules: [
    {
      kind: 'item',
      id: 'coffee-rule',
      unit: 'coffee',
      amount: 1,
      conditions: { productIds: ['11', '12'], channels: ['pos'] },
    },
    { kind: 'visit', id: 'early-bird', unit: 'coffee', amount: 1, conditions: { channels: ['online'] } },
    {
      kind: 'spend',
      id: 'beans-rule',
      unit: 'beans',
      rates: [
        { currency: 'EUR', amount: 1, perMinor: 100 },
        { currency: 'CHF', amount: 1, perMinor: 120 },
      ],
      rounding: 'nearest-even',
      conditions: { minimumMinor: 500 },
    },
    { kind: 'item', id: 'lunch-rule', unit: 'lunch', amount: 1, conditions: {} },
  ],
  rewards: [
    { id: 'free-coffee', name: 'Free coffee', unit: 'coffee', cost: 8, benefit: { kind: 'percent-off', percent: 100 } },
    {
      id: 'free-lunch',
      name: 'Free lunch',
      unit: 'lunch',
      cost: 5,
      benefit: { kind: 'free-product', productId: '99' },
    },
  ],
  settings: {
    ...plainProgram.settings,
    earnsOnTax: true,
    debtPolicy: 'write-off',
    expiry: { mode: 'rolling', months: 6 },
  },
};

describe('the outline of a program', () => {
  it.each(['USD', 'JPY', 'KWD'])('starts as a program that can be saved at once in %s', (currency) => {
    const outline = both(currency);
    expect(outlineProblems(outline)).toEqual({});
    expect(programDocumentSchema.safeParse(applyOutline(null, outline, currency)).success).toBe(true);
  });

  it('comes back as it was written', () => {
    const outline = both('USD');
    expect(outlineOf(applyOutline(null, outline, 'USD'), 'USD')).toEqual(outline);
  });

  it('keeps everything the forms do not show', () => {
    const outline = outlineOf(rich, 'EUR');
    const written = applyOutline(rich, outline, 'EUR');
    const sorted = (document: ProgramDocument) => ({
      ...document,
      units: document.units.toSorted((a, b) => a.id.localeCompare(b.id)),
      earnRules: document.earnRules.toSorted((a, b) => a.id.localeCompare(b.id)),
    });
    expect(sorted(written)).toEqual(sorted(rich));
  });

  it('changes a rate without touching its rounding, its conditions or other currencies', () => {
    const outline = outlineOf(rich, 'EUR');
    const written = applyOutline(rich, { ...outline, points: { label: 'Beans', amount: 3, perMinor: 200 } }, 'EUR');
    expect(written.earnRules.find((rule) => rule.id === 'beans-rule')).toEqual({
      kind: 'spend',
      id: 'beans-rule',
      unit: 'beans',
      rates: [
        { currency: 'EUR', amount: 3, perMinor: 200 },
        { currency: 'CHF', amount: 1, perMinor: 120 },
      ],
      rounding: 'nearest-even',
      conditions: { minimumMinor: 500 },
    });
  });

  it('takes rules and rewards away together with what they count', () => {
    const written = applyOutline(rich, { ...outlineOf(rich, 'EUR'), stamps: null }, 'EUR');
    expect(programDocumentSchema.safeParse(written).success).toBe(true);
    expect(written.units.map((unit) => unit.id)).toEqual(['beans', 'lunch']);
    expect(written.earnRules.map((rule) => rule.id)).toEqual(['beans-rule', 'lunch-rule']);
    expect(written.rewards.map((reward) => reward.id)).toEqual(['free-lunch']);
  });

  it('counts every item again when the chosen products are given up', () => {
    const outline = outlineOf(rich, 'EUR');
    const stamps = outline.stamps && { ...outline.stamps, basis: 'item' as const };
    const rule = applyOutline(rich, { ...outline, stamps }, 'EUR').earnRules.find(({ id }) => id === 'coffee-rule');
    expect(rule?.conditions).toEqual({ channels: ['pos'] });
  });
});

describe('problems of an outline', () => {
  it('name the field and what to do', () => {
    const outline = both('USD');
    const stamps = outline.stamps && { ...outline.stamps, needed: 1, basis: 'product' as const };
    const rewards = outline.rewards.map((reward) => ({ ...reward, name: 'Same', cost: Number.NaN }));
    expect(Object.keys(outlineProblems({ ...outline, name: ' ', stamps, rewards })).toSorted()).toEqual([
      'name',
      'rewards.0.cost',
      'rewards.1.cost',
      'rewards.1.name',
      'stamps.needed',
      'stamps.productIds',
    ]);
  });

  it('ask for at least one thing to collect', () => {
    expect(outlineProblems({ ...both('USD'), stamps: null, points: null })).toHaveProperty('template');
  });
});

describe('the first design of a card', () => {
  it.each(['Bluebird Coffee', '', 'A shop whose name is far longer than any card could ever show in one line'])(
    'can be published for a shop called "%s"',
    (name) => {
      expect(cardDesignSchema.safeParse(starterDesign(name)).success).toBe(true);
    },
  );
});
