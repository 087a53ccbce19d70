import { describe, expect, it } from 'vitest';

import {
  freshnessBoundsS,
  isWorthRetrying,
  noFreshness,
  shareInTime,
  staleCauseOf,
  type StaleFacts,
} from '#app/domain/cards/freshness.ts';

const counted = (counts: Record<number, number>) => noFreshness().map((zero, bucket) => counts[bucket] ?? zero);

describe('the share of changes in time', () => {
  it('has no figure while nothing changed', () => {
    expect(shareInTime(noFreshness(), 0)).toBeNull();
  });

  it('counts everything below a minute, and nothing from a minute on', () => {
    const minute = freshnessBoundsS.indexOf(60);
    expect(shareInTime(counted({ 0: 1, [minute]: 1 }), 0)).toBe(1);
    expect(shareInTime(counted({ [minute]: 1, [minute + 1]: 1 }), 0)).toBe(0.5);
  });

  it('counts a card that still waits beyond its time as late, and says 100 % only of every one', () => {
    expect(shareInTime(counted({ 0: 3 }), 1)).toBe(0.75);
    expect(shareInTime(counted({ 0: 99_999 }), 1)).toBe(0.999);
    expect(shareInTime(noFreshness(), 2)).toBe(0);
  });
});

const told: StaleFacts = {
  wallet: 'apple',
  version: 5,
  announcedVersion: 5,
  devices: 1,
  devicesTold: 1,
  problem: null,
};

describe('the cause of a card that is behind', () => {
  it.each<[string, Partial<StaleFacts>, string]>([
    ['was pushed and not fetched', {}, 'not-fetched'],
    ['is on no phone any more', { devices: 0, devicesTold: 0, problem: 'apns-unavailable' }, 'not-registered'],
    ['was not drawn anew yet', { announcedVersion: 4, devicesTold: 0 }, 'waiting'],
    ['was not pushed yet', { devicesTold: 0 }, 'waiting'],
    ['waits for Google', { wallet: 'google', devices: 0, devicesTold: 0 }, 'waiting'],
    ['has a certificate that Apple refuses', { problem: 'apns-certificate-refused' }, 'certificate-stopped'],
    ['was put off by Apple', { problem: 'apns-throttled' }, 'throttled'],
    ['was put off by Google', { wallet: 'google', devices: 0, problem: 'google-wallet-busy' }, 'throttled'],
    ['was refused by Google', { wallet: 'google', devices: 0, problem: 'google-wallet-refused' }, 'refused'],
    ['met a wallet that does not answer', { problem: 'apns-unavailable' }, 'wallet-unreachable'],
    [
      'met Google out of reach',
      { wallet: 'google', devices: 0, problem: 'google-wallet-unreachable' },
      'wallet-unreachable',
    ],
    ['met something unknown', { problem: 'unknown-error' }, 'failed'],
  ])('is told when it %s', (_name, facts, cause) => {
    expect(staleCauseOf({ ...told, ...facts })).toBe(cause);
  });

  it('says whether asking again may help', () => {
    expect(isWorthRetrying('not-registered')).toBe(false);
    expect(isWorthRetrying('not-fetched')).toBe(true);
  });
});
