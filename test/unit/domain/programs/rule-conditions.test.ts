import { describe, expect, it } from 'vitest';

import { documentProblems } from '#app/domain/programs/document-problems.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import { addGate, possibleGates, presentGates, removeGate } from '#app/domain/programs/reward-gate-keys.ts';
import {
  addCondition,
  conditionKeys,
  conditionPath,
  possibleConditions,
  presentConditions,
  removeCondition,
} from '#app/domain/programs/rule-conditions.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const document: ProgramDocument = everythingProgram;
const plain: EarnRule = { kind: 'visit', id: 'visit', unit: 'coffee', amount: 1, conditions: {} };

describe('conditions and limits of a rule', () => {
  it.each(conditionKeys)('%s is added, told of at its own place, and taken away again', (key) => {
    const added = addCondition(plain, key, { document, currency: 'EUR' });
    expect(presentConditions(added)).toEqual([key]);
    const problems = documentProblems({ ...document, earnRules: [added], campaigns: [] });
    expect(Object.keys(problems).every((path) => path === `earnRules.0.${conditionPath(key)}`)).toBe(true);
    expect(removeCondition(added, key)).toEqual(plain);
  });

  it('stand beside each other', () => {
    const both = addCondition(addCondition(plain, 'perDay', { document, currency: 'EUR' }), 'perOrder', {
      document,
      currency: 'EUR',
    });
    expect(presentConditions(both)).toEqual(['perOrder', 'perDay']);
    expect(removeCondition(both, 'perDay').caps).toEqual({ perOrder: 100 });
  });

  it('are only about the member and the time for an occasion, and name tiers only where there are some', () => {
    expect(possibleConditions('event', document)).not.toContain('productIds');
    expect(possibleConditions('event', document)).not.toContain('firstOrder');
    expect(possibleConditions('event', document)).toContain('memberTags');
    expect(possibleConditions('visit', { ...document, tiers: null })).not.toContain('tierIds');
    expect(possibleConditions('visit', document)).toEqual(conditionKeys);
  });

  it('show all that a rule says', () => {
    const [everything] = document.earnRules;
    expect(everything && presentConditions(everything)).toHaveLength(17);
  });
});

describe('limits of a reward', () => {
  const reward: Reward = { id: 'r', name: 'R', unit: 'coffee', cost: 10, benefit: { kind: 'free-shipping' } };
  const begin = { document, today: '2026-12-28' };

  it.each(possibleGates(reward, document))('%s is added and taken away again', (gate) => {
    const added = addGate(reward, gate, begin);
    expect(presentGates(added)).toEqual([gate]);
    expect(possibleGates(added, document)).not.toContain(gate);
    expect(removeGate(added, gate)).toEqual(reward);
  });

  it('begin with something sound, but for places, which only the merchant knows', () => {
    const all = possibleGates(reward, document).reduce((before, gate) => addGate(before, gate, begin), reward);
    expect(Object.keys(documentProblems({ ...document, rewards: [all] }))).toEqual(['rewards.0.locationIds']);
  });
});
