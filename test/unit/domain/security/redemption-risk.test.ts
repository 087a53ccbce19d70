import { describe, expect, it } from 'vitest';

import { choiceOf, plainSettings } from '#app/domain/security/detectors.ts';
import { distanceKm, judgeRedemption, type RedemptionRisk } from '#app/domain/security/redemption-risk.ts';

const berlin = { locationId: '1', latitude: 52.52, longitude: 13.405 };
const munich = { locationId: '2', latitude: 48.137, longitude: 11.575 };
const at = new Date('2026-03-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(at.getTime() - minutes * 60_000);
const risk = (change: Partial<RedemptionRisk> = {}): RedemptionRisk => ({
  at,
  locationId: '2',
  uses: [{ locationId: '1', at: minutesAgo(10) }],
  positions: [berlin, munich],
  geoVelocity: choiceOf(plainSettings, 'geo-velocity'),
  ...change,
});

describe('F11 F33 the risk of a redemption', () => {
  it('measures as the crow flies, over poles and date line too', () => {
    expect(Math.round(distanceKm(berlin, munich))).toBe(504);
    expect(Math.round(distanceKm({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 }))).toBe(22);
    expect(distanceKm(berlin, berlin)).toBe(0);
  });

  it('is a challenge with its reasons when a card was faster than a train', () => {
    const verdict = judgeRedemption(risk());
    expect(verdict).toMatchObject({
      outcome: 'challenge',
      score: 100,
      inputs: { km: 504, minutes: 10, kmPerHour: 3024 },
    });
    expect(verdict.rules[0]?.why).toBe(
      'The card was used 504 km away 10 minutes before: that is 3024 km/h, and 300 is allowed.',
    );
    expect(judgeRedemption(risk())).toEqual(verdict);
  });

  it('of several uses looks at the one that is furthest out of reach', () => {
    const uses = [
      { locationId: '1', at: minutesAgo(110) },
      { locationId: '1', at: minutesAgo(5) },
    ];
    expect(judgeRedemption(risk({ uses })).inputs).toMatchObject({ minutes: 5 });
  });

  it.each<[string, Partial<RedemptionRisk>]>([
    ['two hours lie between', { uses: [{ locationId: '1', at: minutesAgo(110) }] }],
    ['it was the same till', { uses: [{ locationId: '2', at: minutesAgo(1) }] }],
    ['nobody said where the till stands', { positions: [munich] }],
    ['it is online', { locationId: null }],
    ['the shop does not want it', { geoVelocity: { isOn: false, mode: 'act', action: 'challenge', threshold: 300 } }],
  ])('is none when %s', (_, change) => {
    expect(judgeRedemption(risk(change))).toEqual({ outcome: 'allow', score: 0, rules: [], inputs: {} });
  });

  it('counts clocks that differ as one minute, never as none', () => {
    expect(judgeRedemption(risk({ uses: [{ locationId: '1', at: minutesAgo(-1) }] })).inputs).toMatchObject({
      minutes: 1,
    });
  });
});
