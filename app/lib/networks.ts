/** Networks in CIDR notation, of both families: which ones a caller may come from. */
import { BlockList, isIP, isIPv4 } from 'node:net';

const bitsOf = { ipv4: 32, ipv6: 128 } as const;

type Network = { address: string; bits: number; family: 'ipv4' | 'ipv6' };

function parseNetwork(text: string): Network | null {
  const [address = '', bitsText, more] = text.trim().split('/');
  if (more !== undefined || isIP(address) === 0) return null;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText)) return null;
  const bits = bitsText === undefined ? bitsOf[family] : Number(bitsText);
  return bits > bitsOf[family] ? null : { address: address.toLowerCase(), bits, family };
}

/** A network as we keep it ("203.0.113.7" becomes "203.0.113.7/32"), or null for what is none, or is everything. */
export function readNetwork(text: string): string | null {
  const network = parseNetwork(text);
  // A list that lets everybody in only looks like one.
  return network === null || network.bits === 0 ? null : `${network.address}/${network.bits}`;
}

/** Whether an address lies in one of these networks. An address nobody knows lies in none. */
export function isWithinNetworks(address: string, networks: readonly string[]): boolean {
  if (isIP(address) === 0) return false;
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network !== null) list.addSubnet(network.address, network.bits, network.family);
  }
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
