import { describe, expect, it } from 'vitest';

import { choiceOf, detectorIds, detectors, plainSettings } from '#app/domain/security/detectors.ts';
import { answerBy, authorityBy, hoursLeft } from '#app/domain/security/incident-clock.ts';
import { type Figures, judgeSignals } from '#app/domain/security/judge-signals.ts';
import { referralGroups } from '#app/domain/security/referral-groups.ts';
import { securitySettingsSchema } from '#app/domain/security/security-settings.ts';

const at = new Date('2026-03-01T12:00:00Z');
const quiet: Figures = {
  redemptions: { inWindow: 0, inDay: 0, lastAt: null },
  networks: [],
  missing: [],
  handGiven: [],
  canaries: [],
  foreignNetworks: [],
  leakedKeys: [],
  uses: [],
  refunds: [],
  referrals: [],
};
const counted = (subject: string, total: number, times = total) => ({
  subject,
  total,
  largest: total,
  times,
  lastAt: at,
});
const judge = (figures: Partial<Figures>, settings = plainSettings) => judgeSignals({ ...quiet, ...figures }, settings);

describe('F20 what detectors make of figures', () => {
  it('is nothing when nothing happened', () => {
    expect(judge({})).toEqual([]);
  });

  it.each([
    [29, 29, false],
    [30, 30, true],
    [40, 40 + 143 * 4, true],
    [40, 41 + 143 * 4, false],
  ])(
    'says of %i redemptions in ten minutes and %i in the day whether they are a spike: %s',
    (inWindow, inDay, isSpike) => {
      expect(judge({ redemptions: { inWindow, inDay, lastAt: at } })).toHaveLength(isSpike ? 1 : 0);
    },
  );

  it('begins at its threshold, for each detector that counts', () => {
    for (const [field, id] of [
      ['missing', 'mass-missing'],
      ['networks', 'many-networks'],
      ['handGiven', 'self-stamping'],
    ] as const) {
      const threshold = detectors[id].threshold.default;
      expect(judge({ [field]: [counted('api:x/member:1', threshold - 1)] })).toEqual([]);
      expect(judge({ [field]: [counted('api:x/member:1', threshold)] })).toMatchObject([{ detector: id }]);
    }
  });

  it('is about who touched a trap when that is known, and about the trap when it is not', () => {
    const canaries = [counted('canary-member:m1/api:x', 1), counted('canary-key:swc_1', 2)];
    expect(judge({ canaries })).toMatchObject([
      { detector: 'canary-member', subject: 'api:x', figures: { trap: 'canary-member:m1' } },
      { detector: 'canary-key', subject: 'canary-key:swc_1', figures: { times: 2 } },
    ]);
  });

  it('is silent where a detector is switched off, and bounded where somebody chose beyond its bounds', () => {
    const choice = { isOn: false, mode: 'act', action: 'pause', threshold: 1 } as const;
    const off = { detectors: { 'redemption-spike': choice } };
    expect(judge({ redemptions: { inWindow: 500, inDay: 500, lastAt: at } }, off)).toEqual([]);
    const { min } = detectors['redemption-spike'].threshold;
    expect(
      choiceOf({ detectors: { 'redemption-spike': { ...choice, isOn: true } } }, 'redemption-spike').threshold,
    ).toBe(min);
    // An action the detector does not have is its first.
    expect(
      choiceOf({ detectors: { 'redemption-spike': { ...choice, action: 'revoke' } } }, 'redemption-spike').action,
    ).toBe('pause');
  });

  it('acts by itself only where no honest person can be hit', () => {
    const acting = detectorIds.filter((id) => choiceOf(plainSettings, id).mode === 'act');
    expect(acting).toEqual(['canary-member', 'canary-key', 'foreign-network', 'leaked-key', 'geo-velocity']);
    // These two only speak up, unless the shop wants more.
    for (const id of ['foreign-network', 'leaked-key'] as const)
      expect(choiceOf(plainSettings, id).action).toBe('escalate');
  });

  it('F26 is a key that does ten times what it usually does, once that is notable, and not a new one', () => {
    const usual = {
      clientId: 'a',
      day: at,
      calls: 100,
      bytesOut: 90_000,
      usualDays: 5,
      usualCalls: 100,
      usualBytesOut: 90_000,
    };
    const found = (changes: Partial<typeof usual>) => judge({ uses: [{ ...usual, ...changes }] });
    expect(found({})).toEqual([]);
    expect(found({ calls: 1_000 })).toMatchObject([
      {
        detector: 'unusual-use',
        subject: 'api:a',
        figures: { calls: 1_000, usualCalls: 100, threshold: 10 },
        lastAt: at,
      },
    ]);
    expect(found({ bytesOut: 1_000_000 })).toMatchObject([{ detector: 'unusual-use' }]);
    for (const nothing of [
      { calls: 999 },
      { bytesOut: 999_999 },
      { calls: 499, usualCalls: 2 },
      { calls: 9_000, usualDays: 2 },
    ])
      expect([nothing, found(nothing)]).toEqual([nothing, []]);
  });

  it('takes no settings with fields it does not know', () => {
    expect(securitySettingsSchema.safeParse({ detectors: {}, extra: 1 }).success).toBe(false);
    expect(securitySettingsSchema.safeParse({ detectors: { unheard: {} } }).success).toBe(false);
  });
});

describe('groups of referrals', () => {
  const edge = (referrerId: string, friendId: string) => ({ referrerId, friendId, at });

  it('are told apart, named by who began them, and known for circles', () => {
    const groups = referralGroups([
      edge('a', 'b'),
      edge('b', 'c'),
      edge('x', 'y'),
      edge('p', 'q'),
      edge('q', 'r'),
      edge('r', 'p'),
    ]);
    expect(groups.map(({ root, size, isCircle }) => [root, size, isCircle])).toEqual([
      ['a', 3, false],
      ['p', 3, true],
      ['x', 2, false],
    ]);
  });

  it('of a long chain come back in a moment', () => {
    const chain = Array.from({ length: 5_000 }, (_, n) =>
      edge(`m${String(n).padStart(5, '0')}`, `m${String(n + 1).padStart(5, '0')}`),
    );
    expect(referralGroups(chain.toReversed())).toMatchObject([{ root: 'm00000', size: 5_001, isCircle: false }]);
  });
});

describe('L18 the clock of an incident', () => {
  it('gives less time the worse it is, and 72 hours to tell the authority', () => {
    const minutes = (['critical', 'high', 'medium', 'low'] as const).map(
      (severity) => (answerBy(severity, at).getTime() - at.getTime()) / 60_000,
    );
    expect(minutes).toEqual([15, 60, 240, 1_440]);
    expect(authorityBy(at).toISOString()).toBe('2026-03-04T12:00:00.000Z');
    expect(hoursLeft(at, new Date('2026-03-03T12:30:00Z'))).toBe(23);
    expect(hoursLeft(at, new Date('2026-03-04T12:01:00Z'))).toBe(-1);
  });
});
