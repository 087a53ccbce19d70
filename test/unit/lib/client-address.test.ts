import { describe, expect, it } from 'vitest';

import { clientAddress, networkOf } from '#app/lib/client-address.ts';

const from = (forwardedFor: string | undefined, trustedHops: number, remoteAddress: string | undefined = '10.0.0.9') =>
  clientAddress({ forwardedFor, trustedHops, remoteAddress });

describe('the caller’s address', () => {
  it('is the other end of the connection while no proxy is ours, whatever the header says', () => {
    expect(from(undefined, 0)).toBe('10.0.0.9');
    expect(from('198.51.100.7', 0)).toBe('10.0.0.9');
    expect(from('198.51.100.7, 203.0.113.4', 0)).toBe('10.0.0.9');
  });

  it('is what our outermost proxy saw, and no invented list in front of it helps', () => {
    expect(from('203.0.113.4', 1)).toBe('203.0.113.4');
    for (let invented = 1; invented < 20; invented += 1) {
      const list = Array.from({ length: invented }, (_, index) => `198.51.100.${index}`).join(',');
      expect(from(`${list}, 203.0.113.4`, 1)).toBe('203.0.113.4');
      expect(from(`${list},203.0.113.4 ,10.0.0.1`, 2)).toBe('203.0.113.4');
    }
  });

  it('is the nearest one known when a proxy added nothing', () => {
    expect(from(undefined, 2)).toBe('10.0.0.9');
    expect(from('203.0.113.4', 2)).toBe('203.0.113.4');
    expect(from(' , ', 1)).toBe('10.0.0.9');
  });

  it.each([
    ['203.0.113.4:51234', '203.0.113.4'],
    ['::ffff:203.0.113.4', '203.0.113.4'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', ''],
    ['203.0.113', ''],
    ['<script>', ''],
  ])('of %s is read as %j', (written, address) => {
    expect(from(written, 1)).toBe(address);
  });

  it('is empty when the connection has none any more', () => {
    expect(clientAddress({ remoteAddress: undefined, forwardedFor: undefined, trustedHops: 0 })).toBe('');
  });
});

describe('a network', () => {
  const one = { ipv4: 32, ipv6: 64 } as const;
  const wide = { ipv4: 24, ipv6: 56 } as const;

  it('of IPv4 is the address itself or its first three numbers', () => {
    expect(networkOf('203.0.113.4', one)).toBe('203.0.113.4');
    expect(networkOf('203.0.113.4', wide)).toBe(networkOf('203.0.113.99', wide));
    expect(networkOf('203.0.113.4', wide)).not.toBe(networkOf('203.0.114.4', wide));
  });

  it('of IPv6 is the half that a customer cannot choose, however it is written', () => {
    const same = ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:0db8:0001:0002::', '2001:db8:1:2:3::'];
    expect(new Set(same.map((address) => networkOf(address, one)))).toEqual(new Set(['20010db800010002']));
    expect(networkOf('2001:db8:1:3::1', one)).toBe('20010db800010003');
    expect(networkOf('2001:db8:1:3::1', wide)).toBe('20010db8000100');
    expect(networkOf('::1', one)).toBe('0000000000000000');
    expect(networkOf('2001:db8::5', one)).toBe('20010db800000000');
  });
});
