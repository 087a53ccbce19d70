import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPassContent, countedName, stampText } from '#app/domain/cards/pass-content.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import { sampleDesign, samplePassInput } from '#test/support/pass-samples.ts';

const stampUnit: Unit = { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 };
const pointUnit: Unit = { kind: 'point', id: 'points', label: 'Points' };
const benefit: Reward['benefit'] = { kind: 'custom', instructions: 'Any size.' };
const rewardOf = (id: string, unit: string, cost: number): Reward => ({
  id,
  name: `Reward ${id}`,
  unit,
  cost,
  benefit,
});
const withStamps = (balance: number, held = 0) =>
  buildPassContent(samplePassInput({ balances: [{ unit: 'stamps', balance, held }] }));

describe('the stamps on a card', () => {
  it('start over when a card is full, and the full card becomes a reward', () => {
    const content = withStamps(14);
    expect(content.stamps).toMatchObject({ collected: 4, needed: 10, fullCards: 1 });
    expect(content.readyRewards).toEqual([{ rewardId: 'free-coffee', name: 'Free coffee', count: 1 }]);
    expect(content.nextReward).toMatchObject({ name: 'Free coffee', remaining: 6 });
  });

  it('leave out what is held for a sale in progress', () => {
    expect(withStamps(12, 10).stamps).toMatchObject({ collected: 2, fullCards: 0 });
  });

  it('are never fewer than none, however much a refund took back', () => {
    expect(withStamps(-3).stamps).toMatchObject({ collected: 0, fullCards: 0 });
  });

  it('always add up to what the member has', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 2, max: 30 }), (balance, stampsNeeded) => {
        const { stamps } = buildPassContent(
          samplePassInput({
            units: [{ ...stampUnit, stampsNeeded }],
            balances: [{ unit: 'stamps', balance, held: 0 }],
          }),
        );
        expect((stamps?.fullCards ?? 0) * stampsNeeded + (stamps?.collected ?? 0)).toBe(balance);
        expect(stamps?.collected).toBeLessThan(stampsNeeded);
      }),
    );
  });

  it('read the same in every language', () => {
    expect(stampText({ unit: 'stamps', label: 'Stempel', collected: 4, needed: 10, fullCards: 0 })).toBe('4 / 10');
  });
});

const points = (balance: number, rewards: Reward[] = []) =>
  buildPassContent(samplePassInput({ units: [pointUnit], balances: [{ unit: 'points', balance, held: 0 }], rewards }));

describe('points and rewards', () => {
  it('show a debt as it is', () => {
    expect(points(-20).points).toEqual([{ unit: 'points', label: 'Points', available: -20 }]);
  });

  it('name the nearest reward out of reach and every reward within it, dearest first', () => {
    const rewards = [rewardOf('a', 'points', 50), rewardOf('b', 'points', 100), rewardOf('c', 'points', 300)];
    const content = points(120, [...rewards, rewardOf('d', 'points', 130)]);
    expect(content.readyRewards.map(({ rewardId }) => rewardId)).toEqual(['b', 'a']);
    expect(content.readyRewards.map((reward) => countedName(reward))).toEqual(['Reward b', '2 × Reward a']);
    expect(content.nextReward).toEqual({
      rewardId: 'd',
      name: 'Reward d',
      remaining: 10,
      unitKind: 'point',
      unitLabel: 'Points',
    });
  });

  it('count a unit without a balance as zero, and ignore a balance of a unit the program no longer has', () => {
    const content = buildPassContent(
      samplePassInput({ units: [pointUnit], balances: [{ unit: 'gone', balance: 5, held: 0 }], rewards: [] }),
    );
    expect(content.points).toEqual([{ unit: 'points', label: 'Points', available: 0 }]);
    expect(content.stamps).toBeNull();
  });
});

describe('the announcement', () => {
  it('changes whenever a balance does', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (a, b) => {
        fc.pre(a !== b);
        expect(withStamps(a).announcement === withStamps(b).announcement).toBe(
          JSON.stringify(withStamps(a)) === JSON.stringify(withStamps(b)),
        );
      }),
    );
  });

  it('is in the member’s language, with that language’s digits', () => {
    const content = buildPassContent(
      samplePassInput({
        locale: 'de-DE',
        units: [{ ...pointUnit, label: 'Punkte' }],
        balances: [{ unit: 'points', balance: 12_500, held: 0 }],
        rewards: [rewardOf('a', 'points', 12_500)],
      }),
    );
    expect(content.announcement).toBe('Punkte: 12.500 · Bereit für dich: Reward a · Ada');
    expect(content.description).toBe('Blue Door Coffee Treuekarte');
  });

  it('reads English for a language we do not have, or one that is no language', () => {
    for (const locale of ['fi', 'x', '', '????'])
      expect(buildPassContent(samplePassInput({ locale })).announcement).toBe('Stamps: 4 / 10 · Ada');
  });
});

describe('a void card', () => {
  it('shows no name, no balance and no reward', () => {
    const content = buildPassContent(samplePassInput({ isVoid: true }));
    expect(content).toMatchObject({ memberName: null, stamps: null, points: [], readyRewards: [], nextReward: null });
    expect(content.announcement).toBe('This card is no longer valid.');
  });
});

describe('the colours', () => {
  it('are the merchant’s own as long as they can be read', () => {
    expect(buildPassContent(samplePassInput()).colors.foreground).toBe(sampleDesign.foregroundColor);
  });

  it('become black or white where the text would vanish', () => {
    const design = { ...sampleDesign, backgroundColor: '#f0f0f0', foregroundColor: '#ffffff', labelColor: '#eeeeee' };
    expect(buildPassContent(samplePassInput({ design })).colors).toEqual({
      background: '#f0f0f0',
      foreground: '#000000',
      label: '#000000',
    });
  });
});
