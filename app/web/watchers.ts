/** What web processes notice by themselves, in memory, and tell the detectors in bundles. */
import { createHmac, randomBytes } from 'node:crypto';

import { noteMisses } from '#app/flows/security/note-misses.ts';
import { noteNetworks } from '#app/flows/security/note-networks.ts';
import { touchCanaryKey } from '#app/flows/security/touch-canary-key.ts';
import { networkOf } from '#app/lib/client-address.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { createNetworkMemory } from '#app/lib/network-memory.ts';

const subjectsMax = 50_000;
/** Two networks are a phone at home and on the road: nobody needs to hear of them. */
const networksOrdinary = 2;
const networks = createNetworkMemory({ subjectsMax, networksMax: 200 });

/** Notices from where a member's card page is opened. */
export async function watchNetwork(use: { shopId: ShopId; memberId: MemberId; address: string }): Promise<void> {
  const { shopId, memberId, address } = use;
  const count = networks.see(memberId, address, now().getTime());
  if (count !== null && count > networksOrdinary) await noteNetworks({ shopId, memberId, count });
}

/** Misses are told in bundles: one who guesses must not be able to fill our tables. */
const missBundle = 10;
const missLifeMs = 10 * 60_000;
const misses = new Map<string, { count: number; sinceMs: number }>();

/** Notices that somebody asked for what does not exist. */
export async function watchMiss({ shopId, subject }: { shopId: ShopId; subject: string }): Promise<void> {
  const key = `${shopId}/${subject}`;
  const nowMs = now().getTime();
  const known = misses.get(key);
  const count = (known === undefined || nowMs - known.sinceMs > missLifeMs ? 0 : known.count) + 1;
  const sinceMs = count === 1 || known === undefined ? nowMs : known.sinceMs;
  misses.delete(key);
  const [oldest] = misses.size >= subjectsMax ? misses.keys() : [];
  if (oldest !== undefined) misses.delete(oldest);
  if (count < missBundle) {
    misses.set(key, { count, sinceMs });
    return;
  }
  await noteMisses({ shopId, subject, count });
}

const blockedMs = 3_600_000;
const blockedMax = 10_000;
const saltLifeMs = 86_400_000;
let salt = { bytes: randomBytes(32), madeAtMs: Date.now() };
const blocked = new Map<string, number>();

function networkKey(address: string): string {
  if (Date.now() - salt.madeAtMs > saltLifeMs) {
    salt = { bytes: randomBytes(32), madeAtMs: Date.now() };
    blocked.clear();
  }
  return createHmac('sha256', salt.bytes)
    .update(networkOf(address, { ipv4: 32, ipv6: 64 }))
    .digest('base64');
}

/** Throws `Forbidden` for a network that touched a trap within the last hour, at this process. */
export function demandOpenNetwork(address: string): void {
  const until = blocked.get(networkKey(address));
  if (until === undefined || until <= now().getTime()) return;
  log.security('access refused', { code: 'network-blocked' });
  throw new Forbidden('network-blocked', 'A network that touched a trap called again', {
    publicMessage: 'Calls from your network are refused for now.',
  });
}

/** Whether the key that is tried is a trap; the network it is tried from is shut out then. */
export async function springTrap({ clientId, address }: { clientId: string; address: string }): Promise<boolean> {
  if (!(await touchCanaryKey(clientId))) return false;
  if (blocked.size >= blockedMax) blocked.clear();
  blocked.set(networkKey(address), now().getTime() + blockedMs);
  return true;
}
