import { describe, expect, it } from 'vitest';

import { isPublicAddress } from '#app/lib/public-address.ts';

describe('an address of the public web', () => {
  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('an address only we could reach', () => {
  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine by another number', '127.255.255.254'],
    ['no machine', '0.0.0.0'],
    ['a private network', '10.1.2.3'],
    ['a private network', '172.16.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a carrier’s network', '100.64.0.1'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['the metadata of a cloud', '100.100.100.200'],
    ['the metadata of a cloud', '168.63.129.16'],
    ['the metadata of a cloud', 'fd00:ec2::254'],
    ['a test network', '192.0.2.1'],
    ['a test network', '198.18.0.1'],
    ['many machines', '224.0.0.1'],
    ['all machines', '255.255.255.255'],
    ['nothing yet', '240.0.0.1'],
    ['this machine', '::1'],
    ['no machine', '::'],
    ['this machine, mapped', '::ffff:127.0.0.1'],
    ['this machine, mapped and in hex', '::ffff:7f00:1'],
    ['a public machine, mapped', '::ffff:8.8.8.8'],
    ['this machine, the old way', '::127.0.0.1'],
    ['a private network through NAT64', '64:ff9b::a00:1'],
    ['a private network through local NAT64', '64:ff9b:1::a00:1'],
    ['a private network through 6to4', '2002:a00:1::'],
    ['a private network through Teredo', '2001:0:a00:1::'],
    ['the same link', 'fe80::1'],
    ['the same link by name', 'fe80::1%eth0'],
    ['a unique local network', 'fc00::1'],
    ['documentation', '2001:db8::1'],
    ['many machines', 'ff02::1'],
    ['nothing', ''],
    ['a name', 'localhost'],
    ['a number', '2130706433'],
    ['digits in octal', '0177.0.0.1'],
  ])('is %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
