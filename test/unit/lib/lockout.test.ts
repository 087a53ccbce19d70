import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { clientAddress, networkOf } from '#app/lib/client-address.ts';
import { createLockout, plainTarget } from '#app/lib/lockout.ts';

const minuteMs = 60_000;
const settings = {
  failuresFree: 3,
  blockMs: minuteMs,
  blockMaxMs: 60 * minuteMs,
  halfLifeMs: 60 * minuteMs,
  keysMax: 100,
};
const at = 1_000_000_000;

describe('a lockout', () => {
  it('W15 lets a few fail, then blocks for ever longer, up to its longest', () => {
    const lockout = createLockout(settings);
    const blocks: number[] = [];
    let nowMs = at;
    for (let failure = 0; failure < 12; failure += 1) {
      blocks.push(lockout.fail('key', nowMs) / minuteMs);
      nowMs += lockout.blockedMs('key', nowMs);
    }
    expect(blocks).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(lockout.blockedMs('another', at)).toBe(0);
  });

  it('W15 forgets with time: half of it in a half-life, so that days later nothing is left', () => {
    const lockout = createLockout(settings);
    for (let failure = 0; failure < 6; failure += 1) lockout.fail('key', at);
    expect(lockout.blockedMs('key', at)).toBe(8 * minuteMs);
    expect(lockout.blockedMs('key', at + 8 * minuteMs)).toBe(0);
    // Six failures are less than one three half-lives later; with one more they are not yet three.
    expect(lockout.fail('key', at + 8 * minuteMs + 3 * settings.halfLifeMs)).toBe(0);
    const rested = createLockout(settings);
    for (let failure = 0; failure < 6; failure += 1) rested.fail('key', at);
    expect(rested.fail('key', at + 9 * minuteMs)).toBe(16 * minuteMs);
  });

  it('takes one back, and with it a block that it brought about', () => {
    const lockout = createLockout(settings);
    for (let failure = 0; failure < 3; failure += 1) lockout.fail('key', at);
    lockout.forgive('key');
    expect(lockout.blockedMs('key', at)).toBe(0);
    expect(lockout.fail('key', at)).toBe(minuteMs);
    lockout.clear('key');
    expect(lockout.fail('key', at)).toBe(0);
  });

  it('does not hold anybody by a clock that was set back', () => {
    const lockout = createLockout(settings);
    for (let failure = 0; failure < 9; failure += 1) lockout.fail('key', at + 24 * 60 * minuteMs);
    expect(lockout.blockedMs('key', at)).toBe(0);
  });

  it('stays small, whoever makes up keys', () => {
    const lockout = createLockout(settings);
    for (let key = 0; key < 1_000; key += 1) lockout.fail(`key-${key}`, at);
    for (let failure = 0; failure < 3; failure += 1) lockout.fail('key-999', at);
    expect(lockout.blockedMs('key-999', at)).toBeGreaterThan(0);
  });
});

describe('experiment 25', () => {
  it('one address in many spellings, and one name in many, are one target', () => {
    const spellings = [
      'anna@example.com',
      ' Anna@Example.COM ',
      'ａｎｎａ@example.com',
      'anna\u200b@example.com',
      'anna@exa\u00admple.com',
    ];
    expect(new Set(spellings.map(plainTarget))).toEqual(new Set(['anna@example.com']));
    expect(plainTarget('anne@example.com')).not.toBe(plainTarget('anna@example.com'));
  });

  it('addresses of one block are one network, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 }), fc.nat(255), (groups, last) => {
        const tail = groups.map((group) => group.toString(16)).join(':');
        expect(networkOf(`2001:db8:7:8:${tail}`, { ipv4: 24, ipv6: 64 })).toBe('20010db800070008');
        expect(networkOf(`2001:db8:7:${last.toString(16)}:${tail}`, { ipv4: 24, ipv6: 56 })).toBe('20010db8000700');
        expect(networkOf(`198.51.100.${last}`, { ipv4: 24, ipv6: 64 })).toBe('198.51.100');
      }),
    );
  });

  it('what a caller writes before our proxies changes nothing, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 6 }), (forged) => {
        const forwardedFor = [...forged.map((text) => text.replaceAll(/[\r\n]/g, '')), '203.0.113.9'].join(', ');
        expect(clientAddress({ remoteAddress: '10.0.0.1', forwardedFor, trustedHops: 1 })).toBe('203.0.113.9');
        expect(clientAddress({ remoteAddress: '203.0.113.9', forwardedFor, trustedHops: 0 })).toBe('203.0.113.9');
      }),
    );
  });
});
