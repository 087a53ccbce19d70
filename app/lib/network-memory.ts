/**
 * From how many networks something was used today. Networks are kept in memory alone, as digests under a key that lives for
 * a day and nowhere else: neither an address nor where somebody was can be told from them.
 */
import { createHmac, randomBytes } from 'node:crypto';

import { networkOf } from '#app/lib/client-address.ts';

export type NetworkMemorySettings = {
  /** Past so many subjects the one seen longest ago is forgotten. */
  subjectsMax: number;
  /** More networks of one subject are not counted any more. */
  networksMax: number;
};

export type NetworkMemory = {
  /** How many networks there are by now when this one is new today, else null. */
  see: (subject: string, address: string, nowMs: number) => number | null;
};

const dayMs = 86_400_000;

/** An empty memory. */
export function createNetworkMemory({ subjectsMax, networksMax }: NetworkMemorySettings): NetworkMemory {
  let day = { number: -1, key: randomBytes(32) };
  const seen = new Map<string, Set<string>>();
  return {
    see: (subject, address, nowMs) => {
      const number = Math.floor(nowMs / dayMs);
      if (number !== day.number) {
        day = { number, key: randomBytes(32) };
        seen.clear();
      }
      if (address === '') return null;
      // A phone changes its address all the time, and its network seldom.
      const network = networkOf(address, { ipv4: 24, ipv6: 56 });
      const digest = createHmac('sha256', day.key)
        .update(`${subject}\u0000${network}`)
        .digest('base64url')
        .slice(0, 16);
      const networks = seen.get(subject) ?? new Set<string>();
      seen.delete(subject);
      seen.set(subject, networks);
      const [oldest] = seen.size > subjectsMax ? seen.keys() : [];
      if (oldest !== undefined) seen.delete(oldest);
      if (networks.has(digest) || networks.size >= networksMax) return null;
      networks.add(digest);
      return networks.size;
    },
  };
}
