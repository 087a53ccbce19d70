/** Who is calling, as far as the network tells, and how much of an address stands for one household or one company. */
import { isIP, isIPv6 } from 'node:net';

export type CallPath = {
  /** The other end of the connection. */
  remoteAddress: string | undefined;
  /** The X-Forwarded-For header as it came, or undefined. */
  forwardedFor: string | undefined;
  /** How many proxies in front of us are ours; each has added one address at the end. */
  trustedHops: number;
};

/**
 * The caller's address: the one our outermost proxy saw. Whatever a caller wrote into the header themselves stands further
 * left and is never looked at. What is no address is answered as an empty text.
 */
export function clientAddress({ remoteAddress, forwardedFor, trustedHops }: CallPath): string {
  const forwarded = (forwardedFor ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const path = [...forwarded, remoteAddress ?? ''];
  return plainAddress(path.at(-1 - trustedHops) ?? path[0] ?? '');
}

/** Without port, brackets and zone; an IPv4 address in IPv6 clothes as IPv4. Empty when it is none. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? '' : address;
}

/**
 * The network an address belongs to: its first bits, as a text. One IPv6 customer has at least 64 bits' worth of addresses,
 * so single ones mean nothing.
 */
export function networkOf(address: string, bits: { ipv4: 24 | 32; ipv6: 56 | 64 }): string {
  if (!isIPv6(address))
    return address
      .split('.')
      .slice(0, bits.ipv4 / 8)
      .join('.');
  const [head = '', tail] = address.split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const hex = [...left, ...Array<string>(zeros).fill('0000'), ...right].join('');
  return hex.slice(0, bits.ipv6 / 4);
}

function groupsOf(text: string): string[] {
  return text
    .split(':')
    .filter((group) => group !== '')
    .map((group) => group.toLowerCase().padStart(4, '0'));
}
