import { describe, expect, it } from 'vitest';

import { isWithinNetworks, readNetwork } from '#app/lib/networks.ts';

describe('a network', () => {
  it('W13 is written in one way, and what is none or everything is refused', () => {
    expect(readNetwork(' 203.0.113.7 ')).toBe('203.0.113.7/32');
    expect(readNetwork('2001:DB8::/48')).toBe('2001:db8::/48');
    expect(readNetwork('2001:db8::1')).toBe('2001:db8::1/128');
    for (const text of [
      '',
      '0.0.0.0/0',
      '::/0',
      '203.0.113.0/33',
      '203.0.113/24',
      '203.0.113.0/-1',
      '203.0.113.0/24/8',
      '::1/129',
      'localhost',
      '010.0.0.1',
    ])
      expect([text, readNetwork(text)]).toEqual([text, null]);
  });

  it.each([
    ['203.0.113.255', ['203.0.113.0/24'], true],
    ['203.0.114.0', ['203.0.113.0/24'], false],
    ['203.0.113.7', ['203.0.113.7/32'], true],
    ['2001:db8:7::1', ['203.0.113.0/24', '2001:db8:7::/48'], true],
    ['2001:db8:8::1', ['2001:db8:7::/48'], false],
    ['2001:0db8:0007:0000:0000:0000:0000:0001', ['2001:db8:7::/48'], true],
    // IPv4 in IPv6 clothes, either way of writing it.
    ['::ffff:cb00:7107', ['203.0.113.0/24'], true],
    ['', ['203.0.113.0/24'], false],
    ['203.0.113.1, 10.0.0.1', ['203.0.113.0/24'], false],
    ['203.0.113.1', [], false],
  ])('W13 %s within %j: %s', (address, networks, isWithin) => {
    expect(isWithinNetworks(address, networks)).toBe(isWithin);
  });
});
